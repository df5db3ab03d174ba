import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isMutating } from '../../../src/simulator/aws/trace.ts';
import type { Attributes, OperationKind } from '../../../src/core/domain/operation.ts';
import type {
  CertificateArn,
  RuleArn,
  SecurityGroupId,
  TargetGroupArn,
  SubnetId,
} from '../../../src/core/domain/ids.ts';
import { createAws } from '../../../src/aws/aws.ts';
import { clusterName, type LocalAws, localAws } from '../local-aws.ts';
import {
  apply,
  key,
  loadBalancerSpec,
  notFound,
  openShop,
  type Shop,
  shopWorld,
  tagsOf,
  targetGroupSpec,
} from '../shop.ts';

type World = Shop & {
  readonly local: LocalAws;
  readonly rule: RuleArn;
  readonly securityGroup: SecurityGroupId;
};

async function openWorld(local: LocalAws): Promise<World> {
  const shop = await openShop(local);
  const { state } = local.account;
  state.webAcls.set(webAcl.arn, webAcl);
  state.shieldSubscribed = true;
  const rule = await apply(local, 'createRule', {
    listener: shop.listener,
    priority: 1,
    content,
    tags: tagsOf('443:1'),
  });
  const group = await apply(local, 'createSecurityGroup', {
    name: 'k8s-shop',
    description: 'd',
    tags: tagsOf('SG'),
  });
  const zone = { Name: 'example.com', CallerReference: '1' };
  await local.account.call('route53', 'CreateHostedZone', zone);
  return { ...shop, local, rule: rule.arn as RuleArn, securityGroup: group.id as SecurityGroupId };
}

const webAcl = { arn: 'arn:aws:wafv2:web-acl', id: 'acl-1', name: 'shop', scope: 'REGIONAL' };

const content = {
  conditions: [{ kind: 'path-pattern', values: ['/a'], regexValues: [] }],
  actions: [notFound],
  transforms: [],
} as const;
const listenerSpec = {
  port: 80,
  protocol: 'HTTP',
  sslPolicy: undefined,
  defaultActions: [notFound],
  certificateArn: undefined,
  mutualAuthentication: undefined,
} as const;
const opened = {
  protocol: 'tcp',
  fromPort: 80,
  toPort: 80,
  source: { kind: 'ipv4', cidr: '0.0.0.0/0' },
  description: 'clients',
} as const;
const target = { id: '10.0.96.20', port: 80, availabilityZone: undefined };
const other = (local: LocalAws): string => local.id('cert/other.example.com');

const certificateSpec = {
  name: 'amazon_issued/a.example.com-00000000',
  domains: ['a.example.com', 'b.example.com'],
  authorityArn: undefined,
  tags: { ...tagsOf('amazon_issued/a.example.com-00000000'), old: 'yes' },
};

/** One certificate of the group, however often it is asked for. */
const requested = async (local: LocalAws): Promise<CertificateArn> =>
  (await apply(local, 'requestCertificate', { spec: certificateSpec })).arn as CertificateArn;

/** One operation of each kind, each on a world of its own. */
const steps: Readonly<Record<OperationKind, (world: World) => Promise<Attributes>>> = {
  createSecurityGroup: ({ local }) =>
    apply(local, 'createSecurityGroup', { name: 'k8s-new', description: 'd', tags: tagsOf('New') }),
  authorizeIngress: ({ local, securityGroup }) =>
    apply(local, 'authorizeIngress', {
      securityGroup,
      rules: [opened, { ...opened, fromPort: 443, toPort: 443 }],
    }),
  revokeIngress: async ({ local, securityGroup }) =>
    apply(local, 'revokeIngress', {
      securityGroup,
      ruleIds: ['tcp/80_80/ipv4/0.0.0.0/0', 'tcp/1_1/ipv4/0.0.0.0/0'],
    }),
  deleteSecurityGroup: ({ local, securityGroup }) => apply(local, 'deleteSecurityGroup', { securityGroup }),
  release: ({ local, securityGroup }) =>
    apply(local, 'release', {
      service: 'ec2',
      resource: securityGroup,
      keys: ['elbv2.k8s.aws/cluster', 'ingress.k8s.aws/stack'],
    }),
  setSecurityGroupTags: ({ local, securityGroup }) =>
    apply(local, 'setSecurityGroupTags', {
      securityGroup,
      add: { team: 'a' },
      remove: ['ingress.k8s.aws/resource'],
    }),
  createLoadBalancer: ({ local }) =>
    apply(local, 'createLoadBalancer', { spec: loadBalancerSpec(local, 'k8s-new') }),
  modifyLoadBalancerAttributes: ({ local, loadBalancer }) =>
    apply(local, 'modifyLoadBalancerAttributes', {
      loadBalancer,
      attributes: { 'idle_timeout.timeout_seconds': '90' },
    }),
  setSubnets: ({ local, loadBalancer }) =>
    apply(local, 'setSubnets', {
      loadBalancer,
      subnets: ['public-a', 'public-b', 'public-c'].map((name) => local.id(`subnet/${name}`) as SubnetId),
      ipAddressType: 'ipv4',
    }),
  setSecurityGroups: ({ local, loadBalancer, securityGroup }) =>
    apply(local, 'setSecurityGroups', { loadBalancer, securityGroups: [securityGroup] }),
  setIpAddressType: ({ local, loadBalancer }) =>
    apply(local, 'setIpAddressType', { loadBalancer, ipAddressType: 'dualstack' }),
  modifyIpPools: ({ local, loadBalancer }) =>
    apply(local, 'modifyIpPools', { loadBalancer, ipamPoolId: 'ipam-pool-0aaa' }),
  modifyCapacityReservation: ({ local, loadBalancer }) =>
    apply(local, 'modifyCapacityReservation', { loadBalancer, capacityUnits: 500 }),
  associateWebAcl: ({ local, loadBalancer }) =>
    apply(local, 'associateWebAcl', { loadBalancer, webAclArn: webAcl.arn }),
  disassociateWebAcl: async ({ local, loadBalancer }) => {
    local.account.state.webAclAssociations.set(loadBalancer, [webAcl.arn]);
    return apply(local, 'disassociateWebAcl', { loadBalancer });
  },
  associateClassicWebAcl: ({ local, loadBalancer }) =>
    apply(local, 'associateClassicWebAcl', { loadBalancer, webAclId: 'acl-1' }),
  disassociateClassicWebAcl: ({ local, loadBalancer }) => {
    local.account.state.classicWebAcls.set(loadBalancer, 'acl-1');
    return apply(local, 'disassociateClassicWebAcl', { loadBalancer });
  },
  createShieldProtection: ({ local, loadBalancer }) =>
    apply(local, 'createShieldProtection', { loadBalancer, name: 'ours' }),
  deleteShieldProtection: ({ local, loadBalancer }) => {
    const protection = { id: 'protection-1', name: 'ours', resourceArn: loadBalancer };
    local.account.state.shieldProtections.set(protection.id, protection);
    return apply(local, 'deleteShieldProtection', { loadBalancer, protectionId: protection.id });
  },
  awaitActiveLoadBalancer: ({ local, loadBalancer }) =>
    apply(local, 'awaitActiveLoadBalancer', { loadBalancer, timeoutSeconds: 1 }),
  retireLoadBalancer: ({ local, loadBalancer }) =>
    apply(local, 'retireLoadBalancer', { loadBalancer, retiredAt: undefined, seconds: 0 }),
  registerLoadBalancer: async ({ local, loadBalancer }) => {
    const spec = { ...targetGroupSpec('k8s-alb'), targetType: 'alb', protocol: 'TCP' } as const;
    const { arn } = await apply(local, 'createTargetGroup', {
      spec: { ...spec, protocolVersion: undefined },
    });
    const targetGroup = arn as TargetGroupArn;
    return apply(local, 'registerLoadBalancer', { targetGroup, loadBalancer, port: 443 });
  },
  deleteLoadBalancer: ({ local, loadBalancer }) =>
    apply(local, 'deleteLoadBalancer', { loadBalancer, liftProtection: false }),
  createTargetGroup: ({ local }) => apply(local, 'createTargetGroup', { spec: targetGroupSpec('k8s-new') }),
  modifyTargetGroup: ({ local, targetGroups: [targetGroup] }) =>
    apply(local, 'modifyTargetGroup', {
      targetGroup: targetGroup as never,
      healthCheck: { ...targetGroupSpec('x').healthCheck, path: '/healthz' },
      protocolVersion: 'HTTP1',
    }),
  modifyTargetGroupAttributes: ({ local, targetGroups: [targetGroup] }) =>
    apply(local, 'modifyTargetGroupAttributes', {
      targetGroup: targetGroup as never,
      attributes: { 'deregistration_delay.timeout_seconds': '30' },
    }),
  deleteTargetGroup: ({ local, targetGroups: [targetGroup] }) =>
    apply(local, 'deleteTargetGroup', { targetGroup: targetGroup as never }),
  registerTargets: ({ local, targetGroups: [targetGroup] }) =>
    apply(local, 'registerTargets', { targetGroup: targetGroup as never, targets: [target] }),
  deregisterTargets: ({ local, targetGroups: [targetGroup] }) =>
    apply(local, 'deregisterTargets', { targetGroup: targetGroup as never, targets: [target] }),
  awaitHealthyTargets: ({ local, targetGroups: [targetGroup] }) =>
    apply(local, 'awaitHealthyTargets', { targetGroup: targetGroup as never, count: 0, timeoutSeconds: 10 }),
  requestCertificate: ({ local }) => apply(local, 'requestCertificate', { spec: certificateSpec }),
  createValidationRecords: async ({ local }) =>
    apply(local, 'createValidationRecords', { certificate: await requested(local) }),
  setCertificateTags: async ({ local }) =>
    apply(local, 'setCertificateTags', {
      certificate: await requested(local),
      add: { team: 'a' },
      remove: ['old'],
    }),
  deleteCertificate: async ({ local }) => {
    const certificate = await requested(local);
    await apply(local, 'createValidationRecords', { certificate });
    return apply(local, 'deleteCertificate', { certificate, keepRecordsOf: [] });
  },
  createListener: ({ local, loadBalancer }) =>
    apply(local, 'createListener', { loadBalancer, spec: listenerSpec, tags: tagsOf('80') }),
  modifyListener: ({ local, listener }) =>
    apply(local, 'modifyListener', {
      listener,
      spec: {
        ...listenerSpec,
        port: 443,
        protocol: 'HTTPS',
        certificateArn: other(local),
        sslPolicy: 'ELBSecurityPolicy-2016-08',
      },
    }),
  modifyListenerAttributes: ({ local, listener }) =>
    apply(local, 'modifyListenerAttributes', {
      listener,
      attributes: { 'routing.http.response.server.enabled': 'false' },
    }),
  addListenerCertificate: ({ local, listener }) =>
    apply(local, 'addListenerCertificate', { listener, certificateArn: other(local) }),
  removeListenerCertificate: ({ local, listener }) =>
    apply(local, 'removeListenerCertificate', { listener, certificateArn: other(local) }),
  deleteListener: ({ local, listener }) => apply(local, 'deleteListener', { listener }),
  createRule: ({ local, listener }) =>
    apply(local, 'createRule', { listener, priority: 2, content, tags: tagsOf('443:2') }),
  modifyRule: ({ local, rule }) =>
    apply(local, 'modifyRule', {
      rule,
      content: { ...content, actions: [{ ...notFound, statusCode: '503' } as never] },
      resetTransforms: true,
    }),
  setRulePriorities: ({ local, listener, rule }) =>
    apply(local, 'setRulePriorities', { listener, priorities: [{ rule, priority: 7 }] }),
  deleteRule: ({ local, rule }) => apply(local, 'deleteRule', { rule }),
  setTags: ({ local, rule }) =>
    apply(local, 'setTags', { resource: rule, add: { team: 'a' }, remove: ['ingress.k8s.aws/resource'] }),
};

/** The group as a new process would observe it, with everything that can be read. */
async function seen({ local: { calls, clock, id, settled, signal } }: World): Promise<unknown> {
  const aws = createAws({ calls, clock, vpcId: id('vpc'), clusterName, makesCertificates: true });
  const resources = (await settled(aws.inventory({ signal }))).get(key);
  if (resources === undefined) return 'nothing';
  const targetGroupAttributes = new Set(['k8s-shop-web', 'k8s-shop-api', 'k8s-new']);
  const depth = {
    loadBalancerAttributes: true,
    capacityReservation: true,
    webAcl: true,
    classicWebAcl: true,
    shieldProtection: true,
    listenerAttributes: true,
    listenerCertificates: true,
    targetGroupAttributes,
  };
  const group = await settled(aws.observeGroup(key, resources, depth, { signal }));
  const targets = group.targetGroups.map(({ arn }) => aws.observeTargets(arn, { signal }));
  return { group, targets: await settled(Promise.all(targets)) };
}

for (const [kind, step] of Object.entries(steps)) {
  test(`${kind} may be repeated: the same result, the same account`, async (t) => {
    const world = await openWorld(localAws(t, shopWorld));
    const first = await step(world);
    const afterFirst = await seen(world);
    assert.deepEqual(await step(world), first);
    assert.deepEqual(await seen(world), afterFirst);
  });

  test(`${kind} comes to the same when the answer to its first write is lost`, async (t) => {
    const undisturbed = await openWorld(localAws(t, shopWorld));
    const expected = await step(undisturbed);
    const world = await openWorld(localAws(t, shopWorld));
    const { account } = world.local;
    account.faults.add({
      nth: 1,
      when: ({ operation }) => isMutating(operation),
      action: { kind: 'loseAnswer' },
    });
    assert.deepEqual(await step(world), expected);
    assert.deepEqual(await seen(world), await seen(undisturbed));
  });
}
