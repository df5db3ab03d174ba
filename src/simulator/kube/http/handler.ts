import type { Clock } from '../../../lib/clock.ts';
import type { Catalogue } from '../catalogue.ts';
import type { JsonObject } from '../json.ts';
import { objectOf, present, textOf } from '../json.ts';
import type { KubeObject } from '../object.ts';
import type { Admission } from '../admission/admission.ts';
import type { ObjectApi, Target, WriteOptions, Writing, Written } from '../object-api.ts';
import { targetOf } from '../deletion.ts';
import { patching } from '../patch/patch.ts';
import type { Store } from '../store.ts';
import { mediaType, parseBody } from './body.ts';
import type { FaultAction, Faults, Verb } from './faults.ts';
import { listObjects, matcherOf } from './list.ts';
import { renderingFor } from './render.ts';
import type { Route } from './route.ts';
import type { WatchSink } from './watch.ts';
import { handleScale } from './scale.ts';
import { prepareWatch } from './watch.ts';

/** A request as the handlers see it: no sockets. */
export type ApiRequest = {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly accept: string;
  readonly contentType: string;
  readonly userAgent: string;
  readonly body: Buffer;
};

export type Answer =
  | {
      readonly kind: 'body';
      readonly status: number;
      readonly body: JsonObject;
      readonly warnings?: readonly string[];
    }
  | { readonly kind: 'watch'; readonly start: (sink: WatchSink) => void };

export type HandlerContext = {
  readonly store: Store;
  readonly catalogue: Catalogue;
  readonly objects: ObjectApi;
  readonly admission: Admission;
  readonly faults: Faults;
  readonly clock: Clock;
  readonly bookmarkIntervalMs: number;
};

/** What a method means on a path, in the words of RBAC; undefined when the method is not allowed there. */
export function verbOf(method: string, route: Route, query: URLSearchParams): Verb | undefined {
  const watching = method === 'GET' && ['true', '1'].includes(query.get('watch') ?? '');
  if (watching) return 'watch';
  return (route.name === undefined ? collectionVerbs : objectVerbs)[method];
}

const collectionVerbs: { readonly [method: string]: Verb } = {
  GET: 'list',
  POST: 'create',
  DELETE: 'deletecollection',
};

const objectVerbs: { readonly [method: string]: Verb } = {
  GET: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** Answers one request for a resource; refusals are thrown as `ApiError`. `fault` is what may disturb a watch. */
export async function handleResource(
  context: HandlerContext,
  request: ApiRequest,
  call: { readonly route: Route; readonly verb: Verb; readonly fault: FaultAction | undefined },
): Promise<Answer> {
  const { route, verb } = call;
  const rendering = renderingFor(route.resource, request.accept, request.query, context.clock.now());
  const { query } = request;
  if (route.subresource === 'scale') return ok(scale(context, request, call));
  switch (verb) {
    case 'list':
      return ok(rendering.list(listObjects(context.store, route, query)));
    case 'watch':
      return {
        kind: 'watch',
        start: prepareWatch({ ...context, route, query, rendering, fault: call.fault }),
      };
    case 'get':
      return ok(rendering.one(context.objects.get(targetFor(route))));
    case 'deletecollection':
      return ok(rendering.list({ items: deleteAll(context, request, route), metadata: {} }));
    case 'delete':
      return remove(context, request, route);
    case 'create':
    case 'update':
    case 'patch': {
      const written = await context.admission.carryOut(() => write(context, request, call));
      const { object, warnings, created } = written;
      return { kind: 'body', status: created ? 201 : 200, body: rendering.one(object), warnings };
    }
  }
}

function ok(body: JsonObject): Answer {
  return { kind: 'body', status: 200, body };
}

function targetFor(route: Route): Target {
  return {
    resource: route.resource,
    namespace: route.namespace ?? '',
    name: route.name ?? '',
    subresource: route.subresource === 'status' ? 'status' : '',
  };
}

function scale(
  { objects, catalogue }: HandlerContext,
  request: ApiRequest,
  { route, verb }: { readonly route: Route; readonly verb: Verb },
): JsonObject {
  const type = mediaType(request.contentType).replace('merge-patch+', '');
  const body = verb === 'get' ? {} : parseBody(request.body, type, catalogue);
  return handleScale(objects, targetFor(route), { verb, body, options: writeOptions(request) });
}

function* write(
  { objects, catalogue }: HandlerContext,
  request: ApiRequest,
  { route, verb }: { readonly route: Route; readonly verb: Verb },
): Writing<Written & { readonly created: boolean }> {
  const target = targetFor(route);
  const options = writeOptions(request);
  if (verb === 'patch') {
    const force = request.query.get('force') === 'true';
    const manager = request.query.get('fieldManager') ?? '';
    const type = mediaType(request.contentType);
    return yield* patching(objects, {
      target,
      type,
      text: request.body.toString('utf8'),
      force,
      manager,
      options,
    });
  }
  const body = parseBody(request.body, request.contentType, catalogue);
  if (verb === 'update') return { ...(yield* objects.updating(target, body, options)), created: false };
  return { ...(yield* objects.creating(target, body, options)), created: true };
}

function writeOptions({ query, userAgent }: ApiRequest): WriteOptions {
  const validation = query.get('fieldValidation') ?? 'Warn';
  return {
    dryRun: query.get('dryRun') === 'All',
    fieldValidation: validation === 'Strict' || validation === 'Ignore' ? validation : 'Warn',
    fieldManager: query.get('fieldManager') ?? userAgent.split('/')[0] ?? '',
  };
}

function remove(context: HandlerContext, request: ApiRequest, route: Route): Answer {
  const target = targetFor(route);
  const { object, gone } = context.objects.delete(target, deleteOptions(context, request));
  // Only what is left behind, and kinds with a graceful deletion, are answered as objects.
  const asObject = !gone || ['Namespace', 'Pod', 'Service', 'ServiceAccount'].includes(route.resource.kind);
  return ok(asObject ? object : deletedStatus(target, object));
}

function deletedStatus({ resource }: Target, object: KubeObject): JsonObject {
  const details = present({
    name: object.metadata.name,
    group: resource.group || undefined,
    kind: resource.plural,
    uid: object.metadata.uid,
  });
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
}

function deleteOptions(
  context: HandlerContext,
  request: ApiRequest,
): {
  readonly dryRun: boolean;
  readonly orphan: boolean;
  readonly uid?: string;
  readonly resourceVersion?: string;
} {
  const isEmpty = request.body.length === 0;
  const body = isEmpty ? {} : objectOf(parseBody(request.body, request.contentType, context.catalogue));
  const preconditions = objectOf(body['preconditions']);
  const dryRun = [
    ...request.query.getAll('dryRun'),
    ...(Array.isArray(body['dryRun']) ? body['dryRun'] : []),
  ];
  const policy = request.query.get('propagationPolicy') ?? textOf(body['propagationPolicy']);
  const { uid, resourceVersion } = preconditions;
  return {
    dryRun: dryRun.includes('All'),
    orphan: policy === 'Orphan' || body['orphanDependents'] === true,
    ...(typeof uid === 'string' ? { uid } : {}),
    ...(typeof resourceVersion === 'string' ? { resourceVersion } : {}),
  };
}

function deleteAll(context: HandlerContext, request: ApiRequest, route: Route): readonly KubeObject[] {
  const { dryRun, orphan } = deleteOptions(context, request);
  const matches = matcherOf(route, request.query);
  const found = context.store.list(route.resource.storage, route.namespace).filter(matches);
  return found.map(
    (object) => context.objects.delete(targetOf(route.resource, object), { dryRun, orphan }).object,
  );
}

/** Answers the access reviews that clients make (`kubectl auth can-i`): here everything is allowed. */
export function accessReview(request: ApiRequest): Answer | undefined {
  const kind =
    /^\/apis\/authorization\.k8s\.io\/v1\/(selfsubjectaccessreviews|selfsubjectrulesreviews)$/.exec(
      request.path,
    )?.[1];
  if (!kind || request.method !== 'POST') return undefined;
  // The question does not matter, and Go clients ask it in protobuf.
  const apiVersion = 'authorization.k8s.io/v1';
  const everything = [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }];
  const status: JsonObject =
    kind === 'selfsubjectaccessreviews'
      ? { allowed: true }
      : { incomplete: false, resourceRules: everything, nonResourceRules: [] };
  const reviewed = kind === 'selfsubjectaccessreviews' ? 'SelfSubjectAccessReview' : 'SelfSubjectRulesReview';
  return { kind: 'body', status: 201, body: { kind: reviewed, apiVersion, metadata: {}, spec: {}, status } };
}
