import type { Json, JsonObject } from '../json.ts';
import type { Resource } from '../resource.ts';
import { apiVersionOf } from '../resource.ts';
import type { Schema } from '../schema/schema.ts';

/**
 * OpenAPI v3, as far as kubectl reads it: that writes take `fieldValidation` and `dryRun` (so it lets the server validate) and
 * the fields of each kind (`kubectl explain`). OpenAPI v2 is not served; kubectl then uses the merge keys it has built in.
 */
export function documentIndex(resources: readonly Resource[]): JsonObject {
  const paths: Record<string, Json> = {};
  for (const resource of resources) {
    paths[documentPath(resource)] = { serverRelativeURL: `/openapi/v3/${documentPath(resource)}` };
  }
  return { paths };
}

/** The document of one group and version (`apis/networking.k8s.io/v1`); undefined when it is not served. */
export function openApiDocument(path: string, resources: readonly Resource[]): JsonObject | undefined {
  const found = resources.filter((resource) => documentPath(resource) === path);
  if (found.length === 0) return undefined;
  const paths: Record<string, Json> = {};
  const schemas: Record<string, Json> = {};
  for (const resource of found) {
    paths[itemPath(resource)] = { patch: patchOperation(resource), get: getOperation(resource) };
    schemas[schemaName(resource)] = {
      ...schemaDocument(resource.schema),
      'x-kubernetes-group-version-kind': [versionKind(resource)],
    };
  }
  return {
    openapi: '3.0.0',
    info: { title: 'Albatross local Kubernetes API', version: 'v1.36.3' },
    paths,
    components: { schemas },
  };
}

function documentPath(resource: Resource): string {
  return resource.group ? `apis/${apiVersionOf(resource)}` : `api/${resource.version}`;
}

function itemPath(resource: Resource): string {
  const scope = resource.namespaced ? 'namespaces/{namespace}/' : '';
  return `/${documentPath(resource)}/${scope}${resource.plural}/{name}`;
}

function schemaName(resource: Resource): string {
  const group = resource.group ? resource.group.split('.').toReversed().join('.') : 'io.k8s.api.core';
  return `${group}.${resource.version}.${resource.kind}`;
}

function versionKind(resource: Resource): JsonObject {
  return { group: resource.group, version: resource.version, kind: resource.kind };
}

function patchOperation(resource: Resource): JsonObject {
  const parameters = ['dryRun', 'fieldManager', 'fieldValidation'].map((name) => ({
    name,
    in: 'query',
    schema: { type: 'string', uniqueItems: true },
  }));
  return {
    parameters,
    responses: { 200: { description: 'OK' } },
    'x-kubernetes-action': 'patch',
    'x-kubernetes-group-version-kind': versionKind(resource),
  };
}

function getOperation(resource: Resource): JsonObject {
  return {
    responses: {
      200: {
        description: 'OK',
        content: { 'application/json': { schema: { $ref: `#/components/schemas/${schemaName(resource)}` } } },
      },
    },
    'x-kubernetes-action': 'get',
    'x-kubernetes-group-version-kind': versionKind(resource),
  };
}

function schemaDocument(schema: Schema): JsonObject {
  switch (schema.kind) {
    case 'object':
      return {
        type: 'object',
        properties: Object.fromEntries(
          Object.entries(schema.fields).map(([name, field]) => [name, schemaDocument(field)]),
        ),
      };
    case 'map':
      return { type: 'object', additionalProperties: schemaDocument(schema.values) };
    case 'list':
      return { type: 'array', items: schemaDocument(schema.items) };
    case 'any':
      return { type: 'object' };
    case 'intOrString':
      return { type: 'string', format: 'int-or-string' };
    case 'int32':
    case 'int64':
      return { type: 'integer', format: schema.kind };
    case 'bytes':
      return { type: 'string', format: 'byte' };
    case 'time':
      return { type: 'string', format: 'date-time' };
    default:
      return { type: schema.kind };
  }
}
