import type { Json, JsonObject } from './json.ts';
import { at, isObject, listOf, textOf } from './json.ts';
import type { KubeObject } from './object.ts';
import * as core from './schema/core.ts';
import * as admission from './schema/admission.ts';
import { customObject, customResourceDefinition } from './schema/custom.ts';
import * as networking from './schema/networking.ts';
import type { ObjectSchema } from './schema/schema.ts';
import { fieldsOfDefinition } from './schema/structural.ts';

/** A resource as it is served: one kind under one group and version. */
export type Resource = {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  /** `/status` exists, and the main endpoint leaves the status alone. */
  readonly status: boolean;
  /** `/scale` exists. */
  readonly scale: boolean;
  /** `metadata.generation` counts changes of the spec. */
  readonly generation: boolean;
  /** Where the objects are kept: core and events.k8s.io Events are the same objects. */
  readonly storage: string;
  readonly schema: ObjectSchema;
  /** Custom resources: any kind that a CustomResourceDefinition declares. */
  readonly custom: boolean;
  /** What the definition of a custom kind says, where one is stored. */
  readonly definition?: Definition;
};

export type Definition = {
  readonly openAPIV3Schema: JsonObject;
  readonly printerColumns: readonly Json[];
};

type Options = {
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly clusterScoped?: true;
  readonly status?: true;
  readonly scale?: true;
  readonly generation?: true;
  readonly storage?: string;
  readonly plural?: string;
  readonly custom?: true;
};

function resource(groupVersion: string, kind: string, schema: ObjectSchema, options: Options = {}): Resource {
  const [group, version] = groupVersion.includes('/') ? groupVersion.split('/') : ['', groupVersion];
  const singular = kind.toLowerCase();
  const plural = options.plural ?? `${singular}s`;
  return {
    group: group ?? '',
    version: version ?? '',
    kind,
    plural,
    singular,
    shortNames: options.shortNames ?? [],
    categories: options.categories ?? [],
    namespaced: !options.clusterScoped,
    status: options.status === true,
    scale: options.scale === true,
    generation: options.generation === true,
    storage: options.storage ?? `${group}/${plural}`,
    schema,
    custom: options.custom === true,
  };
}

/** The kinds that are always served. */
export const builtInResources: readonly Resource[] = [
  resource('v1', 'Namespace', core.namespace, { shortNames: ['ns'], clusterScoped: true, status: true }),
  resource('v1', 'Node', core.node, { shortNames: ['no'], clusterScoped: true, status: true }),
  resource('v1', 'Service', core.service, { shortNames: ['svc'], categories: ['all'], status: true }),
  resource('v1', 'Pod', core.pod, {
    shortNames: ['po'],
    categories: ['all'],
    status: true,
    generation: true,
  }),
  resource('v1', 'Secret', core.secret),
  resource('v1', 'ConfigMap', core.configMap, { shortNames: ['cm'] }),
  resource('v1', 'ServiceAccount', core.serviceAccount, { shortNames: ['sa'] }),
  resource('v1', 'Endpoints', core.endpoints, { shortNames: ['ep'], plural: 'endpoints' }),
  resource('v1', 'Event', core.coreEvent, { shortNames: ['ev'], storage: '/events' }),
  resource('events.k8s.io/v1', 'Event', core.newEvent, { shortNames: ['ev'], storage: '/events' }),
  resource('networking.k8s.io/v1', 'Ingress', networking.ingress, {
    plural: 'ingresses',
    shortNames: ['ing'],
    status: true,
    generation: true,
  }),
  resource('networking.k8s.io/v1', 'IngressClass', networking.ingressClass, {
    plural: 'ingressclasses',
    clusterScoped: true,
    generation: true,
  }),
  resource('discovery.k8s.io/v1', 'EndpointSlice', core.endpointSlice, { generation: true }),
  resource('coordination.k8s.io/v1', 'Lease', core.lease),
  resource('apps/v1', 'Deployment', core.deployment, {
    shortNames: ['deploy'],
    categories: ['all'],
    status: true,
    scale: true,
    generation: true,
  }),
  resource('apps/v1', 'ReplicaSet', core.replicaSet, {
    shortNames: ['rs'],
    categories: ['all'],
    status: true,
    scale: true,
    generation: true,
  }),
  resource('apiextensions.k8s.io/v1', 'CustomResourceDefinition', customResourceDefinition, {
    shortNames: ['crd', 'crds'],
    categories: ['api-extensions'],
    clusterScoped: true,
    status: true,
    generation: true,
  }),
  resource('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', admission.validating, {
    categories: ['api-extensions'],
    clusterScoped: true,
    generation: true,
  }),
  resource('admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration', admission.mutating, {
    categories: ['api-extensions'],
    clusterScoped: true,
    generation: true,
  }),
  resource('elbv2.k8s.aws/v1beta1', 'IngressClassParams', customObject, {
    plural: 'ingressclassparams',
    clusterScoped: true,
    generation: true,
    custom: true,
  }),
  resource('elbv2.k8s.aws/v1beta1', 'TargetGroupBinding', customObject, {
    status: true,
    generation: true,
    custom: true,
  }),
];

/** The resources that a CustomResourceDefinition declares: one per served version. */
export function definedResources(definition: KubeObject): readonly Resource[] {
  const spec = definition['spec'];
  const versions = at(spec, 'versions');
  const group = textOf(at(spec, 'group'));
  const plural = textOf(at(spec, 'names', 'plural'));
  const served = Array.isArray(versions) ? versions.filter((version) => at(version, 'served') === true) : [];
  return served.map((version) => ({
    group,
    version: textOf(at(version, 'name')),
    kind: textOf(at(spec, 'names', 'kind')),
    plural,
    singular: textOf(at(spec, 'names', 'singular')) || textOf(at(spec, 'names', 'kind')).toLowerCase(),
    shortNames: texts(at(spec, 'names', 'shortNames')),
    categories: texts(at(spec, 'names', 'categories')),
    namespaced: at(spec, 'scope') !== 'Cluster',
    status: at(version, 'subresources', 'status') !== undefined,
    scale: false,
    generation: true,
    storage: `${group}/${plural}`,
    ...definitionOf(version),
    custom: true,
  }));
}

function definitionOf(version: Json): Pick<Resource, 'schema' | 'definition'> {
  const schema = at(version, 'schema', 'openAPIV3Schema');
  const printerColumns = listOf(at(version, 'additionalPrinterColumns'));
  if (!isObject(schema)) return { schema: customObject };
  return {
    schema: fieldsOfDefinition(schema, customObject),
    definition: { openAPIV3Schema: schema, printerColumns },
  };
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

export function apiVersionOf(resource: Resource): string {
  return resource.group ? `${resource.group}/${resource.version}` : resource.version;
}
