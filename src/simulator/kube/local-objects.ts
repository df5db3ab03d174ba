import type { Admission } from './admission/admission.ts';
import { ApiError } from './api-error.ts';
import type { Catalogue } from './catalogue.ts';
import type { Json, JsonObject } from './json.ts';
import { isObject, objectOf, present, textOf } from './json.ts';
import type { KubeObject } from './object.ts';
import { describeObject } from './object.ts';
import {
  type ObjectApi,
  type Target,
  unasked,
  type WriteOptions,
  type Writing,
  type Written,
} from './object-api.ts';
import type { Resource } from './resource.ts';
import type { Store } from './store.ts';
import { storeKey } from './store.ts';

/** An object that the API refuses, with its code and text. */
export type Refused = { readonly object: string; readonly code: number; readonly message: string };

export type ObjectKey = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
};

const options: WriteOptions = {
  dryRun: false,
  fieldValidation: 'Ignore',
  fieldManager: 'albatross',
  trusted: true,
};

/** The objects of the simulator for code in the same process: whole objects in, whole objects out, no HTTP. */
export class LocalObjects {
  readonly #store: Store;
  readonly #catalogue: Catalogue;
  readonly #objects: ObjectApi;
  readonly #admission: Admission;

  constructor(store: Store, catalogue: Catalogue, objects: ObjectApi, admission: Admission) {
    this.#store = store;
    this.#catalogue = catalogue;
    this.#objects = objects;
    this.#admission = admission;
  }

  /**
   * Creates or replaces objects; all become visible at once. What a replaced object no longer has is removed, except what
   * the cluster wrote: status and finalizers stay unless the new object brings its own. Missing namespaces are made.
   * Returns what the API refused; the others are stored. No webhook is asked.
   */
  apply(objects: readonly unknown[]): readonly Refused[] {
    return definitionsFirst(objects).flatMap((object) => {
      try {
        unasked(this.#applying(object));
        return [];
      } catch (error) {
        return [refusalOf(object, error)];
      }
    });
  }

  /** As `apply`, but one object after the other as they are given, and the webhooks are asked about each. */
  async submit(objects: readonly unknown[]): Promise<readonly Refused[]> {
    const refused: Refused[] = [];
    for (const object of objects) {
      try {
        await this.#admission.carryOut(() => this.#applying(object));
      } catch (error) {
        refused.push(refusalOf(object, error));
      }
    }
    return refused;
  }

  /** Deletes objects as the API would: finalizers hold them. Objects that do not exist are passed over. */
  remove(objects: readonly unknown[]): void {
    for (const object of objects) {
      if (!isObject(object)) continue;
      const target = this.#targetOf(object);
      if (this.#find(target)) this.#objects.delete(target, { dryRun: false });
    }
  }

  get(key: ObjectKey): KubeObject | undefined {
    const { apiVersion, kind, name, namespace = 'default' } = key;
    return this.#find(this.#targetOf({ apiVersion, kind, metadata: { name, namespace } }));
  }

  /** All objects of a kind, or of one namespace of it, by namespace and name. */
  list(apiVersion: string, kind: string, namespace?: string): readonly KubeObject[] {
    return this.#store.list(this.#catalogue.byKind(apiVersion, kind).storage, namespace);
  }

  ensureNamespace(name: string): void {
    if (!this.#store.get('/namespaces', storeKey('', name))) {
      unasked(this.#applying({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }));
    }
  }

  *#applying(object: unknown): Writing<Written> {
    if (!isObject(object)) throw new ApiError({ code: 400, reason: 'BadRequest', message: 'not an object' });
    const target = this.#targetOf(object);
    if (target.resource.namespaced) this.ensureNamespace(target.namespace);
    const old = this.#find(target);
    const metadata = objectOf(object['metadata']);
    const plain = { ...object, metadata: cleaned(target.resource, metadata, target.namespace) };
    return old
      ? yield* this.#objects.updating(target, keepingClusterState(plain, old), options)
      : yield* this.#objects.creating(target, plain, options);
  }

  #targetOf(object: JsonObject): Target {
    const apiVersion = textOf(object['apiVersion']);
    const kind = textOf(object['kind']);
    const metadata = objectOf(object['metadata']);
    const resource = this.#catalogue.byKind(apiVersion, kind);
    const namespace = resource.namespaced ? textOf(metadata['namespace']) || 'default' : '';
    return { resource, namespace, name: textOf(metadata['name']), subresource: '' };
  }

  #find(target: Target): KubeObject | undefined {
    return this.#store.get(target.resource.storage, storeKey(target.namespace, target.name));
  }
}

function refusalOf(object: unknown, error: unknown): Refused {
  if (!(error instanceof ApiError)) throw error;
  return { object: describeObject(object), code: error.code, message: error.message };
}

/** Namespaces and definitions before the objects that need them, everything else in the given order. */
function definitionsFirst(objects: readonly unknown[]): readonly unknown[] {
  const early = ['Namespace', 'CustomResourceDefinition', 'IngressClass'];
  const rank = (object: unknown): number => {
    const place = early.indexOf(textOf(objectOf(object)['kind']));
    return place < 0 ? early.length : place;
  };
  return objects.toSorted((left, right) => rank(left) - rank(right));
}

/** Metadata without what the server numbers itself: a manifest copied from a cluster carries those fields too. */
function cleaned(resource: Resource, metadata: JsonObject, namespace: string): JsonObject {
  const {
    resourceVersion: _version,
    uid: _uid,
    creationTimestamp: _created,
    managedFields: _managed,
    ...rest
  } = metadata;
  return present({ ...rest, namespace: resource.namespaced ? namespace : undefined });
}

function keepingClusterState(object: JsonObject & { readonly metadata: JsonObject }, old: KubeObject): Json {
  const { finalizers } = old.metadata;
  const metadata =
    finalizers && object.metadata['finalizers'] === undefined
      ? { ...object.metadata, finalizers }
      : object.metadata;
  const status = object['status'] ?? old['status'];
  return status === undefined ? { ...object, metadata } : { ...object, metadata, status };
}
