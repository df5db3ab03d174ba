import type { ClusterEdit } from './scenario.ts';

type Pause = ClusterEdit & { readonly kind: 'pause' };

/** Who says that something is to be left alone for a while. */
export class Pauses {
  /** By the name of the Ingress; undefined is the class. */
  readonly #scopes = new Map<string | undefined, Pause['scope']>();

  begin({ name, scope }: Pause): void {
    this.#scopes.set(name, scope);
  }

  end(): void {
    this.#scopes.clear();
  }

  /** What an Ingress says, or without a name the class. */
  annotations(name?: string): Record<string, string> {
    const scope = this.#scopes.get(name);
    if (scope === undefined) return {};
    return { 'albatross.dev/pause': scope === 'group' && name !== undefined ? 'group' : 'true' };
  }

  /** Whether the Ingress, alone or with its group, is left alone. */
  scopeOf(name: string): Pause['scope'] | undefined {
    return this.#scopes.has(undefined) ? 'group' : this.#scopes.get(name);
  }
}
