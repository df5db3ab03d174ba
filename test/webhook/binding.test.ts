import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TargetGroupFact } from '../../src/core/domain/facts.ts';
import type { TargetGroupArn } from '../../src/core/domain/ids.ts';
import type { Verdict } from '../../src/webhook/admission.ts';
import {
  type BindingSpec,
  readBinding,
  type TargetGroupAnswer,
  type WrittenBinding,
} from '../../src/webhook/binding.ts';
import { completeBinding } from '../../src/webhook/complete-binding.ts';
import { judgeChange, judgeNew } from '../../src/webhook/judge-binding.ts';

const arn = 'arn:aws:elasticloadbalancing:us-west-2:123456789012:targetgroup/one/0123456789abcdef';
const vpcID = 'vpc-0123456789abcdef0';
const other = 'vpc-0fedcba9876543210';
const aws: TargetGroupFact = {
  arn: arn as TargetGroupArn,
  name: 'one',
  targetType: 'ip',
  protocol: 'HTTP',
  ipAddressType: 'ipv4',
  vpcId: vpcID,
};
const found = (change: Partial<TargetGroupFact> = {}): TargetGroupAnswer => ({
  kind: 'found',
  targetGroup: { ...aws, ...change },
});
const none: TargetGroupAnswer = { kind: 'none', words: 'TargetGroupNotFound' };
const away: TargetGroupAnswer = { kind: 'unknown', why: 'throttled' };

function binding(spec: object, name = 'one'): WrittenBinding {
  const read = readBinding({ metadata: { name, namespace: 'web', uid: `uid-${name}` }, spec });
  assert.ok(read);
  return read;
}
const words = (verdict: Verdict): string => (verdict.allowed ? 'allowed' : verdict.words);
const complete = (spec: object, answer = found()) => completeBinding(binding(spec), async () => answer);
const full = { targetGroupARN: arn, targetType: 'ip', ipAddressType: 'ipv4', vpcID };

test('TGB-03: what a new binding leaves out comes from its target group, and a name becomes an ARN', async () => {
  const patchOf = async (spec: object) => {
    const verdict = await complete(spec);
    const patch = verdict.allowed ? (verdict.patch ?? []) : assert.fail(verdict.words);
    return Object.fromEntries(patch.map(({ path, value }) => [path.replace('/spec/', ''), value]));
  };
  const inferred = { targetType: 'ip', ipAddressType: 'ipv4', vpcID, targetGroupProtocol: 'HTTP' };
  assert.deepEqual(await patchOf({ targetGroupName: 'one' }), { targetGroupARN: arn, ...inferred });
  assert.deepEqual(await patchOf({ targetGroupARN: arn, targetGroupName: 'other' }), inferred);
  assert.deepEqual(await patchOf({ ...full, targetGroupProtocol: '' }), { targetGroupProtocol: 'HTTP' });
});

test('TGB-03: AWS is not asked about a binding that says everything', async () => {
  const ask = () => Promise.reject(new Error('asked'));
  assert.deepEqual(await completeBinding(binding({ ...full, targetGroupProtocol: 'HTTP' }), ask), {
    allowed: true,
  });
});

test('TGB-03: refusals of the mutating webhook', async () => {
  assert.equal(words(await complete({})), 'must provide either TargetGroupARN or TargetGroupName');
  assert.equal(words(await complete({ targetGroupName: 'gone' }, none)), none.words);
  const missing = { targetGroupARN: arn };
  assert.equal(words(await complete(missing, none)), `couldn't determine TargetType: ${none.words}`);
  const table: readonly (readonly [object, string])[] = [
    [{ ...missing, targetType: 'ip' }, 'unable to get target group IP address type: '],
    [{ ...missing, targetType: 'ip', ipAddressType: 'ipv4' }, 'unable to get target group VpcID: '],
    [full, "couldn't determine TargetGroup protocol: "],
  ];
  for (const [spec, prefix] of table)
    assert.equal(words(await complete(spec, none)), `${prefix}${none.words}`);
  assert.equal(
    words(await complete(missing, found({ targetType: 'lambda' }))),
    'unsupported TargetType: lambda',
  );
});

test('TGB-03: while AWS cannot be asked nothing is filled in and nothing refused', async () => {
  const verdict = await complete({ targetGroupARN: arn }, away);
  assert.ok(verdict.allowed);
  assert.equal(verdict.patch, undefined);
  assert.match(verdict.warnings?.[0] ?? '', /could not be looked up.*throttled/);
});

const judge = (spec: object, answer = found(), bindings: readonly WrittenBinding[] = []) =>
  judgeNew(binding(spec), { bindings, vpcId: vpcID }, async () => answer);

test('TGB-04: refusals of a new binding', async () => {
  assert.equal(words(await judge({ ...full, targetGroupProtocol: 'HTTP' })), 'allowed');
  const quic = found({ protocol: 'QUIC', targetType: 'instance' });
  const role = { iamRoleArnToAssume: 'arn:aws:iam::1:role/x' };
  const table: readonly (readonly [object, TargetGroupAnswer, string])[] = [
    [
      {},
      none,
      'TargetGroupBinding must specify these fields: either TargetGroupARN or TargetGroupName,spec.targetType',
    ],
    [{ ...full, targetType: '' }, none, 'TargetGroupBinding must specify these fields: spec.targetType'],
    [{ ...full, nodeSelector: {} }, none, 'TargetGroupBinding cannot set NodeSelector when TargetType is ip'],
    [full, none, `unable to get target group IP address type: ${none.words}`],
    [full, found({ ipAddressType: 'ipv6' }), `invalid IP address type ipv6 for TargetGroup ${arn}`],
    [
      { ...full, ipAddressType: '' },
      found({ ipAddressType: 'ipv6' }),
      `invalid IP address type ipv6 for TargetGroup ${arn}`,
    ],
    [
      { ...full, vpcID: 'vpc-1' },
      found(),
      "ValidationError: vpcID vpc-1 failed to satisfy constraint: VPC Id must begin with 'vpc-' followed by 8, 17 or 32 lowercase letters (a-f) or numbers.",
    ],
    [{ ...full, vpcID: other }, found(), `invalid VpcID ${other} doesnt match VpcID from TargetGroup ${arn}`],
    [
      { ...full, ...role, targetType: 'instance' },
      found({ targetType: 'instance' }),
      'Unable to use instance target type while using assume role',
    ],
    [
      { ...full, targetGroupProtocol: 'TCP' },
      found(),
      `TargetGroup ${arn} protocol differs (got TCP, expected HTTP)`,
    ],
    [
      { ...full, targetType: 'instance', targetGroupProtocol: 'QUIC' },
      quic,
      'QUIC protocol is not supported for Instance target types.',
    ],
  ];
  for (const [spec, answer, expected] of table) assert.equal(words(await judge(spec, answer)), expected);
  assert.equal(words(await judge({ ...full, vpcID: other }, away)), 'allowed');
});

test('TGB-04: a target group has one binding, unless all of its bindings share it', async () => {
  const shared = { multiClusterTargetGroup: true };
  const bound = (...specs: readonly object[]) =>
    specs.map((spec, i) => binding({ targetGroupARN: arn, ...spec }, `b${i}`));
  const taken = (names: string) =>
    `TargetGroup ${arn} is already bound to following TargetGroupBindings [${names}]. Please enable MultiCluster mode on all TargetGroupBindings referencing ${arn} or choose a different Target Group ARN.`;
  assert.equal(words(await judge(full, found(), bound({}, {}))), taken('web/b0 web/b1'));
  assert.equal(words(await judge({ ...full, ...shared }, found(), bound({}))), taken('web/b0'));
  assert.equal(words(await judge(full, found(), bound(shared))), taken('web/b0'));
  assert.equal(words(await judge({ ...full, ...shared }, found(), bound(shared, shared))), 'allowed');
  assert.equal(words(await judge(full, found(), [binding(full)])), 'allowed');
  const elsewhere = [binding({ targetGroupARN: `${arn}0` }, 'b')];
  assert.equal(words(await judge(full, found(), elsewhere)), 'allowed');
});

const change = (before: Partial<Record<keyof BindingSpec, unknown>>, after: object) =>
  words(judgeChange(binding(after), binding(before).spec, { bindings: [], vpcId: vpcID }));
const fixed = (fields: string) =>
  `TargetGroupBinding update may not change these immutable fields: ${fields}`;

test('TGB-04: what a binding may not change', () => {
  const node = { ...full, targetType: 'instance' };
  assert.equal(change(full, { ...full, targetGroupARN: `${arn}0` }), fixed('spec.targetGroupARN'));
  assert.equal(change(full, node), fixed('spec.targetType'));
  assert.equal(change(full, { ...full, ipAddressType: 'ipv6' }), fixed('spec.ipAddressType'));
  assert.equal(change(full, { ...full, ipAddressType: undefined }), fixed('spec.ipAddressType'));
  assert.equal(change({ ...full, ipAddressType: undefined }, full), 'allowed');
  assert.equal(change(full, { ...full, vpcID: other }), fixed('spec.vpcID'));
  assert.equal(change(full, { ...full, vpcID: undefined }), fixed('spec.vpcID'));
  assert.equal(change({ ...full, vpcID: undefined }, full), 'allowed');
  assert.equal(change({ ...full, vpcID: undefined }, { ...full, vpcID: other }), fixed('spec.vpcID'));
  const all = { targetGroupARN: `${arn}0`, targetType: 'instance', ipAddressType: 'ipv6', vpcID: other };
  assert.equal(change(full, all), fixed('spec.targetGroupARN,spec.targetType,spec.ipAddressType,spec.vpcID'));
  assert.equal(change(node, { ...node, nodeSelector: { matchLabels: { a: 'b' } } }), 'allowed');
  assert.equal(
    change(full, { ...full, nodeSelector: {} }),
    'TargetGroupBinding cannot set NodeSelector when TargetType is ip',
  );
});

test('TGB-04: a binding whose spec is as it was is never refused: finalizers must come and go', () => {
  assert.equal(change({ targetGroupARN: arn }, { targetGroupARN: arn }), 'allowed');
});

test('TGB-04: what is no binding is left to the schema', () => {
  for (const object of [undefined, {}, { metadata: {}, spec: { targetGroupARN: 1 } }])
    assert.equal(readBinding(object), undefined);
});
