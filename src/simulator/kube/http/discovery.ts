import type { Catalogue } from '../catalogue.ts';
import type { Json, JsonObject } from '../json.ts';
import { present } from '../json.ts';
import type { Resource } from '../resource.ts';
import { apiVersionOf } from '../resource.ts';
import { documentIndex, openApiDocument } from './openapi.ts';

// The version whose behaviour is imitated; clients use it to choose API features.
const kubernetesVersion = { major: '1', minor: '36', gitVersion: 'v1.36.3' };

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** The documents by which clients find out what is served; undefined when the path is none of them. */
export function discoveryDocument(
  path: string,
  accept: string,
  catalogue: Catalogue,
): JsonObject | undefined {
  const resources = catalogue.all();
  const aggregated = /as=APIGroupDiscoveryList/.test(accept) && /v=v2(?![a-z0-9])/.test(accept);
  const grouped = resources.filter((each) => each.group !== '');
  switch (path) {
    case '/version':
      return { ...kubernetesVersion, platform: 'linux/amd64', goVersion: 'none', compiler: 'albatross' };
    case '/api':
      return aggregated ? aggregatedList(resources.filter((each) => each.group === '')) : coreVersions;
    case '/apis':
      return aggregated
        ? aggregatedList(grouped)
        : { kind: 'APIGroupList', apiVersion: 'v1', groups: groupsOf(grouped) };
    case '/openapi/v3':
      return documentIndex(resources);
    default:
      return documentBelow(path, resources);
  }
}

function documentBelow(path: string, resources: readonly Resource[]): JsonObject | undefined {
  const [, root, first = '', second = '', ...rest] = path.split('/');
  if (path.startsWith('/openapi/v3/')) return openApiDocument(path.slice('/openapi/v3/'.length), resources);
  if (root === 'api' && !second) return resourceList(resources, '', first);
  if (root !== 'apis' || rest.length > 0) return undefined;
  if (second) return resourceList(resources, first, second);
  const [group] = groupsOf(resources.filter((each) => each.group === first));
  return group && { kind: 'APIGroup', apiVersion: 'v1', ...group };
}

const coreVersions: JsonObject = {
  kind: 'APIVersions',
  versions: ['v1'],
  serverAddressByClientCIDRs: [],
};

/** The content type that tells the client which form it got. */
export function discoveryContentType(document: JsonObject): string {
  return document['kind'] === 'APIGroupDiscoveryList'
    ? 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
    : 'application/json';
}

type Group = {
  readonly name: string;
  readonly versions: readonly JsonObject[];
  readonly preferredVersion: JsonObject;
};

function groupsOf(resources: readonly Resource[]): readonly Group[] {
  const byName = new Map<string, readonly string[]>();
  for (const { group, version } of resources) {
    const versions = byName.get(group) ?? [];
    if (!versions.includes(version)) byName.set(group, [...versions, version]);
  }
  return [...byName].map(([name, found]) => {
    const versions = found.map((version) => ({ groupVersion: `${name}/${version}`, version }));
    return { name, versions, preferredVersion: versions[0] ?? {} };
  });
}

function resourceList(
  resources: readonly Resource[],
  group: string,
  version: string,
): JsonObject | undefined {
  const found = resources.filter((each) => each.group === group && each.version === version);
  const [first] = found;
  if (!first) return undefined;
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: apiVersionOf(first),
    resources: found.flatMap((each) => [
      present({
        name: each.plural,
        singularName: each.singular,
        namespaced: each.namespaced,
        kind: each.kind,
        verbs,
        shortNames: orAbsent(each.shortNames),
        categories: orAbsent(each.categories),
      }),
      ...subresourcesOf(each).map((subresource) => ({
        name: `${each.plural}/${subresource}`,
        singularName: '',
        namespaced: each.namespaced,
        ...responseKind(each, subresource),
        verbs: subresourceVerbs,
      })),
    ]),
  };
}

const subresourceVerbs = ['get', 'patch', 'update'];

function subresourcesOf(resource: Resource): readonly string[] {
  return [...(resource.status ? ['status'] : []), ...(resource.scale ? ['scale'] : [])];
}

function responseKind(resource: Resource, subresource: string): JsonObject {
  return subresource === 'scale'
    ? { group: 'autoscaling', version: 'v1', kind: 'Scale' }
    : { kind: resource.kind };
}

function orAbsent(list: readonly Json[]): Json | undefined {
  return list.length > 0 ? list : undefined;
}

/** Everything in one answer (apidiscovery.k8s.io/v2), which kubectl asks for first. */
function aggregatedList(resources: readonly Resource[]): JsonObject {
  const groups = new Map<string, Map<string, Resource[]>>();
  for (const resource of resources) {
    const versions = groups.get(resource.group) ?? new Map<string, Resource[]>();
    groups.set(
      resource.group,
      versions.set(resource.version, [...(versions.get(resource.version) ?? []), resource]),
    );
  }
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: [...groups].map(([group, versions]) => ({
      metadata: group ? { name: group } : {},
      versions: [...versions].map(([version, found]) => ({
        version,
        freshness: 'Current',
        resources: found.map(aggregatedEntry),
      })),
    })),
  };
}

function aggregatedEntry(resource: Resource): JsonObject {
  const { group, version, kind } = resource;
  return present({
    resource: resource.plural,
    responseKind: { group, version, kind },
    scope: resource.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: resource.singular,
    verbs,
    shortNames: orAbsent(resource.shortNames),
    categories: orAbsent(resource.categories),
    subresources: orAbsent(
      subresourcesOf(resource).map((subresource) => ({
        subresource,
        responseKind: { group, version, ...responseKind(resource, subresource) },
        verbs: subresourceVerbs,
      })),
    ),
  });
}
