import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SecurityGroupId } from '../../../src/core/domain/ids.ts';
import type { NetworkQuery } from '../../../src/core/domain/network.ts';
import { clusterName, type LocalAws, localAws } from '../local-aws.ts';
import { apply } from '../shop.ts';

const observe = ({ aws, settled, signal }: LocalAws, query: Partial<NetworkQuery>) =>
  settled(aws.observeNetwork({ instanceIds: [], podAddresses: [], ...query }, { signal }));

const backendTags = { 'elbv2.k8s.aws/cluster': clusterName, 'elbv2.k8s.aws/resource': 'backend-sg' };

const createBackendGroup = (local: LocalAws, tags: Record<string, string> = backendTags) =>
  apply(local, 'createSecurityGroup', { name: 'k8s-traffic', description: 'd', tags });

test('nodes and pods are resolved to the groups of the interface that carries them', async (t) => {
  const local = localAws(t);
  const node = local.id('instance/node-a');
  const query = {
    instanceIds: [node, 'i-0123456789abcdef0'],
    podAddresses: ['10.0.96.21', '10.0.128.20', '10.9.9.9'],
  };
  const { endpointGroups, securityGroups, backendSecurityGroup } = await observe(local, query);
  assert.deepEqual(
    [...endpointGroups].map(([endpoint, groups]) => [endpoint, groups.map(({ name }) => name)]),
    [
      [node, ['nodes']],
      ['10.0.96.21', ['nodes']],
      ['10.0.128.20', ['nodes']],
    ],
  );
  assert.deepEqual([...securityGroups.keys()], [local.id('sg/nodes')]);
  assert.equal(backendSecurityGroup, undefined);
});

test('what was learnt of an instance answers for its pods, and a second look asks for rules only', async (t) => {
  const local = localAws(t);
  const query = { instanceIds: [local.id('instance/node-a')], podAddresses: ['10.0.96.21', '10.0.96.22'] };
  await observe(local, query);
  assert.deepEqual(local.account.trace.counts(), { DescribeSecurityGroups: 1, DescribeInstances: 1 });
  local.account.trace.clear();
  await observe(local, query);
  assert.deepEqual(local.account.trace.counts(), { DescribeSecurityGroups: 1 });
  await local.clock.advance(6 * 60_000);
  local.account.trace.clear();
  await observe(local, query);
  assert.equal(local.account.trace.counts()['DescribeInstances'], 1);
});

test('the shared backend group is found by its tags, with its rules and those on the nodes', async (t) => {
  const local = localAws(t);
  await createBackendGroup(local, { ...backendTags, 'elbv2.k8s.aws/cluster': 'another' }).catch(() => {});
  await apply(local, 'createSecurityGroup', { name: 'ours', description: 'd', tags: backendTags });
  const { backendSecurityGroup } = await observe(local, {});
  assert.equal(backendSecurityGroup?.name, 'ours');
  const nodes = local.id('sg/nodes') as SecurityGroupId;
  const rule = {
    protocol: 'tcp',
    fromPort: 8080,
    toPort: 8080,
    source: { kind: 'securityGroup', id: backendSecurityGroup?.id as SecurityGroupId },
    description: 'elbv2.k8s.aws/targetGroupBinding=shared',
  } as const;
  await apply(local, 'authorizeIngress', { securityGroup: nodes, rules: [rule] });
  const { securityGroups } = await observe(local, {});
  assert.deepEqual(securityGroups.get(nodes)?.ingress, [
    { ...rule, ruleId: `tcp/8080_8080/securityGroup/${backendSecurityGroup?.id}` },
  ]);
});

test('a given backend group is used whatever its tags', async (t) => {
  const outside = localAws(t);
  const given = outside.id('sg/nodes');
  const local = localAws(t, { backendSecurityGroup: given });
  const { backendSecurityGroup } = await observe(local, {});
  assert.equal(backendSecurityGroup?.id, given);
});

test('groups in front of a pod are read even when they carry no tag of the cluster', async (t) => {
  const local = localAws(t);
  const { id } = await apply(local, 'createSecurityGroup', { name: 'plain', description: 'd', tags: {} });
  const eni = local.id('eni/node-b');
  await local.account.call('ec2', 'ModifyNetworkInterfaceAttribute', {
    NetworkInterfaceId: eni,
    Groups: [id],
  });
  const { endpointGroups, securityGroups } = await observe(local, { podAddresses: ['10.0.128.20'] });
  assert.deepEqual(
    endpointGroups.get('10.0.128.20')?.map(({ name }) => name),
    ['plain'],
  );
  assert.ok(securityGroups.has(id as SecurityGroupId));
});
