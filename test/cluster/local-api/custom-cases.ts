import type { Json, JsonObject } from '../../../src/simulator/kube/json.ts';
import type { Case } from './requests.ts';
import { mergePatch, namespace, post } from './requests.ts';

const params = '/apis/elbv2.k8s.aws/v1beta1/ingressclassparams';
const bindingsOf = (version: string): string =>
  `/apis/elbv2.k8s.aws/${version}/namespaces/${namespace}/targetgroupbindings`;
const bindings = bindingsOf('v1beta1');

function ingressClassParams(what: string, spec: Json): Case {
  return post(what, params, {
    apiVersion: 'elbv2.k8s.aws/v1beta1',
    kind: 'IngressClassParams',
    metadata: { name: namespace },
    spec,
  });
}

function binding(what: string, spec: JsonObject, version = 'v1beta1'): Case {
  return post(what, bindingsOf(version), {
    apiVersion: `elbv2.k8s.aws/${version}`,
    kind: 'TargetGroupBinding',
    metadata: { name: 'b' },
    spec,
  });
}

const change = (what: string, spec: JsonObject): Case => mergePatch(what, `${bindings}/b`, { spec });

const attribute = { key: 'a', value: 'b' };
/** Every field of the definition but those that exclude each other. */
const everyParam: JsonObject = {
  namespaceSelector: { matchLabels: { a: 'b' }, matchExpressions: [{ key: 'c', operator: 'Exists' }] },
  group: { name: 'shared' },
  loadBalancerName: 'front',
  scheme: 'internet-facing',
  ipAddressType: 'dualstack-without-public-ipv4',
  subnets: { ids: ['subnet-0a', 'subnet-0b'] },
  certificateArn: ['arn:c'],
  sslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
  sslRedirectPort: '443',
  inboundCIDRs: ['10.0.0.0/8', '2001:db8::/32'],
  prefixListsIDs: ['pl-1'],
  targetType: 'ip',
  tags: [attribute],
  loadBalancerAttributes: [attribute],
  listeners: [{ protocol: 'HTTP', port: 80, listenerAttributes: [attribute] }, { protocol: 'TCP' }],
  minimumLoadBalancerCapacity: { capacityUnits: 100 },
  ipamConfiguration: { ipv4IPAMPoolId: 'ipam-pool-1' },
  wafv2AclArn: 'arn:w',
  wafv2AclName: 'w',
};
const { prefixListsIDs, subnets: _ids, ...otherParams } = everyParam;

const serviceRef = { name: 'front', port: 80 };
const everyBindingField: JsonObject = {
  targetGroupARN: 'arn:a',
  targetGroupName: 'a',
  serviceRef: { name: 'front', port: 'http' },
  targetType: 'ip',
  targetGroupProtocol: 'QUIC',
  ipAddressType: 'ipv6',
  vpcID: 'vpc-0123456789abcdef0',
  networking: {
    ingress: [
      {
        from: [{ ipBlock: { cidr: '10.0.0.0/8' } }, { securityGroup: { groupID: 'sg-1' } }],
        ports: [{ protocol: 'UDP', port: 53 }, { port: 'http' }, {}],
      },
    ],
  },
  multiClusterTargetGroup: true,
  iamRoleArnToAssume: 'arn:r',
  assumeRoleExternalId: 'x',
};
const removal: Case = { what: 'delete', method: 'DELETE', path: `${bindings}/b` };

const paramsCases: readonly Case[] = [
  ingressClassParams('both spellings', { prefixListsIDs: ['pl-1'], PrefixListsIDs: ['pl-2'] }),
  ingressClassParams('unknown scheme', { scheme: 'public' }),
  ingressClassParams('unknown address type', { ipAddressType: 'ipv6' }),
  ingressClassParams('unknown target type', { targetType: 'pod' }),
  ingressClassParams('unknown operator', {
    namespaceSelector: { matchExpressions: [{ key: 'a', operator: 'Is' }] },
  }),
  ingressClassParams('group without a name', { group: {} }),
  ingressClassParams('tag without a value', { tags: [{ key: 'a' }] }),
  ingressClassParams('no such port', { listeners: [{ port: 0 }, { port: 65_536 }] }),
  ingressClassParams('capacity without units', { minimumLoadBalancerCapacity: {} }),
  ingressClassParams('subnet id', { subnets: { ids: ['private-a'] } }),
  ingressClassParams('no subnet ids', { subnets: { ids: [] } }),
  ingressClassParams('a subnet twice', { subnets: { ids: ['subnet-0a', 'subnet-0a'] } }),
  ingressClassParams('ids and tags of subnets', { subnets: { ids: ['subnet-0a'], tags: { a: ['b'] } } }),
  ingressClassParams('neither ids nor tags of subnets', { subnets: {} }),
  ingressClassParams('no tags of subnets', { subnets: { tags: {} } }),
  ingressClassParams('a value of a tag twice', { subnets: { tags: { a: ['b', 'b'] } } }),
  ingressClassParams('an address for a block', { inboundCIDRs: ['10.0.0.1'] }),
  ingressClassParams('a number for a text', { scheme: 1 }),
  ingressClassParams('a list for an object', { group: [] }),
  ingressClassParams('unknown field', { nonsense: 1, scheme: 'internal' }),
  mergePatch('update without a version', `${params}/${namespace}`, { spec: { scheme: 'internet-facing' } }),
  { what: 'delete', method: 'DELETE', path: `${params}/${namespace}` },
  ingressClassParams('every field', everyParam),
  { what: 'delete', method: 'DELETE', path: `${params}/${namespace}` },
  ingressClassParams('the other spelling and tags of subnets', {
    ...otherParams,
    PrefixListsIDs: prefixListsIDs ?? [],
    subnets: { tags: { a: ['b', 'c'] } },
  }),
  { what: 'delete', method: 'DELETE', path: `${params}/${namespace}` },
];

const bindingCases: readonly Case[] = [
  binding('binding without a target group', { serviceRef }),
  binding('binding without a Service', { targetGroupARN: 'arn:a' }),
  binding('selector of nodes for pods', {
    targetGroupARN: 'arn:a',
    serviceRef,
    targetType: 'ip',
    nodeSelector: {},
  }),
  binding('role for nodes', {
    targetGroupARN: 'arn:a',
    serviceRef,
    targetType: 'instance',
    iamRoleArnToAssume: 'r',
  }),
  binding('QUIC to nodes', {
    targetGroupARN: 'arn:a',
    serviceRef,
    targetType: 'instance',
    targetGroupProtocol: 'TCP_QUIC',
  }),
  binding('no VPC id', { targetGroupARN: 'arn:a', serviceRef, vpcID: 'vpc-1' }),
  binding('unknown protocol', { targetGroupARN: 'arn:a', serviceRef, targetGroupProtocol: 'GRPC' }),
  binding('two sources in one', {
    targetGroupARN: 'arn:a',
    serviceRef,
    networking: {
      ingress: [
        { from: [{ ipBlock: { cidr: '10.0.0.0/8' }, securityGroup: { groupID: 'sg-1' } }], ports: [] },
      ],
    },
  }),
  binding('binding', { serviceRef, targetGroupARN: 'arn:a' }),
  change('what was left out is filled in', {
    targetType: 'ip',
    ipAddressType: 'ipv4',
    vpcID: 'vpc-01234567',
  }),
  change('another target group', { targetGroupARN: 'arn:b' }),
  change('no target group', { targetGroupARN: null, targetGroupName: 'a' }),
  change('another target type', { targetType: 'instance' }),
  change('no target type', { targetType: null }),
  change('another address type', { ipAddressType: 'ipv6' }),
  change('another VPC', { vpcID: 'vpc-76543210' }),
  change('another Service', { serviceRef: { name: 'back', port: 'http' } }),
  mergePatch('status', `${bindings}/b/status`, {
    status: {
      observedGeneration: 1,
      conditions: [
        {
          type: 'Ready',
          status: 'False',
          lastTransitionTime: '2026-01-01T00:00:00Z',
          reason: 'a',
          message: 'b',
        },
      ],
    },
    spec: { targetType: 'instance' },
  }),
  { what: 'the older version', method: 'GET', path: `${bindingsOf('v1alpha1')}/b` },
  removal,
  binding('binding by name', { serviceRef, targetGroupName: 'a' }, 'v1alpha1'),
  change('another name', { targetGroupName: 'b' }),
  change('the ARN of the name', { targetGroupARN: 'arn:a' }),
  change('another name beside the ARN', { targetGroupName: 'b' }),
  removal,
  binding('every field', everyBindingField),
  removal,
];

export const customCases: readonly Case[] = [...paramsCases, ...bindingCases];
