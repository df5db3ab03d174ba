// Secrets are watched one by one, by name: the controller never lists those of a namespace, so permissions can be given
// for single Secrets (albc-behaviour §8.3).

import type { ClientSecret } from '../core/domain/client-secret.ts';
import type { Secret } from '../core/domain/cluster.ts';
import type { NamespacedName } from '../core/domain/ids.ts';
import type { ClusterChange } from '../core/domain/snapshot.ts';
import { decoderOf } from './decode/decode-object.ts';
import { listPath } from './kinds.ts';
import { Reflector, type ReflectorOptions } from './reflector.ts';

export type SecretWatchOptions = Pick<ReflectorOptions<Secret>, 'transport' | 'clock' | 'log' | 'random'> & {
  readonly onChange: (change: ClusterChange) => void;
};

type Watched = {
  readonly reflector: Reflector<Secret>;
  /** Undefined until the first list is in. */
  state: Secret | undefined;
};

/** A reflector for each wanted Secret. One that does not exist is told of too: as a Secret without values. */
export class SecretWatch {
  readonly #options: SecretWatchOptions;
  readonly #watched = new Map<NamespacedName, Watched>();
  readonly #ending = new Set<Promise<void>>();
  #view: ReadonlyMap<NamespacedName, Secret> | undefined;

  constructor(options: SecretWatchOptions) {
    this.#options = options;
  }

  /** Watches these Secrets from now on, and no others. */
  want(names: readonly NamespacedName[]): void {
    const wanted = new Set(names);
    for (const [name, { reflector }] of this.#watched) {
      if (wanted.has(name)) continue;
      this.#watched.delete(name);
      this.#view = undefined;
      const ending = reflector.stop().finally(() => this.#ending.delete(ending));
      this.#ending.add(ending);
    }
    for (const name of wanted) if (!this.#watched.has(name)) this.#watch(name);
  }

  /** Resolves when each Secret that is wanted now has been asked for with an answer; one that is forbidden never is. */
  async synced(): Promise<void> {
    await Promise.all([...this.#watched.values()].map(({ reflector }) => reflector.synced));
  }

  /** Those that have been read, and those that are known not to exist. */
  view(): ReadonlyMap<NamespacedName, Secret> {
    this.#view ??= new Map(
      [...this.#watched].flatMap(([name, { state }]) =>
        state === undefined ? [] : [[name, state] as const],
      ),
    );
    return this.#view;
  }

  /** The client secret with that hash, if a wanted Secret has it now. */
  clientSecret(hash: string): ClientSecret | undefined {
    const secrets = [...this.view().values()].map(({ values }) => values?.clientSecret);
    return secrets.find((secret) => secret?.hash === hash);
  }

  async stop(): Promise<void> {
    this.want([]);
    await Promise.all(this.#ending);
  }

  #watch(id: NamespacedName): void {
    const [namespace = '', name = ''] = id.split('/');
    const { onChange: _onChange, ...shared } = this.#options;
    const reflector = new Reflector<Secret>({
      ...shared,
      kind: 'Secret',
      path: listPath('Secret', namespace),
      selection: { fieldSelector: `metadata.name=${name}` },
      decode: decoderOf('Secret'),
      onChanges: (changes) => {
        for (const { after } of changes) this.#take(id, watched, after ?? missing(namespace, name));
      },
    });
    const watched: Watched = { reflector, state: undefined };
    this.#watched.set(id, watched);
    reflector.start();
    void reflector.synced.then(() => {
      if (watched.state === undefined) this.#take(id, watched, missing(namespace, name));
    });
  }

  #take(id: NamespacedName, watched: Watched, after: Secret): void {
    if (this.#watched.get(id) !== watched) return;
    const before = watched.state;
    watched.state = after;
    this.#view = undefined;
    this.#options.onChange({ kind: 'Secret', before, after });
  }
}

function missing(namespace: string, name: string): Secret {
  const unknown = { uid: '', resourceVersion: '', generation: 0, creationTimestamp: '' };
  const nothing = { annotations: {}, labels: {}, finalizers: [] };
  return { kind: 'Secret', meta: { namespace, name, ...unknown, ...nothing }, values: undefined };
}
