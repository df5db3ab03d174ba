import fc from 'fast-check';
import type {
  DesiredGroup,
  DesiredListener,
  DesiredRule,
  DesiredTargetGroup,
} from '../../src/core/domain/desired-group.ts';
import type { GroupModel, HeldMember } from '../../src/core/domain/group-model.ts';
import {
  groupKey,
  type NamespacedName,
  resourceId,
  type SecurityGroupId,
  type SubnetId,
} from '../../src/core/domain/ids.ts';
import type { ObjectRef } from '../../src/core/domain/problem.ts';
import { healthCheck, loadBalancerIntent } from '../core/desired/models.ts';

const key = groupKey('shop/web');
const cluster = 'demo-cluster';
const ownTags = (resource: string) => ({
  'elbv2.k8s.aws/cluster': cluster,
  'ingress.k8s.aws/stack': key,
  'ingress.k8s.aws/resource': resource,
});

function memberRef(name: string): ObjectRef {
  return { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', namespace: 'shop', name };
}

function targetGroup(name: string, member: string, version: number): DesiredTargetGroup {
  const awsName = `k8s-shop-${name}-v${version}`;
  return {
    id: resourceId('target-group', awsName),
    name: awsName,
    targetType: 'ip',
    port: 8080,
    protocol: 'HTTP',
    protocolVersion: 'HTTP1',
    ipAddressType: 'ipv4',
    targetControlPort: undefined,
    healthCheck,
    attributes: {},
    tags: ownTags(`shop/${member}-${name}:80`),
    targets: [
      {
        id: `10.0.0.${version}`,
        port: 8080,
        availabilityZone: undefined,
        object: { kind: 'Pod', id: `shop/${name}` as NamespacedName, uid: name },
      },
    ],
    member: memberRef(member),
  };
}

const services = ['a', 'b', 'c'] as const;
const members = ['web', 'api'] as const;
const paths = ['/a', '/b', '/a/*', '/*'] as const;
const hosts = ['x.example.com', '*.example.com'] as const;

type RulePick = {
  readonly member: (typeof members)[number];
  readonly host: (typeof hosts)[number];
  readonly path: (typeof paths)[number];
  readonly service: (typeof services)[number];
};

const rulePick: fc.Arbitrary<RulePick> = fc.record({
  member: fc.constantFrom(...members),
  host: fc.constantFrom(...hosts),
  path: fc.constantFrom(...paths),
  service: fc.constantFrom(...services),
});

/** A desired group with two possible listeners and up to six rules on each; `held` and the tags follow the members that are left out. */
export const desiredGroups: fc.Arbitrary<DesiredGroup> = fc
  .record({
    ports: fc.subarray([80, 8080, 9090], { minLength: 1 }),
    rules: fc.uniqueArray(rulePick, { maxLength: 6, selector: ({ host, path }) => `${host}${path}` }),
    versions: fc.record({
      a: fc.integer({ min: 1, max: 2 }),
      b: fc.integer({ min: 1, max: 2 }),
      c: fc.constant(1),
    }),
    attribute: fc.option(fc.constantFrom('30', '60'), { nil: undefined }),
    ipamPoolId: fc.option(fc.constantFrom('ipam-pool-1', 'ipam-pool-2'), { nil: undefined }),
    webAclArn: fc.constantFrom(undefined, '', 'arn:acl-1', 'arn:acl-2'),
    classicWebAclId: fc.constantFrom(undefined, '', 'acl-1', 'acl-2'),
    shieldProtection: fc.constantFrom(undefined, true, false),
    team: fc.option(fc.constantFrom('one', 'two'), { nil: undefined }),
    cidrs: fc.subarray(['10.0.0.0/8', '172.16.0.0/12', '0.0.0.0/0'], { minLength: 1 }),
  })
  .map((given) => {
    const { ports, rules, versions, attribute, ipamPoolId, shieldProtection, team, cidrs } = given;
    const user = team === undefined ? {} : { team };
    const groups = [...new Set(rules.map((rule) => `${rule.member} ${rule.service}`))].map((pair) => {
      const [member = '', service = 'a'] = pair.split(' ');
      return targetGroup(`${member}-${service}`, member, versions[service as 'a']);
    });
    const desiredRules = rules.map((rule, i): DesiredRule => {
      const found = groups.find((group) =>
        group.name.startsWith(`k8s-shop-${rule.member}-${rule.service}-`),
      ) as DesiredTargetGroup;
      return {
        conditions: [
          { kind: 'host-header', values: [rule.host], regexValues: [] },
          { kind: 'path-pattern', values: [rule.path], regexValues: [] },
        ],
        actions: [
          {
            kind: 'forward',
            targetGroups: [{ targetGroup: { kind: 'managed', id: found.id }, weight: 1 }],
            stickinessSeconds: undefined,
          },
        ],
        transforms: [],
        member: memberRef(rule.member),
        path: `spec.rules[${i}]`,
        tags: { ...ownTags(''), 'albatross.dev/ingress': `shop/${rule.member}`, ...user },
      };
    });
    const listeners = ports.map(
      (port): DesiredListener => ({
        id: resourceId('listener', 'k8s-shop-web', String(port)),
        port,
        protocol: 'HTTP',
        defaultActions: [
          { kind: 'fixed-response', statusCode: '404', contentType: 'text/plain', messageBody: undefined },
        ],
        sslPolicy: undefined,
        certificateArns: [],
        mutualAuthentication: undefined,
        attributes: {},
        tags: { ...ownTags(String(port)), ...user },
        rules: desiredRules,
      }),
    );
    const securityGroup = resourceId('security-group', 'k8s-shop-web-sg');
    return {
      key,
      model: groupModel([]),
      loadBalancer: {
        id: resourceId('load-balancer', 'k8s-shop-web'),
        name: 'k8s-shop-web',
        scheme: 'internal',
        ipAddressType: 'ipv4',
        subnets: ['subnet-1', 'subnet-2'] as SubnetId[],
        securityGroups: [{ ref: securityGroup, attribute: 'id' }, 'sg-backend' as SecurityGroupId],
        attributes: attribute === undefined ? {} : { 'idle_timeout.timeout_seconds': attribute },
        customerOwnedIpv4Pool: undefined,
        ipamPoolId,
        capacityUnits: undefined,
        webAclArn: given.webAclArn,
        classicWebAclId: given.classicWebAclId,
        shieldProtection,
        tags: { ...ownTags('LoadBalancer'), ...user },
        listeners,
        waitingPorts: [],
      },
      securityGroups: [
        {
          id: securityGroup,
          name: 'k8s-shop-web-sg',
          description: '[k8s] Managed SecurityGroup for LoadBalancer',
          tags: { ...ownTags('ManagedLBSecurityGroup'), ...user },
          ingress: ports.flatMap((port) =>
            cidrs.map((cidr) => ({
              protocol: 'tcp',
              fromPort: port,
              toPort: port,
              source: { kind: 'ipv4' as const, cidr },
              description: '',
            })),
          ),
        },
      ],
      targetGroups: groups,
      certificates: [],
      network: { backendSecurityGroup: undefined, openings: [], partial: false, ownSources: [] },
    };
  });

/** Only what the plan reads of a model: who is a member, held, leaving. */
export function groupModel(held: readonly string[], leaving: readonly string[] = []): GroupModel {
  const member = (name: string) => ({
    ref: memberRef(name),
    id: `shop/${name}` as NamespacedName,
    order: 0,
    resourceVersion: '1',
    finalizers: [],
  });
  return {
    key,
    identity: { kind: 'explicit', name: key },
    members: [],
    held: held.map((name): HeldMember => ({ ...member(name), problems: [] })),
    leaving: leaving.map((name) => ({ ...member(name), proof: 'deleted' })),
    problems: [],
    loadBalancer: loadBalancerIntent,
    listeners: [],
    certificates: [],
    targetGroups: [],
    heldTargetGroups: [],
  };
}

/** The group whose last member is leaving: everything goes. */
export const emptyGroup: DesiredGroup = {
  key,
  model: groupModel([], ['web']),
  loadBalancer: undefined,
  securityGroups: [],
  targetGroups: [],
  certificates: [],
  network: { backendSecurityGroup: undefined, openings: [], partial: false, ownSources: [] },
};
