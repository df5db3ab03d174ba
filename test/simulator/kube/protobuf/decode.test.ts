import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeProtobuf } from '../../../../src/simulator/kube/protobuf/decode.ts';
import * as core from '../../../../src/simulator/kube/schema/core.ts';
import * as networking from '../../../../src/simulator/kube/schema/networking.ts';
import type { ObjectSchema } from '../../../../src/simulator/kube/schema/schema.ts';

/** One field of a protobuf message: a varint, a text, or a message. */
function field(number: number, value: number | string | readonly Buffer[]): Buffer {
  if (typeof value === 'number') return Buffer.concat([varint(number << 3), varint(value)]);
  const bytes = typeof value === 'string' ? Buffer.from(value) : Buffer.concat([...value]);
  return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Buffer.from([...bytes, Number(rest)]);
}

function envelope(apiVersion: string, kind: string, object: readonly Buffer[]): Buffer {
  const meta = field(1, [field(1, apiVersion), field(2, kind)]);
  return Buffer.concat([Buffer.from('k8s\0'), meta, field(2, object)]);
}

const schemas: Readonly<Record<string, ObjectSchema>> = {
  Ingress: networking.ingress,
  Service: core.service,
  Lease: core.lease,
  Secret: core.secret,
};

function read(body: Buffer): unknown {
  return decodeProtobuf(body, (_apiVersion, kind) => schemas[kind]);
}

test('an Ingress, with its hidden message and what stands for "not set"', () => {
  const port = field(2, [field(1, ''), field(2, 80)]);
  const backend = field(2, [field(4, [field(1, 'front'), port])]);
  const path = field(1, [field(1, '/a'), backend, field(3, 'Prefix')]);
  const rule = field(3, [field(1, 'a.example.com'), field(2, [field(1, [path])])]);
  const created = field(8, [field(1, -62135596800)]);
  const labels = field(11, [field(1, 'a'), field(2, 'b')]);
  const metadata = field(1, [field(1, 'site'), field(2, ''), field(7, 0), created, labels]);
  assert.deepEqual(read(envelope('networking.k8s.io/v1', 'Ingress', [metadata, field(2, [rule])])), {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'site', labels: { a: 'b' } },
    spec: {
      rules: [
        {
          host: 'a.example.com',
          http: {
            paths: [
              {
                path: '/a',
                pathType: 'Prefix',
                backend: { service: { name: 'front', port: { number: 80 } } },
              },
            ],
          },
        },
      ],
    },
  });
});

test('numbers or names of ports, micro times, pointers to zero and bytes', () => {
  const byName = field(1, [field(3, 80), field(4, [field(1, 1), field(2, 0), field(3, 'web')])]);
  const byNumber = field(1, [field(3, 81), field(4, [field(1, 0), field(2, 8080), field(3, '')])]);
  const service = read(envelope('v1', 'Service', [field(2, [byName, byNumber, field(20, 0)])]));
  assert.deepEqual(service, {
    apiVersion: 'v1',
    kind: 'Service',
    spec: {
      ports: [
        { port: 80, targetPort: 'web' },
        { port: 81, targetPort: 8080 },
      ],
      allocateLoadBalancerNodePorts: false,
    },
  });
  const renewed = field(4, [field(1, 1_767_225_600), field(2, 123_456_000)]);
  const lease = read(envelope('coordination.k8s.io/v1', 'Lease', [field(2, [renewed, field(5, 0)])]));
  assert.deepEqual((lease as { spec: unknown }).spec, {
    renewTime: '2026-01-01T00:00:00.123456Z',
    leaseTransitions: 0,
  });
  const secret = read(envelope('v1', 'Secret', [field(2, [field(1, 'k'), field(2, 'value')])]));
  assert.deepEqual((secret as { data: unknown }).data, { k: 'dmFsdWU=' });
});

test('what is no protobuf, breaks off, or is of an unknown kind is refused with 400', () => {
  const whole = envelope('v1', 'Secret', [field(3, 'Opaque')]);
  assert.throws(() => read(Buffer.from('{}')), { code: 400 });
  assert.throws(() => read(whole.subarray(0, -2)), { code: 400 });
  assert.throws(() => read(envelope('v1', 'Widget', [])), { code: 400 });
});
