import type { ClientSecret } from '../core/domain/client-secret.ts';
import type { ClusterKind, ClusterObject } from '../core/domain/cluster.ts';
import type { NamespacedName } from '../core/domain/ids.ts';
import type { ClusterChange, Snapshot } from '../core/domain/snapshot.ts';
import type { Clock } from '../lib/clock.ts';
import { decoderOf } from './decode/decode-object.ts';
import { waitsForTargetHealth } from './decode/pod.ts';
import { listPath } from './kinds.ts';
import type { KubeLog } from './kube-log.ts';
import type { ObjectChange } from './object-store.ts';
import { Reflector } from './reflector.ts';
import { SecretWatch } from './secret-watch.ts';
import { SlicesByService } from './slices-by-service.ts';
import type { KubeTransport } from './transport.ts';

export type ClusterWatchOptions = {
  readonly transport: KubeTransport;
  readonly clock: Clock;
  readonly log: KubeLog;
  /** Only this namespace's Ingresses, bindings, Services, EndpointSlices and Pods; undefined: all. */
  readonly watchNamespace?: string | undefined;
  /** Which Pods are kept, as they are many: by default those with a readiness gate for the health of a target. */
  readonly pods?: 'gated' | 'all';
  /** From 0 to 1; for jitter. */
  readonly random?: () => number;
};

type ObjectOf<Kind extends ClusterKind> = Extract<ClusterObject, { readonly kind: Kind }>;
type Running = Pick<Reflector<ClusterObject>, 'start' | 'stop' | 'synced' | 'trouble' | 'complete'>;
type Reflectors = { readonly [Kind in Exclude<ClusterKind, 'Secret'>]: Reflector<ObjectOf<Kind>> };

/**
 * The cluster as we see it: one reflector for each kind, one immutable Snapshot of them all. Use: `start()`, `await
 * ready()`, then `snapshot()` and `onChange()`; at the end `await stop()`.
 */
export class ClusterWatch {
  readonly #reflectors: Reflectors;
  readonly #active: ReadonlyMap<ClusterKind, Running>;
  readonly #listeners = new Set<(change: ClusterChange) => void>();
  readonly #log: KubeLog;
  readonly #slices = new SlicesByService();
  readonly #secrets: SecretWatch;
  #snapshot: Snapshot | undefined;

  constructor(options: ClusterWatchOptions) {
    this.#log = options.log;
    const reflector = <T extends ClusterObject>(
      kind: T['kind'],
      decode: (raw: unknown) => T,
      keeps?: (raw: unknown) => boolean,
    ): Reflector<T> =>
      new Reflector<T>({
        transport: options.transport,
        clock: options.clock,
        log: options.log,
        random: options.random ?? Math.random,
        kind,
        path: listPath(kind, options.watchNamespace),
        decode,
        keeps,
        onChanges: (changes) => this.#take(kind, changes),
      });
    this.#secrets = new SecretWatch({
      transport: options.transport,
      clock: options.clock,
      log: options.log,
      random: options.random ?? Math.random,
      onChange: (change) => {
        this.#snapshot = undefined;
        this.#tellAll(change);
      },
    });
    this.#reflectors = {
      Ingress: reflector('Ingress', decoderOf('Ingress')),
      IngressClass: reflector('IngressClass', decoderOf('IngressClass')),
      IngressClassParams: reflector('IngressClassParams', decoderOf('IngressClassParams')),
      Service: reflector('Service', decoderOf('Service')),
      EndpointSlice: reflector('EndpointSlice', decoderOf('EndpointSlice')),
      Pod: reflector('Pod', decoderOf('Pod'), options.pods === 'all' ? undefined : waitsForTargetHealth),
      Node: reflector('Node', decoderOf('Node')),
      Namespace: reflector('Namespace', decoderOf('Namespace')),
      TargetGroupBinding: reflector('TargetGroupBinding', decoderOf('TargetGroupBinding')),
    };
    const kinds = Object.values(this.#reflectors).map((each): [ClusterKind, Running] => [each.kind, each]);
    this.#active = new Map(kinds);
  }

  start(): void {
    for (const reflector of this.#active.values()) reflector.start();
  }

  /** Resolves once every kind has been listed. It waits for as long as that takes: `trouble` says what for. */
  async ready(): Promise<void> {
    await Promise.all([...this.#active.values()].map((reflector) => reflector.synced));
  }

  /** What is wrong with the connection to the API server now, one text for each kind concerned. */
  trouble(): readonly string[] {
    return [...this.#active.values()].flatMap((reflector) => reflector.trouble ?? []);
  }

  /** The present state. Cheap: nothing is copied unless something changed since a kind's objects were last handed out. */
  snapshot(): Snapshot {
    const complete = this.#complete();
    if (this.#snapshot !== undefined && sameSet(this.#snapshot.complete, complete)) return this.#snapshot;
    const all = this.#reflectors;
    this.#snapshot = {
      ingresses: all.Ingress.objects,
      ingressClasses: all.IngressClass.objects,
      ingressClassParams: all.IngressClassParams.objects,
      services: all.Service.objects,
      endpointSlices: this.#slices.view(),
      pods: all.Pod.objects,
      nodes: all.Node.objects,
      namespaces: all.Namespace.objects,
      secrets: this.#secrets.view(),
      targetGroupBindings: all.TargetGroupBinding.objects,
      complete,
    };
    return this.#snapshot;
  }

  /**
   * Calls `listener` for every change from now on, in order, when `snapshot()` already shows it. Returns what takes the
   * listener off again.
   */
  onChange(listener: (change: ClusterChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Watches these Secrets by name and no others; a Secret that may not be read only leaves its own users waiting. */
  watchSecrets(names: readonly NamespacedName[]): void {
    this.#snapshot = undefined;
    this.#secrets.want(names);
  }

  /** Resolves when the Secrets that are watched now have been read or are known not to exist; perhaps never. */
  async secretsRead(): Promise<void> {
    await this.#secrets.synced();
  }

  /** The client secret with that hash, among the watched Secrets as they are now. */
  clientSecret(hash: string): ClientSecret | undefined {
    return this.#secrets.clientSecret(hash);
  }

  async stop(): Promise<void> {
    const reflectors = [...this.#active.values(), this.#secrets];
    await Promise.all(reflectors.map((reflector) => reflector.stop()));
  }

  #complete(): ReadonlySet<ClusterKind> {
    return new Set([...this.#active].filter(([, reflector]) => reflector.complete()).map(([kind]) => kind));
  }

  #take(kind: ClusterKind, changes: readonly ObjectChange<ClusterObject>[]): void {
    this.#snapshot = undefined;
    if (kind === 'EndpointSlice') this.#slices.take(changes);
    for (const { before, after } of changes) this.#tellAll({ kind, before, after });
  }

  #tellAll(change: ClusterChange): void {
    for (const listener of this.#listeners) this.#tell(listener, change);
  }

  #tell(listener: (change: ClusterChange) => void, change: ClusterChange): void {
    try {
      listener(change);
    } catch (error) {
      this.#log.warn({ kind: change.kind, error }, 'a listener failed on a change');
    }
  }
}

function sameSet<T>(a: ReadonlySet<T>, b: ReadonlySet<T>): boolean {
  return a.size === b.size && [...a].every((item) => b.has(item));
}
