import type { Json, JsonObject } from '../../../src/simulator/kube/json.ts';
import type { Case } from './requests.ts';
import { mergePatch, namespace, post } from './requests.ts';

const params = '/apis/elbv2.k8s.aws/v1beta1/ingressclassparams';
const bindings = `/apis/elbv2.k8s.aws/v1beta1/namespaces/${namespace}/targetgroupbindings`;

function ingressClassParams(what: string, spec: Json): Case {
  return post(what, params, {
    apiVersion: 'elbv2.k8s.aws/v1beta1',
    kind: 'IngressClassParams',
    metadata: { name: namespace },
    spec,
  });
}

function binding(what: string, spec: JsonObject): Case {
  return post(what, bindings, {
    apiVersion: 'elbv2.k8s.aws/v1beta1',
    kind: 'TargetGroupBinding',
    metadata: { name: 'b' },
    spec,
  });
}

const bound = { serviceRef: { name: 'front', port: 80 }, targetGroupARN: 'arn:a', targetType: 'ip' };

export const customCases: readonly Case[] = [
  ingressClassParams('both spellings', { prefixListsIDs: ['pl-1'], PrefixListsIDs: ['pl-2'] }),
  ingressClassParams('unknown scheme', { scheme: 'public' }),
  ingressClassParams('subnet id', { subnets: { ids: ['private-a'] } }),
  ingressClassParams('no subnet ids', { subnets: { ids: [] } }),
  ingressClassParams('a number for a text', { scheme: 1 }),
  ingressClassParams('a list for an object', { group: [] }),
  ingressClassParams('unknown field', { nonsense: 1, scheme: 'internal' }),
  mergePatch('update without a version', `${params}/${namespace}`, { spec: { scheme: 'internet-facing' } }),
  { what: 'delete', method: 'DELETE', path: `${params}/${namespace}` },
  binding('binding without a target group', { serviceRef: { name: 'front', port: 80 } }),
  binding('binding without a Service', { targetGroupARN: 'arn:a' }),
  binding('binding', bound),
  mergePatch('another target group', `${bindings}/b`, { spec: { targetGroupARN: 'arn:b' } }),
  mergePatch('status', `${bindings}/b/status`, {
    status: { observedGeneration: 1 },
    spec: { targetType: 'instance' },
  }),
  { what: 'delete', method: 'DELETE', path: `${bindings}/b` },
];
