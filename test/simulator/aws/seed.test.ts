import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../../src/lib/clock.ts';
import { ControlPlane } from '../../../src/simulator/aws/control-plane.ts';
import { defaultWorld } from '../../../src/simulator/aws/default-world.ts';
import { wish } from '../../../src/simulator/aws/ids.ts';
import { seedWorld } from '../../../src/simulator/aws/seed.ts';
import { tagsOf } from '../../../src/simulator/aws/tags.ts';

const seeded = () => {
  const plane = new ControlPlane({ clock: systemClock });
  const world = {
    ...defaultWorld({ clusterName: 'demo', certificates: [['z.test'], ['a.test']] }),
    webAcls: [{ name: 'waf/acl-1', aclName: 'acl-1', scope: 'REGIONAL' }],
    targetGroups: [{ name: 'tg/ext', targetGroupName: 'ext', targetType: 'ip', protocol: 'HTTP', port: 80 }],
    trustStores: [{ name: 'truststore/ts-1', trustStoreName: 'ts-1' }],
    elasticIps: ['eip/1'],
  };
  return { plane, names: seedWorld(plane.state, world, 0) };
};

test('the same world has the same ids in every account, and each name stands for something that exists', () => {
  const { plane, names } = seeded();
  assert.deepEqual(seeded().names, names);
  const { state } = plane;
  const kinds = [
    state.vpcs,
    state.subnets,
    state.securityGroups,
    state.instances,
    state.networkInterfaces,
    state.routeTables,
    state.internetGateways,
    state.certificates,
    state.webAcls,
    state.targetGroups,
    state.trustStores,
    state.addresses,
  ];
  for (const [name, id] of names)
    assert.ok(
      kinds.some((kind) => kind.has(id)),
      name,
    );
  assert.equal(tagsOf(state, names.get('sg/nodes') ?? '').get('kubernetes.io/cluster/demo'), 'owned');
  assert.equal(state.networkInterfaces.get(names.get('eni/node-a') ?? '')?.privateIps.length, 231);
});

test('a wished id is the id of the next resource of its kind, so that ids can be made to sort', async () => {
  const { plane, names } = seeded();
  wish(plane.state.ids, 'subnet', 'subnet-00000000000000001');
  const create = (third: number) =>
    plane.call('ec2', 'CreateSubnet', { VpcId: names.get('vpc'), CidrBlock: `10.0.${third}.0/24` });
  const [first, second] = [await create(200), await create(201)] as { Subnet: { SubnetId: string } }[];
  assert.equal(first?.Subnet.SubnetId, 'subnet-00000000000000001');
  assert.match(second?.Subnet.SubnetId ?? '', /^subnet-[0-9a-f]{17}$/);
});
