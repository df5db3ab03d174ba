// Group models and looked-up facts for tests of the desired state, in the recordings' world.

import { createHash } from 'node:crypto';
import type { DesiredLoadBalancer } from '../../../src/core/domain/desired-group.ts';
import type { Facts, SubnetFact } from '../../../src/core/domain/facts.ts';
import type {
  GroupModel,
  ListenerIntent,
  LoadBalancerIntent,
  Member,
  RuleIntent,
  TargetGroupIntent,
} from '../../../src/core/domain/group-model.ts';
import {
  type SubnetId,
  type VpcId,
  groupKey,
  namespacedName,
  resourceId,
} from '../../../src/core/domain/ids.ts';
import {
  type ObservedGroup,
  type ObservedLoadBalancer,
  type ObservedTargetGroup,
  emptyObservedGroup,
} from '../../../src/core/domain/observed-group.ts';
import type { ObjectRef } from '../../../src/core/domain/problem.ts';

const uid = (name: string): string => createHash('sha256').update(name).digest('hex').slice(0, 8);

/** `web/site` */
export function ref(id: string): ObjectRef {
  const [namespace = '', name = ''] = id.split('/');
  return { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', namespace, name };
}

export function member(id: string): Member {
  const object = ref(id);
  return {
    ref: object,
    id: namespacedName(object.namespace, object.name),
    order: 0,
    resourceVersion: '1',
    finalizers: [],
  };
}

/** As an implicit group of one Ingress asks for it. */
export function desiredLoadBalancer(
  name: string,
  overrides: Partial<DesiredLoadBalancer> = {},
): DesiredLoadBalancer {
  return {
    id: resourceId('load-balancer', name),
    name,
    scheme: 'internal',
    ipAddressType: 'ipv4',
    subnets: [],
    securityGroups: [],
    attributes: {},
    customerOwnedIpv4Pool: undefined,
    ipamPoolId: undefined,
    capacityUnits: undefined,
    webAclArn: undefined,
    classicWebAclId: undefined,
    shieldProtection: undefined,
    tags: {},
    listeners: [],
    waitingPorts: [],
    ...overrides,
  };
}

export const loadBalancerIntent: LoadBalancerIntent = {
  name: undefined,
  scheme: 'internal',
  ipAddressType: 'ipv4',
  subnets: { kind: 'discover' },
  securityGroups: { kind: 'managed' },
  attributes: {},
  customerOwnedIpv4Pool: undefined,
  ipamPoolId: undefined,
  capacityUnits: undefined,
  webAcl: undefined,
  classicWebAclId: undefined,
  shieldProtection: undefined,
  tags: {},
};

export const healthCheck: TargetGroupIntent['healthCheck'] = {
  protocol: 'HTTP',
  port: 'traffic-port',
  path: '/',
  intervalSeconds: 15,
  timeoutSeconds: 5,
  healthyThreshold: 2,
  unhealthyThreshold: 2,
  successCodes: '200',
};

/** Target group of `web/site` towards Service `web/front`, port 80 on node port 30080. */
export function targetGroup(overrides: Partial<TargetGroupIntent> = {}): TargetGroupIntent {
  const targetType = overrides.targetType ?? 'instance';
  return {
    id: 'web/site-front:80',
    member: ref('web/site'),
    service: { namespace: 'web', name: 'front', uid: uid('front') },
    backendPort: '80',
    servicePort: {
      name: '',
      port: 80,
      targetPort: { kind: 'number', number: 8080 },
      nodePort: 30080,
      protocol: 'TCP',
      appProtocol: undefined,
    },
    targetType,
    port: targetType === 'instance' ? 30080 : 8080,
    protocol: 'HTTP',
    protocolVersion: 'HTTP1',
    ipAddressType: 'ipv4',
    targetControlPort: undefined,
    healthCheck,
    attributes: {},
    nodeLabels: {},
    multiCluster: false,
    tags: {},
    ...overrides,
  };
}

export function rule(memberId: string, host: string, overrides: Partial<RuleIntent> = {}): RuleIntent {
  return {
    conditions: [{ kind: 'host-header', values: [host], regexValues: [] }],
    actions: [
      {
        kind: 'forward',
        targetGroups: [{ targetGroup: { kind: 'managed', id: 'web/site-front:80' }, weight: 1 }],
        stickinessSeconds: undefined,
      },
    ],
    transforms: [],
    member: ref(memberId),
    path: 'spec.rules[0].http.paths[0]',
    tags: {},
    ...overrides,
  };
}

export function listener(port: number, overrides: Partial<ListenerIntent> = {}): ListenerIntent {
  return {
    port,
    protocol: 'HTTP',
    certificates: [],
    discoverCertificatesFor: [],
    sslPolicy: undefined,
    mutualAuthentication: undefined,
    inboundCidrs: [],
    prefixLists: [],
    attributes: {},
    defaultActions: [
      { kind: 'fixed-response', statusCode: '404', contentType: 'text/plain', messageBody: undefined },
    ],
    rules: [rule('web/site', 'app.example.com')],
    tags: {},
    ...overrides,
  };
}

/** The implicit group of `web/site`: one HTTP listener, one rule, one target group. */
export function model(overrides: Partial<GroupModel> = {}): GroupModel {
  return {
    key: groupKey('web/site'),
    identity: { kind: 'implicit', namespace: 'web', name: 'site' },
    members: [member('web/site')],
    held: [],
    leaving: [],
    problems: [],
    loadBalancer: loadBalancerIntent,
    listeners: [listener(80)],
    certificates: [],
    targetGroups: [targetGroup()],
    heldTargetGroups: [],
    ...overrides,
  };
}

export function subnet(name: string, overrides: Partial<SubnetFact> = {}): SubnetFact {
  const isPublic = name.startsWith('public');
  return {
    id: `subnet-${name}` as SubnetId,
    availabilityZone: `us-west-2${name.at(-1)}`,
    locale: 'availability-zone',
    cidr: '10.0.0.0/19',
    ipv6Cidrs: ['2600:1f14::/64'],
    availableIpCount: 100,
    tags: {
      Name: name,
      'kubernetes.io/cluster/demo-cluster': 'shared',
      [isPublic ? 'kubernetes.io/role/elb' : 'kubernetes.io/role/internal-elb']: '1',
    },
    routesToInternet: isPublic,
    ...overrides,
  };
}

export const subnets: readonly SubnetFact[] = ['a', 'b', 'c'].flatMap((zone) => [
  subnet(`public-${zone}`),
  subnet(`private-${zone}`),
]);

export function facts(overrides: Partial<Facts> = {}): Facts {
  return {
    vpc: { id: 'vpc-0123456789abcdef0' as VpcId, cidrs: ['10.0.0.0/16'], ipv6Cidrs: [] },
    subnets,
    securityGroups: [],
    certificates: [],
    quotas: [],
    targetGroupsByName: new Map(),
    trustStoresByName: new Map(),
    webAclsByName: new Map(),
    shieldActive: false,
    ...overrides,
  };
}

export const nothingObserved: ObservedGroup = emptyObservedGroup(groupKey('web/site'));

export function observedLoadBalancer(overrides: Partial<ObservedLoadBalancer> = {}): ObservedLoadBalancer {
  return {
    arn: 'arn:lb' as ObservedLoadBalancer['arn'],
    name: 'k8s-web-site-6fce5aad7b',
    dnsName: 'lb.example',
    type: 'application',
    scheme: 'internal',
    state: 'active',
    ipAddressType: 'ipv4',
    subnets: ['subnet-old-a', 'subnet-old-b'] as SubnetId[],
    securityGroups: [],
    ipamPoolId: undefined,
    capacityUnits: undefined,
    webAclArn: undefined,
    classicWebAclId: undefined,
    shieldProtection: undefined,
    attributes: undefined,
    tags: {},
    listeners: [],
    ...overrides,
  };
}

export function observedTargetGroup(name: string, ipAddressType = 'ipv4'): ObservedTargetGroup {
  return {
    arn: `arn:${name}` as ObservedTargetGroup['arn'],
    name,
    targetType: 'instance',
    port: 30080,
    protocol: 'HTTP',
    protocolVersion: 'HTTP1',
    ipAddressType,
    healthCheck,
    attributes: undefined,
    tags: {},
    loadBalancerArns: [],
    targets: undefined,
  };
}
