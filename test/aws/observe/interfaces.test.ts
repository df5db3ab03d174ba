import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Ec2Call } from '../../../src/aws/ports.ts';
import { Interfaces } from '../../../src/aws/observe/interfaces.ts';
import { VirtualClock } from '../../../src/lib/virtual-clock.ts';

const { signal } = new AbortController();

/** EC2 that describes one instance with one interface, and no interface by address. */
function withInterface(found: object): {
  readonly interfaces: Interfaces;
  readonly asked: unknown[];
  readonly clock: VirtualClock;
} {
  const asked: unknown[] = [];
  const clock = new VirtualClock();
  const ec2 = (async (command: { readonly input: object }) => {
    asked.push(command.input);
    const instance = { InstanceId: 'i-1', NetworkInterfaces: [found] };
    return { Reservations: [{ Instances: [instance] }], NetworkInterfaces: [] };
  }) as unknown as Ec2Call;
  const context = { calls: { ec2 } as never, clock, vpcId: 'vpc-1', clusterName: 'demo' };
  return { interfaces: new Interfaces(context), asked, clock };
}

test('addresses out of a prefix that is delegated to an interface belong to it', async () => {
  const { interfaces } = withInterface({
    Groups: [{ GroupId: 'sg-1' }],
    Attachment: { DeviceIndex: 1 },
    Ipv4Prefixes: [{ Ipv4Prefix: '10.0.0.16/28' }],
    Ipv6Prefixes: [{ Ipv6Prefix: '2001:db8:0:1::/80' }],
  });
  const inside = ['10.0.0.16', '10.0.0.31', '2001:db8:0:1::5'];
  const podAddresses = [...inside, '10.0.0.15', '10.0.0.32', '2001:db8:0:2::5', 'not an address'];
  const groups = await interfaces.groupsOf({ instanceIds: ['i-1'], podAddresses }, { signal });
  assert.deepEqual([...groups.keys()], inside);
});

test('an instance stands for the groups of its primary interface only', async () => {
  const second = withInterface({ Groups: [{ GroupId: 'sg-1' }], Attachment: { DeviceIndex: 1 } });
  const query = { instanceIds: ['i-1'], podAddresses: [] };
  assert.deepEqual(await second.interfaces.groupsOf(query, { signal }), new Map());
  const primary = withInterface({ Groups: [{ GroupId: 'sg-1' }], Attachment: { DeviceIndex: 0 } });
  assert.deepEqual(await primary.interfaces.groupsOf(query, { signal }), new Map([['i-1', ['sg-1']]]));
});

test('addresses are asked for 199 at a time, and not when there are none', async () => {
  const { interfaces, asked } = withInterface({});
  const podAddresses = Array.from({ length: 400 }, (_, index) => `10.1.${index >> 8}.${index & 255}`);
  await interfaces.groupsOf({ instanceIds: [], podAddresses }, { signal });
  // Three for the addresses, one for the nodes of the cluster.
  assert.equal(asked.length, 4);
  await interfaces.groupsOf({ instanceIds: [], podAddresses: [] }, { signal });
  assert.equal(asked.length, 4);
});

test('an address in a prefix is found through the nodes of the cluster, which are not read over and over', async () => {
  const { interfaces, asked, clock } = withInterface({
    Groups: [{ GroupId: 'sg-1' }],
    Ipv4Prefixes: [{ Ipv4Prefix: '10.0.0.16/28' }],
  });
  const query = { instanceIds: [], podAddresses: ['10.0.0.17', '192.168.0.1'] };
  const groups = await interfaces.groupsOf(query, { signal });
  assert.deepEqual([...groups], [['10.0.0.17', ['sg-1']]]);
  assert.equal(asked.length, 2);
  await interfaces.groupsOf(query, { signal });
  assert.equal(asked.length, 3);
  await clock.advance(61_000);
  await interfaces.groupsOf(query, { signal });
  assert.equal(asked.length, 5);
});

test('NET-16: a pod with an interface of its own (Fargate, HyperPod) is found by its address, its node being no instance', async () => {
  const asked: { readonly Filters?: readonly { readonly Name: string }[] }[] = [];
  const ec2 = (async (command: { readonly input: (typeof asked)[number] }) => {
    asked.push(command.input);
    const own = {
      Groups: [{ GroupId: 'sg-fargate' }],
      PrivateIpAddresses: [{ PrivateIpAddress: '10.0.1.7' }],
    };
    return { Reservations: [], NetworkInterfaces: [own] };
  }) as unknown as Ec2Call;
  const context = { calls: { ec2 } as never, clock: new VirtualClock(), vpcId: 'vpc-1', clusterName: 'demo' };
  const query = { instanceIds: [], podAddresses: ['10.0.1.7'] };
  const groups = await new Interfaces(context).groupsOf(query, { signal });
  assert.deepEqual(groups, new Map([['10.0.1.7', ['sg-fargate']]]));
  assert.deepEqual(
    asked.map(({ Filters = [] }) => Filters.map(({ Name }) => Name)),
    [['vpc-id', 'addresses.private-ip-address']],
  );
});

test('the interface of a pod’s address tells of the instance, too, where it is its primary one', async () => {
  const asked: string[] = [];
  const ec2 = (async (command: { readonly input: object }) => {
    asked.push(command.constructor.name);
    const found = (address: string, DeviceIndex: number, InstanceId: string): object => ({
      Groups: [{ GroupId: `sg-${DeviceIndex}` }],
      PrivateIpAddresses: [{ PrivateIpAddress: address }],
      Attachment: { DeviceIndex, InstanceId },
    });
    return {
      Reservations: [],
      NetworkInterfaces: [found('10.0.1.7', 0, 'i-1'), found('10.0.1.8', 1, 'i-2')],
    };
  }) as unknown as Ec2Call;
  const context = { calls: { ec2 } as never, clock: new VirtualClock(), vpcId: 'vpc-1', clusterName: 'demo' };
  const interfaces = new Interfaces(context);
  await interfaces.groupsOf({ instanceIds: [], podAddresses: ['10.0.1.7', '10.0.1.8'] }, { signal });
  const groups = await interfaces.groupsOf({ instanceIds: ['i-1', 'i-2'], podAddresses: [] }, { signal });
  assert.deepEqual(groups, new Map([['i-1', ['sg-0']]]));
  assert.deepEqual(asked, ['DescribeNetworkInterfacesCommand', 'DescribeInstancesCommand']);
});

test('NET-16: an address in a prefix of a HyperPod node is found through the node’s own address, which is asked for only then', async () => {
  const asked: (readonly string[])[] = [];
  const node = {
    Groups: [{ GroupId: 'sg-hyperpod' }],
    PrivateIpAddresses: [{ PrivateIpAddress: '10.0.2.5' }],
    Ipv4Prefixes: [{ Ipv4Prefix: '10.0.3.16/28' }],
  };
  const ec2 = (async ({
    input,
  }: {
    readonly input: { readonly Filters?: readonly { Values: string[] }[] };
  }) => {
    const [, filter] = input.Filters ?? [];
    const values = filter?.Values ?? [];
    asked.push(values);
    return { Reservations: [], NetworkInterfaces: values.includes('10.0.2.5') ? [node] : [] };
  }) as unknown as Ec2Call;
  const context = { calls: { ec2 } as never, clock: new VirtualClock(), vpcId: 'vpc-1', clusterName: 'demo' };
  const interfaces = new Interfaces(context);
  const query = { instanceIds: [], podAddresses: ['10.0.3.17'], nodeAddresses: ['10.0.2.5'] };
  const found = new Map([['10.0.3.17', ['sg-hyperpod']]]);
  assert.deepEqual(await interfaces.groupsOf(query, { signal }), found);
  assert.deepEqual(asked, [['10.0.3.17'], ['10.0.2.5']]);
  const other = { ...query, podAddresses: ['10.0.3.18'] };
  assert.deepEqual([...(await interfaces.groupsOf(other, { signal })).keys()], ['10.0.3.18']);
  assert.equal(asked.length, 2);
});
