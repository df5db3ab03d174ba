import type { Clock } from '../../lib/clock.ts';
import * as api from './api-error.ts';
import type { Catalogue } from './catalogue.ts';
import { decodeObject } from './decode-object.ts';
import { ingressWithDefaultClass } from './default-class.ts';
import { withDefaults } from './defaults.ts';
import type { Deleted, DeleteOptions, Deletion } from './deletion.ts';
import { isHeld } from './deletion.ts';
import type { Json, JsonObject } from './json.ts';
import { sameJson, textOf, without } from './json.ts';
import type { KubeObject } from './object.ts';
import { timestamp, withMeta } from './object.ts';
import { entriesAfterUpdate, toManagedFields } from './patch/managed-fields.ts';
import type { Resource } from './resource.ts';
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
  /** Who owns which fields from now on, where the writer knows better than "what changed is mine" (server-side apply). */
  readonly managedFields?: readonly Json[];
  /** Written inside this process: status, generation and so on are taken as given, and nobody's ownership is noted. */
  readonly trusted?: true;
};

export type Written = { readonly object: KubeObject; readonly warnings: readonly string[] };

/** What admission is asked in the middle of a write: to change the object, then to agree with what would be stored. */
export type AdmissionAsk = {
  readonly phase: 'mutating' | 'validating';
  readonly target: Target;
  readonly object: KubeObject;
  readonly old: KubeObject | undefined;
  readonly dryRun: boolean;
};

/** A write that stops where admission is asked, and goes on with the object that it is answered. */
export type Writing<T> = Generator<AdmissionAsk, T, KubeObject>;

/** Somebody else wrote the object while admission was asked; the write begins anew. */
export class OvertakenError extends Error {}

export type ObjectApiOptions = {
  readonly store: Store;
  readonly catalogue: Catalogue;
  readonly deletion: Deletion;
  readonly clock: Clock;
  readonly createNamespaces: boolean;
  readonly uid: (kind: string, namespace: string, name: string) => string;
};

/**
 * Create, update and delete as the API server does them: decode, default, admit, validate, number, store. Every refusal is an
 * `ApiError` with the API server's code and wording. Between two questions to admission a write is synchronous, so nobody
 * sees a half-done change; `create` and `update` ask nobody.
 */
export class ObjectApi {
  readonly #options: ObjectApiOptions;
  #generatedNames = 0;

  constructor(options: ObjectApiOptions) {
    this.#options = options;
  }

  find(target: Target): KubeObject | undefined {
    const namespace = target.resource.namespaced ? target.namespace : '';
    return this.#options.store.get(target.resource.storage, storeKey(namespace, target.name));
  }

  get(target: Target): KubeObject {
    const found = this.find(target);
    if (!found) throw api.notFound(target.resource, target.name);
    return found;
  }

  /** The present moment in the form of `creationTimestamp`. */
  timestamp(): string {
    return timestamp(this.#options.clock.now());
  }

  create(target: Target, body: Json, options: WriteOptions): Written {
    return unasked(this.creating(target, body, options));
  }

  update(target: Target, body: Json, options: WriteOptions): Written {
    return unasked(this.updating(target, body, options));
  }

  /** Stores a new object; `target.name` is ignored, the body has the name or asks for one with `generateName`. */
  *creating(target: Target, body: Json, options: WriteOptions): Writing<Written> {
    const { resource } = target;
    const { object: decoded, warnings } = decodeNew(target, body, options);
    const name = decoded.metadata.name || this.#generateName(textOf(decoded.metadata['generateName']));
    const namespace = resource.namespaced ? target.namespace : '';
    if (namespace) this.#requireNamespace(resource, namespace, name);
    const born = withMeta(decoded, {
      name,
      namespace: namespace || undefined,
      uid: this.#options.uid(resource.kind, namespace, name),
      creationTimestamp: this.timestamp(),
      generation: resource.generation ? 1 : undefined,
      deletionTimestamp: undefined,
      deletionGracePeriodSeconds: undefined,
      resourceVersion: undefined,
      managedFields: undefined,
    });
    // Owners first: what admission and allocation add belongs to nobody, so that an apply never takes it away.
    const owned = this.#withManagers(target, withDefaults(born, resource), undefined, options);
    const admitted =
      resource.kind === 'Ingress' ? ingressWithDefaultClass(owned, this.#options.store) : owned;
    const object = yield* this.#finish({ ...target, name }, admitted, undefined, options);
    return { object, warnings };
  }

  /** Replaces an object (or only its status), with optimistic locking when the body carries a resourceVersion. */
  *updating(target: Target, body: Json, options: WriteOptions): Writing<Written> {
    const old = this.get(target);
    const { object, warnings } = decodeObject(target, body, options);
    checkIdentity(target, object, old, options);
    const merged = withMeta(mergedForWrite(target, object, old, options), {
      name: old.metadata.name,
      namespace: old.metadata.namespace,
      uid: old.metadata.uid,
      creationTimestamp: old.metadata.creationTimestamp,
      deletionTimestamp: old.metadata.deletionTimestamp,
      deletionGracePeriodSeconds: old.metadata['deletionGracePeriodSeconds'],
      generation: old.metadata.generation,
      resourceVersion: old.metadata.resourceVersion,
      // Clients that leave it out do not mean to reset it; an explicit empty list does.
      managedFields: object.metadata.managedFields ?? old.metadata.managedFields,
    });
    const owned = this.#withManagers(target, withDefaults(merged, target.resource), old, options);
    return { object: yield* this.#finish(target, owned, old, options), warnings };
  }

  /** Removes an object, or marks it as being deleted when finalizers hold it. */
  delete(target: Target, options: DeleteOptions): Deleted {
    return this.#options.deletion.delete(target.resource, this.get(target), options);
  }

  *#finish(
    target: Target,
    object: KubeObject,
    old: KubeObject | undefined,
    options: WriteOptions,
  ): Writing<KubeObject> {
    const { resource } = target;
    const { store, deletion } = this.#options;
    const asked = { target, old, dryRun: options.dryRun };
    const answered = yield { ...asked, phase: 'mutating', object };
    const mutated = answered === object ? object : withDefaults(answered, resource);
    const final = counted(resource, this.#complete(target, mutated, old), old);
    yield { ...asked, phase: 'validating', object: final };
    if (old && this.find(target) !== old) throw new OvertakenError();
    if (!old && this.find(target)) throw api.alreadyExists(resource, target.name);
    if (old && sameJson(final, old)) return old;
    if (options.dryRun) return final;
    if (old?.metadata.deletionTimestamp !== undefined && !isHeld(final)) {
      return deletion.remove(resource.storage, final);
    }
    return store.put(resource.storage, final);
  }

  /** Allocated addresses and validation of an object that has its defaults. */
  #complete({ resource }: Target, object: KubeObject, old: KubeObject | undefined): KubeObject {
    const { service: complete, errors: allocation } =
      resource.storage === '/services'
        ? allocateAddresses(object, old, this.#options.store)
        : { service: object, errors: [] };
    const invalid = validateObject(resource, complete, old);
    const errors = invalid.length > 0 ? invalid : allocation;
    if (errors.length > 0) {
      throw api.invalid(resource, object.metadata.name || textOf(object.metadata['generateName']), errors);
    }
    return complete;
  }

  #withManagers(
    { resource, subresource }: Target,
    object: KubeObject,
    old: KubeObject | undefined,
    options: WriteOptions,
  ): KubeObject {
    if (options.trusted) return object;
    if (options.managedFields) return withMeta(object, { managedFields: options.managedFields });
    const writer = {
      manager: options.fieldManager,
      operation: 'Update' as const,
      subresource,
      time: this.timestamp(),
    };
    const entries = entriesAfterUpdate(old, object, writer, resource);
    return withMeta(object, { managedFields: toManagedFields(entries) });
  }

  #requireNamespace(resource: Resource, namespace: string, name: string): void {
    const { store, catalogue, createNamespaces } = this.#options;
    const found = store.get('/namespaces', storeKey('', namespace));
    if (found?.metadata.deletionTimestamp !== undefined) {
      throw api.namespaceTerminating(resource, name, namespace);
    }
    if (found) return;
    const namespaces = catalogue.byKind('v1', 'Namespace');
    if (!createNamespaces) throw api.notFound(namespaces, namespace);
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
    this.create({ resource: namespaces, namespace: '', name: namespace, subresource: '' }, body, unwatched);
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
}

const suffixCharacters = 'bcdfghjklmnpqrstvwxz2456789';
const unwatched: WriteOptions = { dryRun: false, fieldValidation: 'Ignore', fieldManager: '', trusted: true };

/** Carries a write out without asking anybody. */
export function unasked<T>(writing: Writing<T>): T {
  let step = writing.next();
  while (step.done !== true) step = writing.next(step.value.object);
  return step.value;
}

function decodeNew(target: Target, body: Json, options: WriteOptions): Written {
  const decoded = decodeObject(target, body, options);
  if (options.trusted) return decoded;
  if (decoded.object.metadata.resourceVersion) {
    throw api.statusError({
      code: 500,
      message: 'resourceVersion should not be set on objects to be created',
    });
  }
  return resetsStatus(target.resource) ? { ...decoded, object: withoutStatus(decoded.object) } : decoded;
}

/** The body must mean the object that the URL names, in the version that the writer saw. */
function checkIdentity(target: Target, object: KubeObject, old: KubeObject, options: WriteOptions): void {
  const { name, uid, resourceVersion } = object.metadata;
  if (name && name !== target.name) {
    throw api.badRequest(
      `the name of the object (${name}) does not match the name on the URL (${target.name})`,
    );
  }
  if (uid && uid !== old.metadata.uid) {
    const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old.metadata.uid}`;
    throw api.conflict(target.resource, target.name, why);
  }
  if (resourceVersion && resourceVersion !== '0' && resourceVersion !== old.metadata.resourceVersion) {
    throw api.conflict(target.resource, target.name, api.objectModified);
  }
  if (!resourceVersion && needsVersion(target.resource) && !options.trusted) {
    throw api.invalid(target.resource, target.name, [
      {
        kind: 'invalid',
        field: 'metadata.resourceVersion',
        body: 'Invalid value: 0: must be specified for an update',
      },
    ]);
  }
}

/** Kinds whose updates must say which version they replace; for the others an update without a version always wins. */
function needsVersion(resource: Resource): boolean {
  return resource.custom || resource.storage === 'coordination.k8s.io/leases';
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

/** Counts a change of anything but metadata and status as a new generation. */
function counted(resource: Resource, object: KubeObject, old: KubeObject | undefined): KubeObject {
  const wanted = (each: KubeObject): JsonObject => without(each, 'apiVersion', 'kind', 'metadata', 'status');
  if (!old || !resource.generation || sameJson(wanted(object), wanted(old))) return object;
  return withMeta(object, { generation: (old.metadata.generation ?? 0) + 1 });
}
