// The CustomResourceDefinitions that deploy/crds ships. They accept what ALBC's accept (albc-behaviour §2.2, §7.1), and
// check by themselves (CEL) what ALBC leaves to its webhooks, because we do not ask for webhooks.

import { stringify } from 'yaml';
import * as s from './openapi-schema.ts';

const listenerAttribute = s.object({ key: s.text('Name of the attribute.'), value: s.text('Its value.') });
const tag = s.object({ key: s.text('Key of the tag.'), value: s.text('Value of the tag.') });

const ingressClassParamsSpec = s.object(
  {
    namespaceSelector: s.optional(
      s.labelSelector('Only Ingresses in namespaces with these labels may use the class. Absent: all.'),
    ),
    group: s.optional(
      s.object({ name: s.text('Name of the group.') }, 'Puts every Ingress of the class into this group.'),
    ),
    loadBalancerName: s.optional(s.text('Name of the load balancer.')),
    scheme: s.optional(s.oneOf(['internal', 'internet-facing'], 'Scheme of the load balancer.')),
    ipAddressType: s.optional(
      s.oneOf(['ipv4', 'dualstack', 'dualstack-without-public-ipv4'], 'Address type of the load balancer.'),
    ),
    subnets: s.optional(
      s.object(
        {
          ids: s.optional(
            s.list({ ...s.text('Id of a subnet.'), pattern: 'subnet-[0-9a-f]+' }, 'One subnet per zone.', {
              minItems: 1,
              'x-kubernetes-list-type': 'set',
            }),
          ),
          tags: s.optional(
            s.map(
              s.list(s.text('A value.'), 'Values, one of which the tag must have.'),
              'Chooses one eligible subnet per zone among those that have every key with one of its values.',
            ),
          ),
        },
        'Subnets of the load balancer: by ids or by tags.',
        [['has(self.ids) != has(self.tags)', 'give either ids or tags']],
      ),
    ),
    certificateArn: s.optional(
      s.list(s.text('ARN of a certificate.'), 'Certificates of all HTTPS listeners.'),
    ),
    sslPolicy: s.optional(s.text('TLS policy of all HTTPS listeners.')),
    sslRedirectPort: s.optional(s.text('HTTPS port that all HTTP listeners redirect to.')),
    inboundCIDRs: s.optional(s.list(s.text('A CIDR block.'), 'Who may connect to the load balancer.')),
    prefixListsIDs: s.optional(
      s.list(s.text('Id of a prefix list.'), 'Who may connect to the load balancer.'),
    ),
    PrefixListsIDs: s.optional(s.list(s.text('Id of a prefix list.'), 'Another spelling of prefixListsIDs.')),
    targetType: s.optional(s.oneOf(['instance', 'ip'], 'Target type of all target groups.')),
    tags: s.optional(s.list(tag, 'Tags of all AWS resources.')),
    loadBalancerAttributes: s.optional(s.list(listenerAttribute, 'Attributes of the load balancer.')),
    listeners: s.optional(
      s.list(
        s.object({
          protocol: s.optional(s.oneOf(['HTTP', 'HTTPS'], 'Protocol of the listener.')),
          port: s.optional({ ...s.integer('Port of the listener.'), minimum: 1, maximum: 65_535 }),
          listenerAttributes: s.optional(s.list(listenerAttribute, 'Attributes of the listener.')),
        }),
        'Attributes of listeners, found by protocol and port. Makes no listeners.',
      ),
    ),
    minimumLoadBalancerCapacity: s.optional(
      s.object({ capacityUnits: s.integer('Load balancer capacity units.') }, 'Reserved capacity.'),
    ),
    ipamConfiguration: s.optional(
      s.object(
        { ipv4IPAMPoolId: s.optional(s.text('Id of the pool.')) },
        'Public addresses from an IPAM pool.',
      ),
    ),
    wafv2AclArn: s.optional(s.text('ARN of the web ACL.')),
    wafv2AclName: s.optional(s.text('Name of the web ACL.')),
  },
  'Settings that hold for every Ingress of the class, before its annotations.',
  [['!(has(self.prefixListsIDs) && has(self.PrefixListsIDs))', 'give prefixListsIDs in one spelling only']],
);

const networkingRule = s.object({
  from: s.list(
    s.object(
      {
        ipBlock: s.optional(s.object({ cidr: s.text('A CIDR block.') }, 'Addresses.')),
        securityGroup: s.optional(s.object({ groupID: s.text('Id of the group.') }, 'A security group.')),
      },
      'Where the traffic comes from.',
      [['has(self.ipBlock) != has(self.securityGroup)', 'give either ipBlock or securityGroup']],
    ),
    'Where the traffic may come from.',
  ),
  ports: s.list(
    s.object({
      protocol: s.optional(s.oneOf(['TCP', 'UDP'], 'TCP unless said otherwise.')),
      port: s.optional(s.integerOrText('Number or name. Absent: every port.')),
    }),
    'Ports that are opened. Empty: all of them.',
  ),
});

const unchanged = (what: string): readonly s.CelRule[] => [['self == oldSelf', `${what} cannot be changed`]];

const targetGroupBindingSpec = s.object(
  {
    targetGroupARN: s.optional(s.ruled(s.text('ARN of the target group.'), unchanged('targetGroupARN'))),
    targetGroupName: s.optional(s.text('Name of the target group, where no ARN is given.')),
    serviceRef: s.object(
      {
        name: s.text('Name of the Service, in the same namespace.'),
        port: s.integerOrText('Port of the Service, by number or name.'),
      },
      'Whose endpoints become targets.',
    ),
    targetType: s.optional(
      s.ruled(s.oneOf(['instance', 'ip'], 'Absent: as the target group has it.'), unchanged('targetType')),
    ),
    targetGroupProtocol: s.optional(
      s.oneOf(
        ['HTTP', 'HTTPS', 'TCP', 'TLS', 'UDP', 'TCP_UDP', 'QUIC', 'TCP_QUIC'],
        'Absent: as the target group has it.',
      ),
    ),
    ipAddressType: s.optional(
      s.ruled(s.oneOf(['ipv4', 'ipv6'], 'Absent: as the target group has it.'), unchanged('ipAddressType')),
    ),
    vpcID: s.optional(
      s.ruled(
        {
          ...s.text('VPC of the target group. Absent: the one of the cluster.'),
          pattern: '^vpc-(?:[0-9a-f]{8}|[0-9a-f]{17}|[0-9a-f]{32})$',
        },
        unchanged('vpcID'),
      ),
    ),
    nodeSelector: s.optional(s.labelSelector('Which nodes are targets (instance only).')),
    networking: s.optional(
      s.object(
        { ingress: s.optional(s.list(networkingRule, 'What may reach the targets.')) },
        'Rules on the security groups of nodes and Pods.',
      ),
    ),
    multiClusterTargetGroup: s.optional(s.flag('Targets of other clusters are in the same target group.')),
    iamRoleArnToAssume: s.optional(s.text('Role for a target group in another account (ip only).')),
    assumeRoleExternalId: s.optional(s.text('External id for that role.')),
  },
  'Registers the endpoints of a Service with a target group.',
  [
    ['has(self.targetGroupARN) || has(self.targetGroupName)', 'give targetGroupARN or targetGroupName'],
    [
      "!(has(self.nodeSelector) && has(self.targetType) && self.targetType == 'ip')",
      'nodeSelector is for targetType instance only',
    ],
    [
      "!(has(self.iamRoleArnToAssume) && has(self.targetType) && self.targetType == 'instance')",
      'iamRoleArnToAssume is for targetType ip only',
    ],
  ],
);

const condition = s.object({
  type: s.text('What the condition is about.'),
  status: s.oneOf(['True', 'False', 'Unknown'], 'Whether it holds.'),
  observedGeneration: s.optional(s.integer('Generation of the object that it was seen on.', 'int64')),
  lastTransitionTime: s.time('When the status changed.'),
  reason: s.text('One word.'),
  message: s.text('A sentence.'),
});

const targetGroupBindingStatus = s.object({
  observedGeneration: s.optional(s.integer('Generation that was last worked on.', 'int64')),
  conditions: s.optional(
    s.list(condition, 'State in words.', {
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['type'],
    }),
  ),
});

const age = { name: 'AGE', type: 'date', jsonPath: '.metadata.creationTimestamp' };
const column = (name: string, field: string, rest: object = {}): object => ({
  name,
  type: 'string',
  jsonPath: `.spec.${field}`,
  ...rest,
});

export function renderIngressClassParamsCrd(): string {
  return render({
    kind: 'IngressClassParams',
    plural: 'ingressclassparams',
    singular: 'ingressclassparam',
    scope: 'Cluster',
    versions: [
      {
        name: 'v1beta1',
        served: true,
        storage: true,
        additionalPrinterColumns: [
          column('GROUP-NAME', 'group.name'),
          column('SCHEME', 'scheme'),
          column('IP-ADDRESS-TYPE', 'ipAddressType'),
          age,
        ],
        schema: s.root({ spec: ingressClassParamsSpec }),
      },
    ],
  });
}

export function renderTargetGroupBindingCrd(): string {
  const version = {
    served: true,
    additionalPrinterColumns: [
      column('SERVICE-NAME', 'serviceRef.name'),
      column('SERVICE-PORT', 'serviceRef.port'),
      column('TARGET-TYPE', 'targetType'),
      column('ARN', 'targetGroupARN', { priority: 1 }),
      column('NAME', 'targetGroupName', { priority: 1 }),
      age,
    ],
    schema: s.root({ spec: targetGroupBindingSpec, status: targetGroupBindingStatus }),
    subresources: { status: {} },
  };
  return render({
    kind: 'TargetGroupBinding',
    plural: 'targetgroupbindings',
    singular: 'targetgroupbinding',
    scope: 'Namespaced',
    // A cluster that began with an old ALBC may hold objects of the older version.
    versions: [
      { name: 'v1alpha1', storage: false, deprecated: true, ...version },
      { name: 'v1beta1', storage: true, ...version },
    ],
  });
}

function render(crd: {
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly scope: 'Cluster' | 'Namespaced';
  readonly versions: readonly object[];
}): string {
  const { kind, plural, singular, scope, versions } = crd;
  const group = 'elbv2.k8s.aws';
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}`, labels: { 'app.kubernetes.io/name': 'albatross' } },
    spec: { group, names: { kind, listKind: `${kind}List`, plural, singular }, scope, versions },
  };
  const heading = '# Generated from scripts/crds.ts by `npm run generate`; do not edit.\n';
  return heading + stringify(definition, { lineWidth: 120, aliasDuplicateObjects: false });
}
