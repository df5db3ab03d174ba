// The door of the Kubernetes edge: raw JSON in, narrow domain types out. One file for each kind beside this one; whatever
// the core does not read is dropped here, and a value of the wrong type is a DecodeError that names it.

import type { ClusterKind, ClusterObject } from '../../core/domain/cluster.ts';
import { decodeEndpointSlice } from './endpoint-slice.ts';
import { isClusterKind } from '../kinds.ts';
import { Field } from './field.ts';
import { decodeIngress } from './ingress.ts';
import { decodeIngressClass } from './ingress-class.ts';
import { decodeIngressClassParams } from './ingress-class-params.ts';
import { decodeNamespace } from './namespace.ts';
import { decodeNode } from './node.ts';
import { decodePod } from './pod.ts';
import { decodeSecret } from './secret.ts';
import { decodeService } from './service.ts';
import { decodeTargetGroupBinding } from './target-group-binding.ts';

type Decodable<Kind extends ClusterKind> = {
  readonly group: string;
  readonly version: string;
  readonly decode: (object: Field) => Extract<ClusterObject, { readonly kind: Kind }>;
};

const decodable: { readonly [Kind in ClusterKind]: Decodable<Kind> } = {
  Ingress: { group: 'networking.k8s.io', version: 'v1', decode: decodeIngress },
  IngressClass: { group: 'networking.k8s.io', version: 'v1', decode: decodeIngressClass },
  IngressClassParams: { group: 'elbv2.k8s.aws', version: 'v1beta1', decode: decodeIngressClassParams },
  Service: { group: '', version: 'v1', decode: decodeService },
  EndpointSlice: { group: 'discovery.k8s.io', version: 'v1', decode: decodeEndpointSlice },
  Pod: { group: '', version: 'v1', decode: decodePod },
  Node: { group: '', version: 'v1', decode: decodeNode },
  Namespace: { group: '', version: 'v1', decode: decodeNamespace },
  Secret: { group: '', version: 'v1', decode: decodeSecret },
  TargetGroupBinding: { group: 'elbv2.k8s.aws', version: 'v1beta1', decode: decodeTargetGroupBinding },
};

/** Where Ingress lived before networking.k8s.io/v1; such a manifest deserves an answer, not silence. */
const formerGroups: Readonly<Record<string, string>> = { extensions: 'networking.k8s.io' };

const ingressOfV1 =
  ' (Kubernetes 1.22 took the others away: write service.name and service.port.number or .name for serviceName and ' +
  'servicePort, defaultBackend for backend, and a pathType, ImplementationSpecific for what there was)';

/**
 * Decodes any object of the kinds that the core reads.
 *
 * @returns undefined for an object of another kind (or of a kind with the same name in somebody else's API group).
 * @throws DecodeError when a value has the wrong type, a required one is absent, or the API version is one we do not read.
 */
export function decodeObject(raw: unknown): ClusterObject | undefined {
  const object = new Field(raw);
  if (!object.present) return object.fail('a Kubernetes object');
  const kind = object.at('kind').text();
  const apiVersion = object.at('apiVersion').text();
  if (!isClusterKind(kind)) return undefined;
  const { group, version, decode } = decodable[kind];
  const [foundGroup, foundVersion] = splitApiVersion(apiVersion);
  if ((formerGroups[foundGroup] ?? foundGroup) !== group) return undefined;
  if (foundGroup !== group || foundVersion !== version) {
    const wanted = group === '' ? version : `${group}/${version}`;
    return object.at('apiVersion').fail(kind === 'Ingress' ? `${wanted}${ingressOfV1}` : wanted);
  }
  return decode(object);
}

/**
 * A decoder of one kind for objects whose kind is already known: items of a list carry neither `kind` nor `apiVersion`.
 * Throws DecodeError like `decodeObject`.
 */
export function decoderOf<Kind extends ClusterKind>(
  kind: Kind,
): (raw: unknown) => Extract<ClusterObject, { readonly kind: Kind }> {
  const { decode } = decodable[kind];
  return (raw) => decode(new Field(isRecord(raw) ? { ...raw, kind } : raw));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function splitApiVersion(apiVersion: string): readonly [group: string, version: string] {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? ['', apiVersion] : [apiVersion.slice(0, slash), apiVersion.slice(slash + 1)];
}
