// Keeps what a process leaves to the next one in a ConfigMap, from its end to the next one's beginning. It is taken away when
// it is read, so that nobody ever finds it who is not the next one: a process that is killed leaves nothing.

import { deserialize, serialize } from 'node:v8';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import type { Clock } from '../lib/clock.ts';
import { Field } from './decode/field.ts';
import { KubeError } from './kube-error.ts';
import type { KubeLog } from './kube-log.ts';
import type { KubeTransport } from './transport.ts';

const name = 'albatross-bequest';
const object = `ConfigMap ${name}`;
/** Of a ConfigMap: 1 MiB for all of its data. */
const mostBytes = 1000 * 1024;
/** The end of a process is short. */
const leaveMs = 3000;
const takeMs = 5000;

export type BequestContext = {
  readonly transport: KubeTransport;
  readonly namespace: string;
  readonly clock: Clock;
  readonly log: KubeLog;
  /** Whose it is: another cluster, VPC or version of the program has no use for it. */
  readonly of: string;
  /** What is older says too little about AWS. */
  readonly maxAgeMs: number;
};

export type BequestStore = {
  /** Writes it down. What cannot be written is not: the next process reads AWS, as it does after a crash. */
  readonly leave: (value: unknown) => Promise<void>;
  /** What the last process left, which nobody finds again; undefined where it is of no use. */
  readonly take: () => Promise<unknown>;
};

export function bequestStore(context: BequestContext): BequestStore {
  const { log } = context;
  return {
    leave: async (value) => {
      try {
        const bytes = packed(value, context);
        if (bytes.length <= mostBytes) await store(bytes, context);
        else log.info({ object, count: bytes.length }, 'What is known of AWS is too large to leave it');
      } catch (error) {
        log.info({ object, err: error }, 'Could not leave what is known of AWS');
      }
    },
    take: async () => {
      try {
        return unpacked(await taken(context), context);
      } catch (error) {
        if (error instanceof KubeError && error.kind === 'notFound') return undefined;
        log.info({ object, err: error }, 'Could not take what another process left');
        return undefined;
      }
    },
  };
}

/** Not JSON: it matters whether something is undefined or absent. */
function packed(value: unknown, { of, clock }: BequestContext): Buffer {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 4 };
  return brotliCompressSync(serialize({ of, at: clock.now(), value }), { params });
}

function unpacked(bytes: Buffer, { of, clock, maxAgeMs }: BequestContext): unknown {
  const left = deserialize(brotliDecompressSync(bytes)) as { of: string; at: number; value: unknown };
  const ageMs = clock.now() - left.at;
  return left.of === of && ageMs >= 0 && ageMs <= maxAgeMs ? left.value : undefined;
}

async function store(bytes: Buffer, context: BequestContext): Promise<void> {
  const metadata = { name, namespace: context.namespace, labels: { 'app.kubernetes.io/name': 'albatross' } };
  const binaryData = { state: bytes.toString('base64') };
  try {
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata, binaryData };
    await call('POST', { ...context, body }, leaveMs);
  } catch (error) {
    // One that could not be taken away must not be found in its place.
    if (!(error instanceof KubeError) || error.kind !== 'conflict') throw error;
    await call('PATCH', { ...context, body: { binaryData } }, leaveMs);
  }
}

async function taken(context: BequestContext): Promise<Buffer> {
  const found = new Field(await call('GET', context, takeMs));
  const uid = found.at('metadata').at('uid').text();
  await call('DELETE', { ...context, body: { preconditions: { uid } } }, takeMs);
  return Buffer.from(found.at('binaryData').at('state').text(), 'base64');
}

function call(
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  { transport, namespace, body }: BequestContext & { readonly body?: object },
  ms: number,
): Promise<unknown> {
  const folder = `/api/v1/namespaces/${namespace}/configmaps`;
  return transport.call({
    method,
    path: method === 'POST' ? folder : `${folder}/${name}`,
    ...(body === undefined ? {} : { body }),
    ...(method === 'PATCH' ? { contentType: 'application/merge-patch+json' } : {}),
    operation: `${method} ConfigMap ${name}`,
    signal: AbortSignal.timeout(ms),
  });
}
