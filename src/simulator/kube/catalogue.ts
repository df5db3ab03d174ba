import { noSuchResource } from './api-error.ts';
import type { Resource } from './resource.ts';
import { apiVersionOf, builtInResources, definedResources } from './resource.ts';
import type { Store } from './store.ts';

/** The resources that are served now: the built-in ones and those of the stored CustomResourceDefinitions. */
export class Catalogue {
  readonly #store: Store;
  #revision = -1;
  #resources: readonly Resource[] = builtInResources;

  constructor(store: Store) {
    this.#store = store;
    store.subscribe((event) => {
      if (event.storage === definitions) this.#revision = -1;
    });
  }

  all(): readonly Resource[] {
    if (this.#revision < 0) {
      // A stored definition says more about a custom kind than we do; built-in kinds cannot be redefined.
      const fixed = new Set(builtInResources.filter((resource) => !resource.custom).map(identity));
      const defined = this.#store
        .list(definitions)
        .flatMap(definedResources)
        .filter((resource) => !fixed.has(identity(resource)));
      const replaced = new Set(defined.map(identity));
      const kept = builtInResources.filter((resource) => !replaced.has(identity(resource)));
      this.#resources = [...kept, ...defined];
      this.#revision = this.#store.revision;
    }
    return this.#resources;
  }

  /** One resource per storage: two versions of a kind hold the same objects. */
  stored(): readonly Resource[] {
    const seen = new Map<string, Resource>();
    for (const resource of this.all()) if (!seen.has(resource.storage)) seen.set(resource.storage, resource);
    return [...seen.values()];
  }

  find(group: string, version: string, plural: string): Resource | undefined {
    return this.all().find(
      (each) => each.group === group && each.version === version && each.plural === plural,
    );
  }

  /** The resource of an object; throws 404 when the kind is not served. */
  byKind(apiVersion: string, kind: string): Resource {
    const found = this.all().find((each) => apiVersionOf(each) === apiVersion && each.kind === kind);
    if (!found) throw noSuchResource();
    return found;
  }
}

const definitions = 'apiextensions.k8s.io/customresourcedefinitions';

function identity(resource: Resource): string {
  return `${apiVersionOf(resource)}/${resource.plural}`;
}
