import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onlyDescribed } from '../../src/core/domain/observation.ts';
import { createAws } from '../../src/aws/aws.ts';
import { clusterUidTag } from '../../src/core/domain/cluster-uid.ts';
import type { SecurityGroupId } from '../../src/core/domain/ids.ts';
import { clusterName, type LocalAws, localAws } from './local-aws.ts';
import { apply, key, openShop, shopWorld, tagsOf, targetGroupSpec } from './shop.ts';

/** A second process in front of the same account. */
function restarted({ calls, clock, id, account }: LocalAws, more: { readonly byTaggingApi?: boolean } = {}) {
  account.trace.clear();
  return createAws({ calls, clock, vpcId: id('vpc'), clusterName, ...more });
}

test('an account without anything of ours costs three calls', async (t) => {
  const { aws, settled, signal, account } = localAws(t);
  assert.deepEqual(await settled(aws.inventory({ signal })), new Map());
  assert.equal(account.trace.entries().length, 3);
});

test('NAM-06: with EnableRGTAPI the tagging API tells what is ours, and no tag is read one by one', async (t) => {
  const local = localAws(t, shopWorld);
  const { settled, signal } = local;
  await openShop(local);
  const start = async (byTaggingApi: boolean) => {
    const aws = restarted(local, { byTaggingApi });
    const found = await settled(aws.inventory({ signal }));
    const resources = found.get(key);
    assert.ok(resources);
    const observed = await settled(aws.observeGroup(key, resources, onlyDescribed, { signal }));
    const operations = local.account.trace.entries().map(({ operation }) => operation);
    return { found, observed, operations };
  };
  const [plain, byTags] = [await start(false), await start(true)];
  assert.deepEqual(byTags.found, plain.found);
  assert.deepEqual(byTags.observed, plain.observed);
  assert.equal(plain.operations.filter((name) => name === 'DescribeTags').length, 2);
  assert.deepEqual(
    byTags.operations.filter((name) => ['DescribeTags', 'GetResources'].includes(name)),
    ['GetResources'],
  );
});

test('what carries our tags is found by group, what others made is not', async (t) => {
  const local = localAws(t, shopWorld);
  const { loadBalancer, targetGroups } = await openShop(local);
  const { id } = await apply(local, 'createSecurityGroup', {
    name: 'k8s-shop',
    description: 'd',
    tags: tagsOf('SG'),
  });
  const others = { ...tagsOf('x'), 'elbv2.k8s.aws/cluster': 'another' };
  await apply(local, 'createTargetGroup', { spec: { ...targetGroupSpec('k8s-theirs'), tags: others } });
  await apply(local, 'createTargetGroup', { spec: { ...targetGroupSpec('k8s-free'), tags: {} } });
  await apply(local, 'createSecurityGroup', { name: 'theirs', description: 'd', tags: others });
  const found = await local.settled(local.aws.inventory({ signal: local.signal }));
  assert.deepEqual(
    [...found],
    [
      [
        key,
        {
          loadBalancerArns: [loadBalancer],
          targetGroupArns: targetGroups,
          securityGroupIds: [id as SecurityGroupId],
          certificateArns: [],
        },
      ],
    ],
  );
});

test('Trap 5: what has another UID is marked, and what leads from its security groups is not ours to close', async (t) => {
  const local = localAws(t, shopWorld);
  const uid = { [clusterUidTag]: 'uid-two' };
  await openShop(local);
  await apply(local, 'createTargetGroup', {
    spec: { ...targetGroupSpec('k8s-x'), tags: { ...tagsOf('x'), 'ingress.k8s.aws/stack': 'x', ...uid } },
  });
  const backend = { 'elbv2.k8s.aws/cluster': clusterName, 'elbv2.k8s.aws/resource': 'backend-sg', ...uid };
  const { id } = await apply(local, 'createSecurityGroup', { name: 'b', description: 'd', tags: backend });
  const { calls, clock, settled, signal } = local;
  const aws = createAws({
    calls,
    clock,
    vpcId: local.id('vpc'),
    clusterName,
    isOthers: (tags) => tags[clusterUidTag] === 'uid-two',
  });
  const found = await settled(aws.inventory({ signal }));
  assert.deepEqual(
    [...found].map(([group, { others }]) => [group, others]),
    [
      [key, undefined],
      ['x', true],
    ],
  );
  const network = await settled(aws.observeNetwork({ instanceIds: [], podAddresses: [] }, { signal }));
  assert.deepEqual([network.backendSecurityGroup, network.others?.has(id ?? '')], [undefined, true]);
});

test('OPS-17: in another partition everything is made, found and observed by its ARNs there', async (t) => {
  const local = localAws(t, { ...shopWorld, region: 'cn-north-1' });
  const { loadBalancer, targetGroups } = await openShop(local);
  assert.match(loadBalancer, /^arn:aws-cn:elasticloadbalancing:cn-north-1:/);
  const found = await local.settled(local.aws.inventory({ signal: local.signal }));
  const resources = found.get(key);
  assert.deepEqual([resources?.loadBalancerArns, resources?.targetGroupArns], [[loadBalancer], targetGroups]);
  assert.ok(resources);
  const observed = await local.settled(
    local.aws.observeGroup(key, resources, onlyDescribed, { signal: local.signal }),
  );
  assert.match(observed.loadBalancers[0]?.dnsName ?? '', /\.cn-north-1\.elb\.amazonaws\.com\.cn$/);
});

test("a stack that is no Ingress group, such as a Service's NLB, is listed under a key that no group can have", async (t) => {
  const local = localAws(t, shopWorld);
  const { 'ingress.k8s.aws/stack': stack, ...rest } = tagsOf('x');
  const tags = { ...rest, 'service.k8s.aws/stack': 'web/front' };
  assert.ok(stack);
  await apply(local, 'createTargetGroup', { spec: { ...targetGroupSpec('k8s-nlb'), tags } });
  const found = await local.settled(local.aws.inventory({ signal: local.signal }));
  assert.deepEqual([...found.keys()], ['service.k8s.aws/stack=web/front']);
});

test('Ask 10.4: the first observation after a restart asks nothing again that the inventory read', async (t) => {
  const local = localAws(t, shopWorld);
  await openShop(local);
  const aws = restarted(local);
  const { settled, signal, account } = local;
  const resources = (await settled(aws.inventory({ signal }))).get(key);
  assert.ok(resources);
  account.trace.clear();
  const observe = () => settled(aws.observeGroup(key, resources, onlyDescribed, { signal }));
  const first = await observe();
  assert.deepEqual(account.trace.counts(), { DescribeListeners: 1, DescribeRules: 1, DescribeTags: 1 });
  account.trace.clear();
  assert.deepEqual(await observe(), first);
  assert.equal(account.trace.counts()['DescribeLoadBalancers'], 1);
});

test('what the inventory read is asked again when it has become old', async (t) => {
  const local = localAws(t, shopWorld);
  await openShop(local);
  const aws = restarted(local);
  const { settled, signal, account, clock } = local;
  const resources = (await settled(aws.inventory({ signal }))).get(key);
  assert.ok(resources);
  await clock.advance(10 * 60_000);
  account.trace.clear();
  await settled(aws.observeGroup(key, resources, onlyDescribed, { signal }));
  assert.equal(account.trace.counts()['DescribeLoadBalancers'], 1);
});

test('groups that are observed together share the calls for their tags', async (t) => {
  const local = localAws(t, shopWorld);
  const arns: string[] = [];
  for (let index = 0; index < 30; index += 1) {
    const { arn = '' } = await apply(local, 'createTargetGroup', { spec: targetGroupSpec(`k8s-${index}`) });
    arns.push(arn);
  }
  const { aws, settled, signal, account } = local;
  account.trace.clear();
  const observed = arns.map((arn) => {
    const resources = {
      loadBalancerArns: [],
      targetGroupArns: [arn as never],
      securityGroupIds: [],
      certificateArns: [],
    };
    return aws.observeGroup(key, resources, onlyDescribed, { signal });
  });
  const groups = await settled(Promise.all(observed));
  assert.deepEqual(
    groups.map(({ targetGroups }) => targetGroups[0]?.tags),
    arns.map((_, index) => tagsOf(`k8s-${index}`)),
  );
  assert.ok((account.trace.counts()['DescribeTags'] ?? 0) <= 3, JSON.stringify(account.trace.counts()));
});
