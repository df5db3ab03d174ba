import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isKind } from '../../../src/aws/errors.ts';
import { findVpcId } from '../../../src/aws/facts/vpc.ts';
import type { Metadata } from '../../../src/aws/instance-metadata.ts';
import type { FactsQuery } from '../../../src/core/domain/facts.ts';
import type { TargetGroupArn } from '../../../src/core/domain/ids.ts';
import { type LocalAws, localAws } from '../local-aws.ts';
import { apply, targetGroupSpec } from '../shop.ts';

const nothing: FactsQuery = {
  vpc: false,
  subnets: 'none',
  securityGroups: false,
  certificates: false,
  quotas: false,
  targetGroupNames: [],
  trustStoreNames: [],
  webAclNames: [],
  shield: false,
};
const ask = ({ aws, settled, signal }: LocalAws, query: Partial<FactsQuery>) =>
  settled(aws.facts({ ...nothing, ...query }, { signal }));

test('nothing asked, nothing called', async (t) => {
  const local = localAws(t);
  const facts = await ask(local, {});
  assert.deepEqual([facts.subnets, facts.certificates, facts.vpc], [[], [], undefined]);
  assert.equal(local.account.trace.entries().length, 0);
});

test('everybody who asks at the same time, or soon after, shares one call for each question', async (t) => {
  const local = localAws(t);
  const query = {
    vpc: true,
    subnets: 'all',
    securityGroups: true,
    certificates: true,
    quotas: true,
  } as const;
  const { aws, settled, signal, account } = local;
  const together = Array.from({ length: 5 }, () => aws.facts({ ...nothing, ...query }, { signal }));
  await settled(Promise.all(together));
  await ask(local, query);
  assert.deepEqual(account.trace.counts(), {
    DescribeVpcs: 1,
    DescribeSubnets: 1,
    DescribeSecurityGroups: 1,
    ListCertificates: 1,
    DescribeAccountLimits: 1,
  });
  await local.clock.advance(61_000);
  account.trace.clear();
  await ask(local, query);
  assert.deepEqual(account.trace.counts(), {
    DescribeSubnets: 1,
    DescribeSecurityGroups: 1,
    ListCertificates: 1,
  });
});

test('a lookup that failed is thrown to all who wait, and asked again by the next', async (t) => {
  const local = localAws(t);
  local.account.faults.add({ operation: 'DescribeSubnets', nth: 1, action: { kind: 'deny' } });
  const first = [ask(local, { subnets: 'all' }), ask(local, { subnets: 'all' })];
  for (const { status } of await Promise.allSettled(first)) assert.equal(status, 'rejected');
  assert.equal((await ask(local, { subnets: 'all' })).subnets.length, 6);
});

test('one who stops waiting does not stop the others', async (t) => {
  const local = localAws(t);
  const { aws, settled, signal } = local;
  const stop = new AbortController();
  const query = { ...nothing, subnets: 'all' } as const;
  const impatient = assert.rejects(aws.facts(query, { signal: stop.signal }), /enough/);
  const patient = aws.facts(query, { signal });
  stop.abort(new Error('enough'));
  await impatient;
  assert.equal((await settled(patient)).subnets.length, 6);
});

test('routes are read only where subnets without role tags make them count', async (t) => {
  const local = localAws(t);
  const routes = async () => {
    const { subnets } = await ask(local, { subnets: 'withRoutes' });
    return new Map(subnets.map(({ id, routesToInternet }) => [id as string, routesToInternet]));
  };
  assert.equal((await routes()).get(local.id('subnet/public-a')), undefined);
  assert.equal(local.account.trace.counts()['DescribeRouteTables'], undefined);
  const Resources = ['a', 'b', 'c'].map((zone) => local.id(`subnet/public-${zone}`));
  await local.account.call('ec2', 'DeleteTags', { Resources, Tags: [{ Key: 'kubernetes.io/role/elb' }] });
  await local.clock.advance(61_000);
  assert.equal((await routes()).get(local.id('subnet/public-a')), true);
  assert.equal((await routes()).get(local.id('subnet/private-a')), false);
});

test('NET-18: the kind of zone is asked once, and only for zones whose names do not tell it', async (t) => {
  const local = localAws(t);
  const vpc = local.id('vpc');
  await ask(local, { subnets: 'all' });
  assert.equal(local.account.trace.counts()['DescribeAvailabilityZones'], undefined);
  const made = [
    { AvailabilityZone: 'us-west-2-lax-1a', CidrBlock: '10.0.200.0/24' },
    { AvailabilityZone: 'us-west-2-wl1-las-wlz-1', CidrBlock: '10.0.201.0/24' },
    {
      AvailabilityZone: 'us-west-2a',
      CidrBlock: '10.0.202.0/24',
      OutpostArn: 'arn:aws:outposts:us-west-2:123456789012:outpost/op-1',
    },
  ];
  for (const subnet of made) await local.account.call('ec2', 'CreateSubnet', { VpcId: vpc, ...subnet });
  await local.clock.advance(61_000);
  const { subnets } = await ask(local, { subnets: 'all' });
  const locales = new Map(subnets.map(({ cidr, locale }) => [cidr, locale]));
  assert.deepEqual(
    made.map(({ CidrBlock }) => locales.get(CidrBlock)),
    ['local-zone', 'wavelength-zone', 'outpost'],
  );
  await local.clock.advance(61_000);
  await ask(local, { subnets: 'all' });
  assert.equal(local.account.trace.counts()['DescribeAvailabilityZones'], 1);
});

test('CRT-01: a certificate is described only when the list does not say enough, and then once', async (t) => {
  const local = localAws(t, { certificates: [['app.example.com', '*.app.example.com']] });
  const CertificateAuthorityArn = 'arn:aws:acm-pca:us-west-2:123456789012:certificate-authority/1';
  const request = { DomainName: 'private.example.com', CertificateAuthorityArn };
  const made = await local.account.call('acm', 'RequestCertificate', request);
  const { CertificateArn } = made as { readonly CertificateArn: string };
  await local.account.call('acm', 'DescribeCertificate', { CertificateArn });
  const first = await ask(local, { certificates: true });
  assert.equal(first.certificates[1]?.certificateAuthorityArn, CertificateAuthorityArn);
  assert.deepEqual(
    first.certificates.map(({ domains }) => domains),
    [['app.example.com', '*.app.example.com'], ['private.example.com']],
  );
  await local.clock.advance(61_000);
  assert.deepEqual(await ask(local, { certificates: true }), first);
  assert.deepEqual(local.account.trace.counts(), { ListCertificates: 2, DescribeCertificate: 1 });
});

test('CRT-01: certificates that are not issued are not listed, be they pending, failed or timed out', async (t) => {
  const local = localAws(t, { certificates: [['a.example.com'], ['b.example.com'], ['c.example.com']] });
  await local.account.call('acm', 'RequestCertificate', { DomainName: 'd.example.com' });
  const [first, second] = [...local.account.state.certificates.values()];
  assert.ok(first !== undefined && second !== undefined);
  first.status = 'FAILED';
  second.status = 'VALIDATION_TIMED_OUT';
  const { certificates } = await ask(local, { certificates: true });
  assert.deepEqual(
    certificates.map(({ domains }) => domains),
    [['c.example.com']],
  );
});

test('CRT-01: a certificate with more names than a summary holds is found by its last one', async (t) => {
  const names = Array.from({ length: 101 }, (_, i) => `n${i}.example.com`);
  const local = localAws(t, { certificates: [names] });
  const { certificates } = await ask(local, { certificates: true });
  assert.equal(certificates[0]?.domains.at(-1), 'n100.example.com');
});

test("CRT-01, CRT-02: those that a controller made are nobody else's, and whose they are is asked once", async (t) => {
  const local = localAws(t, { certificates: [['a.example.com']], makesCertificates: true });
  const CertificateAuthorityArn = 'arn:aws:acm-pca:us-west-2:123456789012:certificate-authority/1';
  const request = async (DomainName: string, Tags: readonly object[]) => {
    const made = await local.account.call('acm', 'RequestCertificate', {
      DomainName,
      CertificateAuthorityArn,
      Tags,
    });
    await local.account.call('acm', 'DescribeCertificate', made as Record<string, unknown>);
  };
  await request('ours.example.com', [{ Key: 'elbv2.k8s.aws/cluster', Value: 'another' }]);
  await request('free.example.com', []);
  const names = async () =>
    (await ask(local, { certificates: true })).certificates.flatMap(({ domains }) => domains).toSorted();
  assert.deepEqual(await names(), ['a.example.com', 'free.example.com']);
  await local.clock.advance(61_000);
  await names();
  assert.equal(local.account.trace.counts()['ListTagsForCertificate'], 2);
});

test('a role that may not read the limits gets none, and is not stopped by it', async (t) => {
  const local = localAws(t);
  local.account.faults.add({ operation: 'DescribeAccountLimits', action: { kind: 'deny' } });
  assert.deepEqual((await ask(local, { quotas: true })).quotas, []);
});

test('names that exist are found beside names that do not, which are asked again', async (t) => {
  const local = localAws(t);
  const { arn } = await apply(local, 'createTargetGroup', { spec: targetGroupSpec('theirs') });
  const query = { targetGroupNames: ['theirs', 'missing'], trustStoreNames: ['missing'] };
  const { targetGroupsByName, trustStoresByName } = await ask(local, query);
  assert.deepEqual([...targetGroupsByName], [['theirs', arn]]);
  assert.deepEqual([...trustStoresByName], []);
  local.account.trace.clear();
  await ask(local, { targetGroupNames: ['theirs'] });
  assert.equal(local.account.trace.entries().length, 0);
  const late = await apply(local, 'createTargetGroup', { spec: targetGroupSpec('missing') });
  assert.equal((await ask(local, query)).targetGroupsByName.get('missing'), late.arn);
});

test('the VPC is the given one without a call, or the only one with the tags', async (t) => {
  const local = localAws(t);
  const { calls, settled, signal, account } = local;
  const metadata = { vpcId: async () => ({ why: 'nobody answers' }) };
  const find = (vpcId: string | undefined, tags: Record<string, string>) =>
    settled(findVpcId(calls, { vpcId, tags, metadata, instanceIds: [] }, { signal }));
  assert.equal(await find('vpc-1', {}), 'vpc-1');
  assert.equal(account.trace.entries().length, 0);
  assert.equal(await find(undefined, { Name: 'demo-cluster' }), local.id('vpc'));
  const refused = (tags: Record<string, string>, message: RegExp) =>
    assert.rejects(find(undefined, tags), (error) => isKind(error, 'invalid') && message.test(error.message));
  await refused(
    {},
    /nobody answers, and no node has the providerID of an instance; set --aws-vpc-id, or --aws-vpc-tags/,
  );
  await refused({ Name: 'nobody' }, /no VPC in this region carries the tags of --aws-vpc-tags=Name=nobody/);
  const TagSpecifications = [{ ResourceType: 'vpc', Tags: [{ Key: 'Name', Value: 'demo-cluster' }] }];
  await account.call('ec2', 'CreateVpc', { CidrBlock: '10.1.0.0/16', TagSpecifications });
  await refused({ Name: 'demo-cluster' }, /^2 VPCs carry the tags .* set --aws-vpc-id to one of them$/);
});

test('NET-19: without id and tags the VPC is that of the instance, else that of a node', async (t) => {
  const local = localAws(t);
  const { calls, settled, signal, account } = local;
  const find = (told: Metadata, ...instanceIds: readonly string[]) =>
    settled(
      findVpcId(
        calls,
        { vpcId: '', tags: {}, metadata: { vpcId: async () => told }, instanceIds },
        { signal },
      ),
    );
  assert.equal(await find({ value: 'vpc-9' }, 'i-1'), 'vpc-9');
  assert.equal(account.trace.entries().length, 0);
  const nobody = { why: 'nobody answers' };
  const [node] = account.state.instances.keys();
  assert.equal(await find(nobody, node ?? ''), local.id('vpc'));
  await assert.rejects(
    find(nobody, 'i-0000000000000000f'),
    /nobody answers, and i-0000000000000000f does not exist; set --aws-vpc-id/,
  );
});

test('a VPC that does not exist is named together with the flags that chose it', async (t) => {
  const local = localAws(t);
  local.account.faults.add({
    operation: 'DescribeVpcs',
    action: { kind: 'fail', status: 400, code: 'InvalidVpcID.NotFound' },
  });
  await assert.rejects(
    ask(local, { vpc: true }),
    (error) => isKind(error, 'invalid') && /check --aws-vpc-id and --aws-region/.test(error.message),
  );
});

test('web ACLs are listed once for all names that exist, and again for a name that does not', async (t) => {
  const local = localAws(t);
  const acl = { arn: 'arn:acl', id: 'acl-1', name: 'shop', scope: 'REGIONAL' };
  local.account.state.webAcls.set(acl.arn, acl);
  for (const names of [['shop'], ['shop'], ['missing'], []]) {
    const { webAclsByName } = await ask(local, { webAclNames: names });
    assert.deepEqual([...webAclsByName], names[0] === 'shop' ? [['shop', 'arn:acl']] : []);
  }
  assert.deepEqual(local.account.trace.counts(), { ListWebACLs: 2 });
});

test('the subscription to Shield Advanced is asked for once, and a role that may not ask has none', async (t) => {
  const local = localAws(t);
  local.account.state.shieldSubscribed = true;
  assert.equal((await ask(local, {})).shieldActive, false);
  assert.equal((await ask(local, { shield: true })).shieldActive, true);
  assert.equal((await ask(local, { shield: true })).shieldActive, true);
  assert.deepEqual(local.account.trace.counts(), { GetSubscriptionState: 1 });
  const denied = localAws(t);
  denied.account.faults.add({ operation: 'GetSubscriptionState', action: { kind: 'deny' } });
  assert.equal((await ask(denied, { shield: true })).shieldActive, false);
});

test('Ask 1.1: limits are read again beside the work, and what AWS cannot say any more is kept', async (t) => {
  const local = localAws(t, { knobs: { quotas: { 'rules-per-application-load-balancer': 150 } } });
  const rules = async () => {
    const { quotas } = await ask(local, { quotas: true });
    return quotas.find(({ name }) => name === 'rules-per-application-load-balancer');
  };
  const first = await rules();
  assert.deepEqual([first?.limit, first?.source], [150, 'api']);
  local.account.knobs.quotas['rules-per-application-load-balancer'] = 200;
  await local.clock.advance(16 * 60_000);
  assert.equal((await rules())?.limit, 150);
  await local.clock.advance(1000);
  assert.equal((await rules())?.limit, 200);
  local.account.faults.add({ operation: 'DescribeAccountLimits', action: { kind: 'deny' } });
  await local.clock.advance(16 * 60_000);
  await rules();
  await local.clock.advance(1000);
  assert.equal((await rules())?.limit, 200);
});

test('Ask 1.1: the region is counted by the inventory with what is not ours, and by our own writes after it', async (t) => {
  const local = localAws(t);
  const use = async () => (await ask(local, { quotas: true })).regionUse;
  await apply(local, 'createTargetGroup', { spec: targetGroupSpec('theirs') });
  assert.equal(await use(), undefined);
  await local.settled(local.aws.inventory({ signal: local.signal }));
  assert.deepEqual(await use(), { loadBalancers: 0, networkLoadBalancers: 0, targetGroups: 1 });
  const { arn } = await apply(local, 'createTargetGroup', { spec: targetGroupSpec('ours') });
  assert.deepEqual(await use(), { loadBalancers: 0, networkLoadBalancers: 0, targetGroups: 2 });
  await apply(local, 'deleteTargetGroup', { targetGroup: arn as TargetGroupArn });
  assert.deepEqual(await use(), { loadBalancers: 0, networkLoadBalancers: 0, targetGroups: 1 });
  const { size } = local.account.state.securityGroups;
  await ask(local, { quotas: true, serviceQuotas: true });
  assert.deepEqual(await use(), {
    loadBalancers: 0,
    networkLoadBalancers: 0,
    targetGroups: 1,
    securityGroups: size,
  });
  await local.settled(local.aws.inventory({ signal: local.signal }));
  assert.equal((await use())?.securityGroups, size, 'the next inventory keeps it');
});

test('Ask 1.1: what DescribeAccountLimits does not tell comes from Service Quotas, for who waits for it and with the audit', async (t) => {
  const knobs = {
    quotas: { 'rules-per-security-group': 120, 'security-groups-per-interface': 9 },
    unappliedQuotas: ['security-groups-per-interface'],
  } as const;
  const local = localAws(t, { knobs });
  const vpc = async (query: Partial<FactsQuery> = {}) =>
    (await ask(local, { quotas: true, ...query })).quotas.flatMap(({ name, limit, source, readAt }) =>
      name.includes('security-group') ? [[name, limit, source, readAt]] : [],
    );
  assert.deepEqual(await vpc(), []);
  assert.deepEqual(local.account.trace.counts(), { DescribeAccountLimits: 1 });
  const readAt = local.clock.now();
  const told = [
    ['security-groups', 2500, 'serviceQuotas', readAt],
    ['rules-per-security-group', 120, 'serviceQuotas', readAt],
    // Never changed, so that only the defaults name it.
    ['security-groups-per-interface', 5, 'serviceQuotas', readAt],
  ];
  assert.deepEqual(await vpc({ serviceQuotas: true }), told);
  await local.clock.advance(5 * 60_000);
  assert.deepEqual(await vpc({ serviceQuotas: true }), told);
  assert.deepEqual(local.account.trace.counts(), {
    DescribeAccountLimits: 1,
    // The security groups of the region are counted with it.
    DescribeSecurityGroups: 1,
    ListServiceQuotas: 1,
    ListAWSDefaultServiceQuotas: 1,
  });
  const audited = localAws(t, { knobs });
  await ask(audited, { quotas: true });
  await audited.clock.advance(5 * 60_000);
  await ask(audited, { quotas: true });
  await audited.clock.advance(1000);
  const { quotas } = await ask(audited, { quotas: true });
  assert.equal(quotas.find(({ name }) => name === 'rules-per-security-group')?.limit, 120);
});

test('Ask 1.1: a role that may not ask for limits is told so once, and the documented ones stand; the operator comes first', async (t) => {
  const told: string[] = [];
  const local = localAws(t, {
    knobs: { quotas: { 'rules-per-security-group': 120, 'rules-per-application-load-balancer': 200 } },
    limits: [{ name: 'rules-per-security-group', limit: 70, source: 'override' }],
    onLimitsUntold: ({ action }) => told.push(action),
  });
  local.account.faults.add({ operation: 'DescribeAccountLimits', action: { kind: 'deny' } });
  const limits = async () =>
    (await ask(local, { quotas: true, serviceQuotas: true })).quotas.flatMap(({ name, limit }) =>
      name.startsWith('rules-per') ? [`${name} ${limit}`] : [],
    );
  // Service Quotas has what the other one may not be asked for.
  assert.deepEqual(await limits(), [
    'rules-per-security-group 70',
    'rules-per-application-load-balancer 200',
  ]);
  const none = localAws(t, { onLimitsUntold: ({ action }) => told.push(action) });
  none.account.faults.add({ operation: 'ListServiceQuotas', action: { kind: 'deny' } });
  for (let hour = 0; hour < 3; hour += 1) {
    const { quotas } = await ask(none, { quotas: true, serviceQuotas: true });
    assert.equal(
      quotas.some(({ name }) => name === 'rules-per-security-group'),
      false,
    );
    await none.clock.advance(60 * 60_000);
  }
  assert.deepEqual(told, ['elasticloadbalancing:DescribeAccountLimits', 'servicequotas:ListServiceQuotas']);
});
