// The CustomResourceDefinitions that deploy/crds ships. They accept what ALBC's accept (albc-behaviour §2.2, §7.1), and
// check by themselves what ALBC leaves to its webhooks or to AWS, because we do not ask for webhooks. `webhooks: true` leaves
// these checks out: so are ALBC's own definitions, which stay where it was installed.

import { stringify } from 'yaml';
import * as s from './openapi-schema.ts';

/** The API server refuses an item that is there twice. */
const set = { 'x-kubernetes-list-type': 'set' };

const listenerAttribute = s.object({ key: s.text('Name of the attribute.'), value: s.text('Its value.') });
const tag = s.object({ key: s.text('Key of the tag.'), value: s.text('Value of the tag.') });

type Checked = { readonly webhooks: boolean };

const ingressClassParamsSpec = ({ webhooks }: Checked): s.Schema =>
  s.object(
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
                ...(webhooks ? {} : set),
              }),
            ),
            tags: s.optional(
              s.map(
                s.list(s.text('A value.'), 'Values, one of which the tag must have.', webhooks ? {} : set),
                'Chooses one eligible subnet per zone among those that have every key with one of its values.',
                webhooks ? {} : { minProperties: 1 },
              ),
            ),
          },
          'Subnets of the load balancer: by ids or by tags.',
          webhooks
            ? []
            : [
                ['!(has(self.ids) && has(self.tags))', 'may not have both `ids` and `tags` set'],
                ['has(self.ids) || has(self.tags)', 'must have either `ids` or `tags`'],
              ],
        ),
      ),
      certificateArn: s.optional(
        s.list(s.text('ARN of a certificate.'), 'Certificates of all HTTPS listeners.'),
      ),
      sslPolicy: s.optional(s.text('TLS policy of all HTTPS listeners.')),
      sslRedirectPort: s.optional(s.text('HTTPS port that all HTTP listeners redirect to.')),
      inboundCIDRs: s.optional(
        s.list(
          // Bits below the prefix need the CIDR functions of Kubernetes 1.31; the controller tells about them.
          { ...s.text('A CIDR block.'), ...(webhooks ? {} : { pattern: '^[0-9A-Fa-f.:]+/[0-9]{1,3}$' }) },
          'Who may connect to the load balancer.',
        ),
      ),
      prefixListsIDs: s.optional(
        s.list(s.text('Id of a prefix list.'), 'Who may connect to the load balancer.'),
      ),
      PrefixListsIDs: s.optional(
        s.list(s.text('Id of a prefix list.'), 'Another spelling of prefixListsIDs.'),
      ),
      targetType: s.optional(s.oneOf(['instance', 'ip'], 'Target type of all target groups.')),
      tags: s.optional(s.list(tag, 'Tags of all AWS resources.')),
      loadBalancerAttributes: s.optional(s.list(listenerAttribute, 'Attributes of the load balancer.')),
      listeners: s.optional(
        s.list(
          s.object({
            // ALBC's definition takes any text; a listener that nobody has gets no attributes.
            protocol: s.optional(s.text('Protocol of the listener: HTTP or HTTPS.')),
            port: s.optional({
              ...s.integer('Port of the listener.'),
              ...(webhooks ? {} : { minimum: 1, maximum: 65_535 }),
            }),
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
    [
      [
        '!(has(self.prefixListsIDs) && has(self.PrefixListsIDs))',
        "cannot specify both 'prefixListsIDs' and 'PrefixListsIDs' fields",
      ],
    ],
  );

const networkingRule = ({ webhooks }: Checked): s.Schema =>
  s.object({
    from: s.list(
      s.object(
        {
          ipBlock: s.optional(s.object({ cidr: s.text('A CIDR block.') }, 'Addresses.')),
          securityGroup: s.optional(s.object({ groupID: s.text('Id of the group.') }, 'A security group.')),
        },
        'Where the traffic comes from.',
        webhooks
          ? []
          : [['has(self.ipBlock) != has(self.securityGroup)', 'give either ipBlock or securityGroup']],
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

const fixedFields = ['targetGroupARN', 'targetType', 'ipAddressType', 'vpcID'];
const notChanged = (field: string): string =>
  `TargetGroupBinding update may not change these immutable fields: spec.${field}`;

/** A field that may be filled in later, and then neither changes nor goes. */
const fixed = (field: string): s.CelRule => [
  `!has(oldSelf.${field}) || (has(self.${field}) && self.${field} == oldSelf.${field})`,
  notChanged(field),
];

/** What ALBC's webhooks refuse and the object itself tells (albc-behaviour §7.2). */
const bindingRules: readonly s.CelRule[] = [
  [
    'has(self.targetGroupARN) || has(self.targetGroupName)',
    'must provide either TargetGroupARN or TargetGroupName',
  ],
  [
    "!(has(self.nodeSelector) && has(self.targetType) && self.targetType == 'ip')",
    'TargetGroupBinding cannot set NodeSelector when TargetType is ip',
  ],
  [
    "!(has(self.iamRoleArnToAssume) && has(self.targetType) && self.targetType == 'instance')",
    'iamRoleArnToAssume is for targetType ip only: nodes of this cluster are not known to another account',
  ],
  [
    "!(has(self.targetGroupProtocol) && has(self.targetType) && self.targetType == 'instance' && (self.targetGroupProtocol == 'QUIC' || self.targetGroupProtocol == 'TCP_QUIC'))",
    'targetGroupProtocol QUIC and TCP_QUIC are for targetType ip only',
  ],
  ...fixedFields.map(fixed),
  [
    'has(self.targetGroupARN) || !has(oldSelf.targetGroupName) || (has(self.targetGroupName) && self.targetGroupName == oldSelf.targetGroupName)',
    notChanged('targetGroupName'),
  ],
];

const targetGroupBindingSpec = ({ webhooks }: Checked): s.Schema =>
  s.object(
    {
      targetGroupARN: s.optional(s.text('ARN of the target group.')),
      targetGroupName: s.optional(s.text('Name of the target group, where no ARN is given.')),
      serviceRef: s.object(
        {
          name: s.text('Name of the Service, in the same namespace.'),
          port: s.integerOrText('Port of the Service, by number or name.'),
        },
        'Whose endpoints become targets.',
      ),
      targetType: s.optional(s.oneOf(['instance', 'ip'], 'Absent: as the target group has it.')),
      targetGroupProtocol: s.optional(
        s.oneOf(
          ['HTTP', 'HTTPS', 'TCP', 'TLS', 'UDP', 'TCP_UDP', 'QUIC', 'TCP_QUIC'],
          'Absent: as the target group has it.',
        ),
      ),
      ipAddressType: s.optional(s.oneOf(['ipv4', 'ipv6'], 'Absent: as the target group has it.')),
      vpcID: s.optional({
        ...s.text('VPC of the target group. Absent: the one of the cluster.'),
        pattern: '^vpc-(?:[0-9a-f]{8}|[0-9a-f]{17}|[0-9a-f]{32})$',
      }),
      nodeSelector: s.optional(s.labelSelector('Which nodes are targets (instance only).')),
      networking: s.optional(
        s.object(
          { ingress: s.optional(s.list(networkingRule({ webhooks }), 'What may reach the targets.')) },
          'Rules on the security groups of nodes and Pods.',
        ),
      ),
      multiClusterTargetGroup: s.optional(s.flag('Targets of other clusters are in the same target group.')),
      iamRoleArnToAssume: s.optional(s.text('Role for a target group in another account (ip only).')),
      assumeRoleExternalId: s.optional(s.text('External id for that role.')),
    },
    'Registers the endpoints of a Service with a target group.',
    webhooks ? [] : bindingRules,
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

/** YAML of the definition. `webhooks`: without what webhooks check. */
export function renderIngressClassParamsCrd(checked: Checked = { webhooks: false }): string {
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
        schema: s.root({ spec: ingressClassParamsSpec(checked) }),
      },
    ],
  });
}

/** YAML of the definition. `webhooks`: without what webhooks check. */
export function renderTargetGroupBindingCrd(checked: Checked = { webhooks: false }): string {
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
    schema: s.root({ spec: targetGroupBindingSpec(checked), status: targetGroupBindingStatus }),
    subresources: { status: {} },
  };
  return render({
    kind: 'TargetGroupBinding',
    plural: 'targetgroupbindings',
    singular: 'targetgroupbinding',
    scope: 'Namespaced',
    // A cluster that began with an old ALBC may hold objects of the older version.
    versions: [
      { name: 'v1alpha1', storage: false, ...version },
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
  return heading + stringify(definition, { lineWidth: 0, aliasDuplicateObjects: false });
}
