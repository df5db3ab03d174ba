import type { Clock } from '../lib/clock.ts';
import { Field } from './decode/field.ts';
import { KubeError } from './kube-error.ts';
import type { KubeLog } from './kube-log.ts';
import type { KubeTransport } from './transport.ts';

/** As every Kubernetes controller has them: others may take over after 15 s, we give up after 10 s, and try every 2 s. */
const leaseDurationMs = 15_000;
const renewDeadlineMs = 10_000;
const retryPeriodMs = 2_000;

export type LeaderOptions = {
  readonly transport: KubeTransport;
  readonly clock: Clock;
  readonly log: KubeLog;
  readonly namespace: string;
  readonly name: string;
  /** Unique for each process: the Pod's name and something random. */
  readonly identity: string;
  /** Milliseconds that never jump; a set wall clock must not prolong a lease. Default: `performance.now`. */
  readonly monotonic?: () => number;
  /** Ends it all in order: work is told to stop, the lease is kept until it has, then given back. */
  readonly signal: AbortSignal;
  /** The leader's work, from the moment the lease is ours. `leading` is aborted when it must stop. */
  readonly work: (leading: AbortSignal) => Promise<void>;
  /** Called when the lease could not be renewed in time, just before `leading` is aborted. */
  readonly onLost?: () => void;
};

/** The lease was lost while working. The process should exit: another one may already be at work. */
export class LeadershipLostError extends Error {
  constructor(lease: string) {
    super(`lost the Lease ${lease}: it could not be renewed for ${renewDeadlineMs / 1000} s`);
    this.name = 'LeadershipLostError';
  }
}

/**
 * Waits for the Lease, then runs `work` as the only one who does, renewing all the while.
 *
 * Resolves when the work has ended by itself or after the signal, with the lease given back. Rejects with the work's
 * error, or with LeadershipLostError once the work has stopped after a loss.
 */
export async function runAsLeader(options: LeaderOptions): Promise<void> {
  const { clock, log, signal, name, namespace } = options;
  const election = new Election(options);
  while (!(await election.attempt(signal))) {
    await clock.sleep(retryPeriodMs, { signal }).catch(() => undefined);
    if (signal.aborted) return;
  }
  log.info({ lease: `${namespace}/${name}` }, 'leading');
  const leading = new AbortController();
  const stop = (): void => leading.abort(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  const worked = new AbortController();
  const renewing = election.keep(worked.signal, () => {
    options.onLost?.();
    leading.abort(new LeadershipLostError(`${namespace}/${name}`));
  });
  try {
    await options.work(leading.signal);
  } finally {
    signal.removeEventListener('abort', stop);
    worked.abort();
    await renewing;
  }
  if (leading.signal.reason instanceof LeadershipLostError) throw leading.signal.reason;
  await election.release();
}

/** Who holds a Lease now, by what it says itself; undefined: nobody. Rejects when it cannot be read. */
export async function leaseHolder(
  options: Pick<LeaderOptions, 'transport' | 'clock' | 'namespace' | 'name'>,
  { signal }: { readonly signal: AbortSignal },
): Promise<string | undefined> {
  const lease = await readLease(options, signal);
  if (lease === undefined || holderOf(lease) === '') return undefined;
  const spec = lease.at('spec');
  const seconds = spec.at('leaseDurationSeconds').optionalInteger() ?? leaseDurationMs / 1000;
  const until = Date.parse(spec.at('renewTime').textOr('')) + seconds * 1000;
  return until > options.clock.now() ? holderOf(lease) : undefined;
}

async function readLease(
  { transport, namespace, name }: Pick<LeaderOptions, 'transport' | 'namespace' | 'name'>,
  signal: AbortSignal,
): Promise<Lease | undefined> {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/${name}`;
  const operation = `read Lease ${namespace}/${name}`;
  try {
    return new Field(await transport.call({ method: 'GET', path, operation, signal }));
  } catch (error) {
    if (error instanceof KubeError && error.kind === 'notFound') return undefined;
    throw error;
  }
}

/** A Lease as we last saw it, and when that was by our own clock: others' clocks are not trusted. */
type Seen = { readonly raw: string; readonly at: number };

class Election {
  readonly #options: LeaderOptions;
  readonly #now: () => number;
  readonly #path: string;
  #seen: Seen | undefined;
  #renewedAt = Number.NEGATIVE_INFINITY;
  #holder: string | undefined;

  constructor(options: LeaderOptions) {
    this.#options = options;
    this.#now = options.monotonic ?? (() => performance.now());
    this.#path = `/apis/coordination.k8s.io/v1/namespaces/${options.namespace}/leases`;
  }

  /** Tries once to take or renew the Lease. Whatever goes wrong means that it is not ours; it never rejects. */
  async attempt(signal: AbortSignal): Promise<boolean> {
    // Renewal counts from before the request: the server may have got it long before we hear of it.
    const startedAt = this.#now();
    try {
      const taken = await this.#take(signal);
      if (taken) this.#renewedAt = startedAt;
      return taken;
    } catch (error) {
      const lost = error instanceof KubeError && error.kind === 'conflict';
      if (!lost && !signal.aborted) {
        this.#options.log.warn(
          { lease: this.#options.name },
          error instanceof Error ? error.message : String(error),
        );
      }
      return false;
    }
  }

  /** Renews until `until` is aborted; calls `onLost` once when that failed for too long, and returns. */
  async keep(until: AbortSignal, onLost: () => void): Promise<void> {
    const { clock } = this.#options;
    while (!until.aborted) {
      await clock.sleep(retryPeriodMs, { signal: until }).catch(() => undefined);
      if (until.aborted) return;
      await this.#beforeDeadline((signal) => this.attempt(signal), until);
      if (!until.aborted && this.#now() - this.#renewedAt >= renewDeadlineMs) {
        onLost();
        return;
      }
    }
  }

  /** Gives the Lease back, so that another need not wait for it to expire. Best effort. */
  async release(): Promise<void> {
    try {
      const signal = AbortSignal.timeout(renewDeadlineMs);
      const lease = await readLease(this.#options, signal);
      if (lease === undefined || holderOf(lease) !== this.#options.identity) return;
      await this.#put(lease, { ...this.#record(lease), holderIdentity: '', leaseDurationSeconds: 1 }, signal);
    } catch (error) {
      this.#options.log.warn(
        {},
        `the Lease was not given back: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  async #beforeDeadline(work: (signal: AbortSignal) => Promise<unknown>, until: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const request = new AbortController();
    const done = new AbortController();
    const stop = (): void => request.abort(until.reason);
    until.addEventListener('abort', stop, { once: true });
    const left = Math.max(0, this.#renewedAt + renewDeadlineMs - this.#now());
    const timer = clock.sleep(left, { signal: done.signal }).then(
      () => request.abort(new Error('too late')),
      () => undefined,
    );
    await work(request.signal);
    done.abort();
    until.removeEventListener('abort', stop);
    await timer;
  }

  async #take(signal: AbortSignal): Promise<boolean> {
    const lease = await readLease(this.#options, signal);
    if (lease === undefined) {
      await this.#create(signal);
      return true;
    }
    const holder = holderOf(lease);
    if (holder !== '' && holder !== this.#options.identity && !this.#expired(lease)) {
      if (holder !== this.#holder) this.#options.log.info({ holder }, 'another process leads; waiting');
      this.#holder = holder;
      return false;
    }
    await this.#put(lease, this.#record(lease), signal);
    return true;
  }

  #expired(lease: Lease): boolean {
    const raw = JSON.stringify([holderOf(lease), lease.at('spec').at('renewTime').textOr('')]);
    if (this.#seen?.raw !== raw) this.#seen = { raw, at: this.#now() };
    const seconds = lease.at('spec').at('leaseDurationSeconds').optionalInteger();
    return this.#now() - this.#seen.at >= (seconds ?? leaseDurationMs / 1000) * 1000;
  }

  async #create(signal: AbortSignal): Promise<void> {
    const { transport, name, namespace } = this.#options;
    const body = { ...leaseObject(name, namespace), spec: this.#record(undefined) };
    const operation = `create Lease ${namespace}/${name}`;
    await transport.call({ method: 'POST', path: this.#path, body, operation, signal });
  }

  async #put(lease: Lease, spec: LeaseSpec, signal: AbortSignal): Promise<void> {
    const { transport, name, namespace } = this.#options;
    const { metadata } = leaseObject(name, namespace);
    const resourceVersion = lease.at('metadata').at('resourceVersion').textOr('');
    const body = { ...leaseObject(name, namespace), metadata: { ...metadata, resourceVersion }, spec };
    const operation = `renew Lease ${namespace}/${name}`;
    await transport.call({ method: 'PUT', path: `${this.#path}/${name}`, body, operation, signal });
  }

  #record(lease: Lease | undefined): LeaseSpec {
    const now = microTime(this.#options.clock.now());
    const before = lease?.at('spec');
    const ours = lease !== undefined && holderOf(lease) === this.#options.identity;
    const transitions = before?.at('leaseTransitions').optionalInteger() ?? 0;
    return {
      holderIdentity: this.#options.identity,
      leaseDurationSeconds: leaseDurationMs / 1000,
      acquireTime: ours ? (before?.at('acquireTime').optionalText() ?? now) : now,
      renewTime: now,
      leaseTransitions: ours || lease === undefined ? transitions : transitions + 1,
    };
  }
}

type Lease = Field;
type LeaseSpec = {
  readonly holderIdentity: string;
  readonly leaseDurationSeconds: number;
  readonly acquireTime: string;
  readonly renewTime: string;
  readonly leaseTransitions: number;
};

function leaseObject(name: string, namespace: string) {
  return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name, namespace } };
}

function holderOf(lease: Lease): string {
  return lease.at('spec').at('holderIdentity').textOr('');
}

/** metav1.MicroTime has exactly six digits. */
function microTime(ms: number): string {
  return new Date(ms).toISOString().replace(/(\.\d{3})Z$/, '$1000Z');
}
