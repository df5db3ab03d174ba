import type { ClusterObject, EndpointSlice } from '../core/domain/cluster.ts';
import { type NamespacedName, namespacedName } from '../core/domain/ids.ts';
import type { ObjectChange } from './object-store.ts';
import { SharedMap } from './shared-map.ts';

/** EndpointSlices by `namespace/service`, kept up to date change by change. Slices of no Service are left out. */
export class SlicesByService {
  readonly #slices = new SharedMap<NamespacedName, readonly EndpointSlice[]>();

  /** Each Service's slices in order of their names. */
  view(): ReadonlyMap<NamespacedName, readonly EndpointSlice[]> {
    return this.#slices.view();
  }

  take(changes: readonly ObjectChange<ClusterObject>[]): void {
    for (const { before, after } of changes) {
      // The label that names the Service may have changed.
      if (before?.kind === 'EndpointSlice') this.#replace(before, undefined);
      if (after?.kind === 'EndpointSlice') this.#replace(after, after);
    }
  }

  #replace(slice: EndpointSlice, by: EndpointSlice | undefined): void {
    if (slice.serviceName === '') return;
    const key = namespacedName(slice.meta.namespace, slice.serviceName);
    const others = (this.#slices.get(key) ?? []).filter(({ meta }) => meta.name !== slice.meta.name);
    const slices =
      by === undefined ? others : [...others, by].toSorted((a, b) => (a.meta.name < b.meta.name ? -1 : 1));
    if (slices.length === 0) this.#slices.delete(key);
    else this.#slices.set(key, slices);
  }
}
