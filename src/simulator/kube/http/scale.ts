import { methodNotAllowed } from '../api-error.ts';
import type { Json, JsonObject } from '../json.ts';
import { at, objectOf } from '../json.ts';
import type { KubeObject } from '../object.ts';
import type { ObjectApi, Target, WriteOptions } from '../object-api.ts';
import { mergePatch } from '../patch/merge-patch.ts';
import type { Verb } from './faults.ts';

/** The `/scale` subresource (`kubectl scale`): an autoscaling/v1 view of `spec.replicas`, by which it can be changed. */
export function handleScale(
  objects: ObjectApi,
  target: Target,
  request: { readonly verb: Verb; readonly body: Json; readonly options: WriteOptions },
): JsonObject {
  const { verb, body, options } = request;
  const old = objects.get(target);
  if (verb === 'get') return scaleOf(old);
  if (verb !== 'update' && verb !== 'patch') throw methodNotAllowed();
  const wanted = verb === 'patch' ? mergePatch(scaleOf(old), body) : body;
  const replicas = Number(at(wanted, 'spec', 'replicas') ?? 0);
  const { resourceVersion } = objectOf(at(wanted, 'metadata'));
  const metadata = { ...old.metadata, resourceVersion: resourceVersion ?? '' };
  const scaled = { ...old, metadata, spec: { ...objectOf(old['spec']), replicas } };
  return scaleOf(objects.update(target, scaled, options).object);
}

function scaleOf(object: KubeObject): JsonObject {
  const { name, namespace = '', uid, resourceVersion, creationTimestamp } = object.metadata;
  const labels = objectOf(at(object['spec'], 'selector', 'matchLabels'));
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: at(object['spec'], 'replicas') ?? 0 },
    status: {
      replicas: at(object['status'], 'replicas') ?? 0,
      selector: Object.entries(labels)
        .map(([key, value]) => `${key}=${String(value as string)}`)
        .join(','),
    },
  };
}
