import { shownAs } from '../versions.ts';
import type { Json, JsonObject } from '../json.ts';
import { objectOf, without } from '../json.ts';
import type { KubeObject } from '../object.ts';
import type { Resource } from '../resource.ts';
import { apiVersionOf } from '../resource.ts';
import type { Listed } from './list.ts';
import { renderTable } from './table.ts';

/** How objects are shown: as themselves, as rows of a Table (what `kubectl get` prints), or as metadata alone. */
export type Rendering = {
  one(object: KubeObject): JsonObject;
  list(listed: Listed): JsonObject;
  bookmark(object: JsonObject): JsonObject;
};

/** Chooses by the Accept header; the first form we know wins. */
export function renderingFor(
  resource: Resource,
  accept: string,
  query: URLSearchParams,
  now: number,
): Rendering {
  for (const part of accept.split(',')) {
    const parameters = new Set(part.split(';').map((piece) => piece.trim()));
    if (parameters.has('as=Table') && parameters.has('g=meta.k8s.io'))
      return tableRendering(resource, query, now);
    if (parameters.has('as=PartialObjectMetadataList') || parameters.has('as=PartialObjectMetadata')) {
      return metadataRendering();
    }
    if (parameters.has('application/json') || parameters.has('*/*')) break;
  }
  return plainRendering(resource);
}

function plainRendering(resource: Resource): Rendering {
  return {
    one: (object) => shownAs(resource, object),
    list: (listed) => ({
      kind: `${resource.kind}List`,
      apiVersion: apiVersionOf(resource),
      metadata: listed.metadata,
      // Items of built-in lists do not repeat the kind that the list names; items of custom resources do.
      items: listed.items.map((object) => {
        const item = shownAs(resource, object);
        return resource.custom ? item : without(item, 'apiVersion', 'kind');
      }),
    }),
    bookmark: (object) => object,
  };
}

function metadataRendering(): Rendering {
  const one = (object: KubeObject): JsonObject => partial(object);
  return {
    one,
    list: (listed) => ({
      kind: 'PartialObjectMetadataList',
      apiVersion: 'meta.k8s.io/v1',
      metadata: listed.metadata,
      items: listed.items.map(one),
    }),
    bookmark: (object) => ({ ...object, kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' }),
  };
}

function tableRendering(resource: Resource, query: URLSearchParams, now: number): Rendering {
  const include = query.get('includeObject') ?? 'Metadata';
  const attached = (object: KubeObject): Json => {
    if (include === 'None') return null;
    return include === 'Object' ? shownAs(resource, object) : partial(object);
  };
  return {
    one: (object) =>
      renderTable(resource, [object], {
        metadata: { resourceVersion: object.metadata.resourceVersion },
        attached,
        now,
      }),
    list: (listed) => renderTable(resource, listed.items, { metadata: listed.metadata, attached, now }),
    bookmark: (object) => ({
      kind: 'Table',
      apiVersion: 'meta.k8s.io/v1',
      metadata: { resourceVersion: objectOf(object['metadata'])['resourceVersion'] ?? '' },
      columnDefinitions: [],
      rows: [{ cells: [], object }],
    }),
  };
}

function partial(object: KubeObject): JsonObject {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
}
