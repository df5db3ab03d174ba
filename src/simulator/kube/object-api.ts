import type { Clock } from '../../lib/clock.ts';
import * as api from './api-error.ts';
import { ingressWithDefaultClass } from './default-class.ts';
import { withDefaults } from './defaults.ts';
import { toCoreEvent } from './event-versions.ts';
import type { Json, JsonObject } from './json.ts';
import { at, isObject, listOf, objectOf, sameJson, textOf, without } from './json.ts';
import type { KubeObject, ObjectMeta } from './object.ts';
import { withMeta } from './object.ts';
import type { Catalogue } from './catalogue.ts';
import type { Resource } from './resource.ts';
import { apiVersionOf } from './resource.ts';
import { decode } from './schema/decode.ts';
import { allocateAddresses } from './service-addresses.ts';
import type { Store } from './store.ts';
import { storeKey } from './store.ts';
import { validateObject } from './validate/validate.ts';

/** What is being written to: one object of a resource, or its status. */
export type Target = {
  readonly resource: Resource;
  readonly namespace: string;
  readonly name: string;
  readonly subresource: '' | 'status';
};

export type WriteOptions = {
  readonly dryRun: boolean;
  readonly fieldValidation: 'Ignore' | 'Warn' | 'Strict';
  /** Who writes, for `managedFields`. */
  readonly fieldManager: string;
  /** Written inside this process: status, generation and so on are taken as given instead of being reset. */
  readonly trusted?: true;
};

export type Written = { readonly object: KubeObject; readonly warnings: readonly string[] };

export type DeleteOptions = {
  readonly dryRun: boolean;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly orphan?: boolean;
};

export type ObjectApiOptions = {
  readonly store: Store;
  readonly catalogue: Catalogue;
  readonly clock: Clock;
  readonly createNamespaces: boolean;
  readonly uid: (kind: string, namespace: string, name: string) => string;
};

/**
 * Create, update and delete as the API server does them: decode, default, admit, validate, number, store. Every refusal is an
 * `ApiError` with the API server's code and wording. All methods are synchronous, so nobody sees a half-done change.
 */
export class ObjectApi {
  readonly #options: ObjectApiOptions;
  #generatedNames = 0;

  constructor(options: ObjectApiOptions) {
    this.#options = options;
  }

  get(target: Target): KubeObject {
    const found = this.#find(target);
    if (!found) throw api.notFound(target.resource, target.name);
    return found;
  }

  /** Stores a new object; `target.name` is ignored, the body has the name or asks for one with `generateName`. */
  create(target: Target, body: Json, options: WriteOptions): Written {
    const { resource } = target;
    const { object: decoded, warnings } = this.#decodeNew(target, body, options);
    const name = decoded.metadata.name || this.#generateName(textOf(decoded.metadata['generateName']));
    const namespace = resource.namespaced ? target.namespace : '';
    if (namespace) this.#requireNamespace(resource, namespace, name);
    if (name && this.#find({ ...target, name })) throw api.alreadyExists(resource, name);
    const born = withMeta(decoded, {
      name,
      namespace: namespace || undefined,
      uid: this.#options.uid(resource.kind, namespace, name),
      creationTimestamp: this.#timestamp(),
      generation: resource.generation ? 1 : undefined,
      deletionTimestamp: undefined,
      deletionGracePeriodSeconds: undefined,
      resourceVersion: undefined,
    });
    const admitted = resource.kind === 'Ingress' ? ingressWithDefaultClass(born, this.#options.store) : born;
    return { object: this.#finish(target, admitted, undefined, options.dryRun), warnings };
  }

  /** Replaces an object (or only its status), with optimistic locking when the body carries a resourceVersion. */
  update(target: Target, body: Json, options: WriteOptions): Written {
    const old = this.get(target);
    const { object, warnings } = this.#decode(target, body, options);
    if (object.metadata.name && object.metadata.name !== target.name) {
      throw api.badRequest(
        `the name of the object (${object.metadata.name}) does not match the name on the URL (${target.name})`,
      );
    }
    checkVersion(target.resource, object, old, options);
    return { object: this.replace(target, object, old, options), warnings };
  }

  /** The common end of update and patch: what may not change is kept, then the object is stored if anything did change. */
  replace(target: Target, object: KubeObject, old: KubeObject, options: WriteOptions): KubeObject {
    const { resource } = target;
    const merged = withMeta(mergedForWrite(target, object, old, options), {
      name: old.metadata.name,
      namespace: old.metadata.namespace,
      uid: object.metadata.uid || old.metadata.uid,
      creationTimestamp: old.metadata.creationTimestamp,
      deletionTimestamp: old.metadata.deletionTimestamp,
      deletionGracePeriodSeconds: old.metadata['deletionGracePeriodSeconds'],
      generation: old.metadata.generation,
      resourceVersion: old.metadata.resourceVersion,
    });
    const numbered =
      resource.generation && !sameJson(desiredState(merged), desiredState(old))
        ? withMeta(merged, { generation: (old.metadata.generation ?? 0) + 1 })
        : merged;
    return this.#finish(target, numbered, old, options.dryRun);
  }

  /** Removes an object, or marks it as being deleted when finalizers hold it. Returns its last state. */
  delete(target: Target, options: DeleteOptions): { readonly object: KubeObject; readonly gone: boolean } {
    const { resource, name } = target;
    const old = this.get(target);
    const { uid, resourceVersion } = options;
    if (uid !== undefined && uid !== old.metadata.uid) {
      const why = `UID in precondition: ${uid}, UID in object meta: ${old.metadata.uid}`;
      throw api.conflict(resource, name, `Precondition failed: ${why}`);
    }
    if (resourceVersion !== undefined && resourceVersion !== old.metadata.resourceVersion) {
      const why = `ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${old.metadata.resourceVersion}`;
      throw api.conflict(resource, name, `Precondition failed: ${why}`);
    }
    if (options.dryRun) return { object: old, gone: !isHeld(old) };
    if (resource.storage === '/namespaces') return this.#deleteNamespace(old);
    if (!isHeld(old))
      return { object: this.#remove(resource.storage, old, options.orphan ?? false), gone: true };
    if (old.metadata.deletionTimestamp !== undefined) return { object: old, gone: false };
    return { object: this.#options.store.put(resource.storage, this.#terminating(old)), gone: false };
  }

  #find(target: Target): KubeObject | undefined {
    const namespace = target.resource.namespaced ? target.namespace : '';
    return this.#options.store.get(target.resource.storage, storeKey(namespace, target.name));
  }

  #decodeNew(target: Target, body: Json, options: WriteOptions): Written {
    const decoded = this.#decode(target, body, options);
    if (decoded.object.metadata.resourceVersion && !options.trusted) {
      throw api.badRequest('resourceVersion should not be set on objects to be created');
    }
    const reset = !options.trusted && resetsStatus(target.resource);
    return reset ? { ...decoded, object: withoutStatus(decoded.object) } : decoded;
  }

  #decode(target: Target, body: Json, options: WriteOptions): Written {
    const { resource } = target;
    const given = checkKind(resource, body);
    const decoded = decode(resource.schema, given);
    if (decoded.mismatch !== undefined) throw cannotHandle(resource, decoded.mismatch);
    const unknown = decoded.unknown.map((field) => `unknown field "${field}"`);
    if (options.fieldValidation === 'Strict' && unknown.length > 0) {
      throw cannotHandle(resource, `strict decoding error: ${unknown.join(', ')}`);
    }
    const { apiVersion, kind } =
      resource.storage === '/events'
        ? coreEvent
        : { apiVersion: apiVersionOf(resource), kind: resource.kind };
    const value = resource.group === 'events.k8s.io' ? toCoreEvent(decoded.value) : decoded.value;
    const metadata = { name: '', ...objectOf(value['metadata']) };
    const namespace = textOf(metadata['namespace' as keyof typeof metadata]);
    if (resource.namespaced && namespace && namespace !== target.namespace) {
      throw api.badRequest(
        'the namespace of the provided object does not match the namespace sent on the request',
      );
    }
    return {
      object: { ...value, apiVersion, kind, metadata: metadata as unknown as ObjectMeta },
      warnings: options.fieldValidation === 'Ignore' ? [] : unknown,
    };
  }

  #finish(target: Target, object: KubeObject, old: KubeObject | undefined, dryRun: boolean): KubeObject {
    const { resource } = target;
    const { store } = this.#options;
    const defaulted = withDefaults(object);
    const allocated =
      resource.storage === '/services'
        ? allocateAddresses(defaulted, old, store)
        : { service: defaulted, errors: [] };
    const errors = [...validateObject(resource, allocated.service, old), ...allocated.errors];
    if (errors.length > 0) {
      throw api.invalid(resource, object.metadata.name || textOf(object.metadata['generateName']), errors);
    }
    const final = allocated.service;
    if (old && sameJson(final, old)) return old;
    if (dryRun) return old ? final : withMeta(final, { resourceVersion: undefined });
    if (old?.metadata.deletionTimestamp !== undefined && !isHeld(final)) {
      return this.#remove(resource.storage, final, false);
    }
    return store.put(resource.storage, final);
  }

  #remove(storage: string, object: KubeObject, orphan: boolean): KubeObject {
    const { store } = this.#options;
    const removed = store.delete(storage, object);
    if (!orphan) this.#collectGarbage(object.metadata.uid);
    const namespace = object.metadata.namespace;
    if (namespace) this.#finishNamespace(namespace);
    return removed;
  }

  /** Deletes what the removed object owned alone, as the garbage collector of the controller manager does. */
  #collectGarbage(owner: string): void {
    for (const resource of this.#options.catalogue.stored()) {
      for (const object of this.#options.store.list(resource.storage)) {
        const owners = listOf(object.metadata['ownerReferences']);
        if (owners.length === 0 || owners.some((reference) => at(reference, 'uid') !== owner)) continue;
        this.delete(targetOf(resource, object), { dryRun: false });
      }
    }
  }

  #terminating(object: KubeObject): KubeObject {
    return withMeta(object, {
      deletionTimestamp: this.#timestamp(),
      deletionGracePeriodSeconds: 0,
      generation: object.metadata.generation === undefined ? undefined : object.metadata.generation + 1,
    });
  }

  /** A namespace goes when its last object has gone; what finalizers hold keeps it in phase Terminating. */
  #deleteNamespace(namespace: KubeObject): { readonly object: KubeObject; readonly gone: boolean } {
    const { store, catalogue } = this.#options;
    const { name } = namespace.metadata;
    const marked =
      namespace.metadata.deletionTimestamp === undefined
        ? store.put('/namespaces', { ...this.#terminating(namespace), status: { phase: 'Terminating' } })
        : namespace;
    for (const resource of catalogue.stored()) {
      if (!resource.namespaced) continue;
      for (const object of store.list(resource.storage, name)) {
        // Garbage collection may have removed it in the meantime.
        if (store.get(resource.storage, storeKey(name, object.metadata.name))) {
          this.delete(targetOf(resource, object), { dryRun: false });
        }
      }
    }
    this.#finishNamespace(name);
    return { object: marked, gone: store.get('/namespaces', storeKey('', name)) === undefined };
  }

  #finishNamespace(name: string): void {
    const { store, catalogue } = this.#options;
    const namespace = store.get('/namespaces', storeKey('', name));
    if (namespace?.metadata.deletionTimestamp === undefined) return;
    const empty = catalogue
      .stored()
      .every((resource) => !resource.namespaced || store.list(resource.storage, name).length === 0);
    if (empty) store.delete('/namespaces', namespace);
  }

  #requireNamespace(resource: Resource, namespace: string, name: string): void {
    const { store, catalogue, createNamespaces } = this.#options;
    const found = store.get('/namespaces', storeKey('', namespace));
    if (found?.metadata.deletionTimestamp !== undefined) {
      throw api.forbidden(
        resource,
        name,
        `unable to create new content in namespace ${namespace} because it is being terminated`,
      );
    }
    if (found) return;
    const namespaces = catalogue.byKind('v1', 'Namespace');
    if (!createNamespaces) throw api.notFound(namespaces, namespace);
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
    this.create({ resource: namespaces, namespace: '', name: namespace, subresource: '' }, body, {
      dryRun: false,
      fieldValidation: 'Ignore',
      fieldManager: '',
    });
  }

  /** Five characters after the prefix, as the API server does it; counted instead of random, so that runs repeat. */
  #generateName(prefix: string): string {
    if (!prefix) return '';
    let rest = ++this.#generatedNames * 7_368_787;
    let suffix = '';
    for (let place = 0; place < 5; place++) {
      suffix += suffixCharacters[rest % suffixCharacters.length] ?? '';
      rest = Math.floor(rest / suffixCharacters.length);
    }
    return prefix.slice(0, 58) + suffix;
  }

  #timestamp(): string {
    return new Date(this.#options.clock.now()).toISOString().replace(/\.\d+Z$/, 'Z');
  }
}

const suffixCharacters = 'bcdfghjklmnpqrstvwxz2456789';
const coreEvent = { apiVersion: 'v1', kind: 'Event' };

export function targetOf(resource: Resource, object: KubeObject): Target {
  return {
    resource,
    namespace: object.metadata.namespace ?? '',
    name: object.metadata.name,
    subresource: '',
  };
}

function cannotHandle(resource: Resource, why: string): api.ApiError {
  return api.badRequest(
    `${resource.kind} in version "${resource.version}" cannot be handled as a ${resource.kind}: ${why}`,
  );
}

function checkKind(resource: Resource, body: Json): JsonObject {
  if (!isObject(body)) throw cannotHandle(resource, 'json: cannot unmarshal the body into an object');
  const apiVersion = textOf(body['apiVersion']) || apiVersionOf(resource);
  if (apiVersion !== apiVersionOf(resource)) {
    throw api.badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${apiVersionOf(resource)})`,
    );
  }
  const kind = textOf(body['kind']) || resource.kind;
  if (kind !== resource.kind) {
    throw api.badRequest(
      `${kind} in version "${resource.version}" cannot be handled as a ${resource.kind}: the endpoint serves ${resource.kind}`,
    );
  }
  return body;
}

function checkVersion(resource: Resource, object: KubeObject, old: KubeObject, options: WriteOptions): void {
  const given = object.metadata.resourceVersion;
  if (given && given !== '0' && given !== old.metadata.resourceVersion) {
    throw api.conflict(resource, old.metadata.name, api.objectModified);
  }
  if (!given && resource.custom && !options.trusted) {
    throw api.invalid(resource, old.metadata.name, [
      {
        kind: 'invalid',
        field: 'metadata.resourceVersion',
        body: 'Invalid value: 0: must be specified for an update',
      },
    ]);
  }
}

/** Which parts come from the request: all but the status, or (status endpoint) the status and, for built-in kinds, metadata. */
function mergedForWrite(
  target: Target,
  object: KubeObject,
  old: KubeObject,
  options: WriteOptions,
): KubeObject {
  const { resource, subresource } = target;
  if (subresource === 'status') {
    const metadata = resource.custom ? old.metadata : { ...old.metadata, ...object.metadata };
    return { ...withoutStatus(old), metadata, ...statusOf(object) };
  }
  if (!resource.status || options.trusted) return object;
  return { ...withoutStatus(object), ...statusOf(old) };
}

function statusOf(object: KubeObject): JsonObject {
  return object['status'] === undefined ? {} : { status: object['status'] };
}

function withoutStatus(object: KubeObject): KubeObject {
  const { apiVersion, kind, metadata } = object;
  return { ...without(object, 'status'), apiVersion, kind, metadata };
}

/** Nodes register themselves with a status; every other kind starts without. */
function resetsStatus(resource: Resource): boolean {
  return resource.status && resource.storage !== '/nodes';
}

/** Everything that `metadata.generation` counts. */
function desiredState(object: KubeObject): JsonObject {
  return without(object, 'apiVersion', 'kind', 'metadata', 'status');
}

function isHeld(object: KubeObject): boolean {
  return (object.metadata.finalizers ?? []).length > 0;
}
