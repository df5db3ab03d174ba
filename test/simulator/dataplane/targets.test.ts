import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { type Answer, forward, type Stage, withStage } from './stage.ts';

const weighted = (groups: readonly (readonly [string, number])[], DurationSeconds?: number): object => ({
  Type: 'forward',
  ForwardConfig: {
    TargetGroups: groups.map(([TargetGroupArn, Weight]) => ({ TargetGroupArn, Weight })),
    ...(DurationSeconds !== undefined && {
      TargetGroupStickinessConfig: { Enabled: true, DurationSeconds },
    }),
  },
});

/** Value of a cookie that an answer sets. */
function cookieOf({ headers }: Answer, name: string): string | undefined {
  return headers['set-cookie']
    ?.find((cookie) => cookie.startsWith(`${name}=`))
    ?.split(';')[0]
    ?.slice(name.length + 1);
}

async function podsOf({ send }: Stage, count: number): Promise<readonly string[]> {
  const pods: string[] = [];
  for (let i = 0; i < count; i += 1) pods.push((await send('/')).echo.pod);
  return pods;
}

test('targets take turns', () =>
  withStage(async (stage) => {
    const target = await stage.group('pods', '192.168.0.1', '192.168.0.2', '192.168.0.3');
    await stage.listener({ DefaultActions: [forward(target)] });
    const pods = await podsOf(stage, 6);
    assert.deepEqual(pods.slice(0, 3).toSorted(), ['192.168.0.1', '192.168.0.2', '192.168.0.3']);
    assert.deepEqual(pods.slice(3), pods.slice(0, 3));
  }));

test('without targets, or with none in service, the answer is 503', () =>
  withStage(async (stage) => {
    const target = await stage.group('pods');
    await stage.listener({ DefaultActions: [forward(target)] });
    const empty = await stage.send('/');
    assert.deepEqual([empty.status, empty.headers['server']], [503, 'awselb/2.0']);
    const Targets = [{ Id: '192.168.0.1', AvailabilityZone: 'all' }];
    await stage.control.call('elbv2', 'RegisterTargets', { TargetGroupArn: target, Targets });
    for (const state of ['initial', 'draining', 'unused']) {
      stage.health.set('192.168.0.1', state);
      assert.equal((await stage.send('/')).status, 503, state);
    }
  }));

test('only healthy targets are asked; when none is, the unhealthy ones are, but never a draining or a new one', () =>
  withStage(async (stage) => {
    const target = await stage.group('pods', '192.168.0.1', '192.168.0.2', '192.168.0.3', '192.168.0.4');
    await stage.listener({ DefaultActions: [forward(target)] });
    stage.health.set('192.168.0.1', 'unhealthy');
    stage.health.set('192.168.0.3', 'draining');
    stage.health.set('192.168.0.4', 'initial');
    assert.deepEqual(new Set(await podsOf(stage, 4)), new Set(['192.168.0.2']));
    stage.health.set('192.168.0.2', 'unhealthy');
    assert.deepEqual(new Set(await podsOf(stage, 4)), new Set(['192.168.0.1', '192.168.0.2']));
  }));

test('weights decide between target groups; one of weight 0 gets nothing, and there is no fail-over', () =>
  withStage(async (stage) => {
    const blue = await stage.group('blue', '192.168.0.1');
    const green = await stage.group('green', '192.168.0.2');
    const arn = await stage.listener({
      DefaultActions: [
        weighted([
          [blue, 80],
          [green, 20],
        ]),
      ],
    });
    const at = async (next: number): Promise<string> => {
      stage.draw.next = next;
      return (await stage.send('/')).echo.pod;
    };
    assert.deepEqual(
      [await at(0), await at(0.79), await at(0.81)],
      ['192.168.0.1', '192.168.0.1', '192.168.0.2'],
    );
    const DefaultActions = [
      weighted([
        [blue, 0],
        [green, 1],
      ]),
    ];
    await stage.control.call('elbv2', 'ModifyListener', { ListenerArn: arn, DefaultActions });
    assert.equal(await at(0), '192.168.0.2');
    stage.health.set('192.168.0.2', 'draining');
    assert.equal((await stage.send('/')).status, 503);
  }));

test('a target group sticks to a client that shows its cookie', () =>
  withStage(async (stage) => {
    const blue = await stage.group('blue', '192.168.0.1');
    const green = await stage.group('green', '192.168.0.2');
    const split = weighted(
      [
        [blue, 50],
        [green, 50],
      ],
      60,
    );
    await stage.listener({ DefaultActions: [split] });
    const first = await stage.send('/');
    assert.equal(first.echo.pod, '192.168.0.1');
    assert.match(first.headers['set-cookie']?.join() ?? '', /AWSALBTG=[^;]+; Max-Age=60;/);
    stage.draw.next = 0.99;
    assert.equal((await stage.send('/')).echo.pod, '192.168.0.2');
    const cookie = `theme=dark; AWSALBTG=${cookieOf(first, 'AWSALBTG')}`;
    assert.equal((await stage.send('/', { headers: { cookie } })).echo.pod, '192.168.0.1');
  }));

test('a target sticks to a client that shows its cookie, as long as it is in service', () =>
  withStage(async (stage) => {
    const target = await stage.group('pods', '192.168.0.1', '192.168.0.2');
    await stage.control.call('elbv2', 'ModifyTargetGroupAttributes', {
      TargetGroupArn: target,
      Attributes: [
        { Key: 'stickiness.enabled', Value: 'true' },
        { Key: 'stickiness.type', Value: 'lb_cookie' },
        { Key: 'stickiness.lb_cookie.duration_seconds', Value: '30' },
      ],
    });
    await stage.listener({ DefaultActions: [forward(target)] });
    const first = await stage.send('/');
    assert.match(first.headers['set-cookie']?.join() ?? '', /AWSALB=[^;]+; Max-Age=30;/);
    const headers = { cookie: `AWSALB=${cookieOf(first, 'AWSALB')}` };
    for (let i = 0; i < 3; i += 1)
      assert.equal((await stage.send('/', { headers })).echo.pod, first.echo.pod);
    stage.health.set(first.echo.pod, 'unhealthy');
    assert.notEqual((await stage.send('/', { headers })).echo.pod, first.echo.pod);
  }));

test('where the security groups of the target let nobody in, the answer is 504; opened, 200', () =>
  withStage(async (stage) => {
    const { control, id } = stage;
    const target = await stage.group('pods');
    // An address of a node's interface.
    await control.call('elbv2', 'RegisterTargets', {
      TargetGroupArn: target,
      Targets: [{ Id: '10.0.96.20' }],
    });
    await stage.listener({ DefaultActions: [forward(target)] });
    assert.equal((await stage.send('/')).status, 504);
    const open = (permission: object): Promise<unknown> =>
      control.call('ec2', 'AuthorizeSecurityGroupIngress', {
        GroupId: id('sg/nodes'),
        IpPermissions: [{ IpProtocol: 'tcp', ...permission }],
      });
    const groupId = control.state.loadBalancers.get(stage.loadBalancer)?.securityGroupIds[0];
    const UserIdGroupPairs = [{ GroupId: groupId }];
    await open({ FromPort: 9000, ToPort: 9000, UserIdGroupPairs });
    await open({ FromPort: 8080, ToPort: 8080, IpRanges: [{ CidrIp: '192.168.0.0/16' }] });
    assert.equal((await stage.send('/')).status, 504);
    await open({ FromPort: 8000, ToPort: 8090, UserIdGroupPairs });
    assert.equal((await stage.send('/')).status, 200);
  }));

test('where nothing listens behind a target, or it refuses or breaks off, the answer is 502', () =>
  withStage(async (stage) => {
    const target = await stage.group('pods', '192.168.0.1');
    await stage.listener({ DefaultActions: [forward(target)] });
    stage.backends.set('192.168.0.1', undefined);
    assert.equal((await stage.send('/')).status, 502);
    const server = createServer((request) => request.socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    stage.backends.set('192.168.0.1', { kind: 'address', host: '127.0.0.1', port });
    assert.equal((await stage.send('/')).status, 502);
    await new Promise((resolve) => server.close(resolve));
    assert.equal((await stage.send('/')).status, 502);
  }));

test('a real server behind a target gets method, path, headers and body, and its answer and cookies come back', () =>
  withStage(async (stage) => {
    const target = await stage.group('pods', '192.168.0.1');
    await stage.control.call('elbv2', 'ModifyTargetGroupAttributes', {
      TargetGroupArn: target,
      Attributes: [{ Key: 'stickiness.enabled', Value: 'true' }],
    });
    await stage.listener({ DefaultActions: [forward(target)] });
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += String(chunk);
      });
      request.on('end', () => {
        response.writeHead(201, { 'x-real': 'yes', 'set-cookie': 'session=1' });
        response.end(`${request.method} ${request.url} ${request.headers.host} ${body}`);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    stage.backends.set('192.168.0.1', { kind: 'address', host: '127.0.0.1', port });
    try {
      const { status, body, headers } = await stage.send('/x?y=1', { method: 'POST', body: 'hello' });
      assert.deepEqual([status, body, headers['x-real']], [201, 'POST /x?y=1 a.example.com hello', 'yes']);
      const cookies = headers['set-cookie']?.map((cookie) => cookie.split('=')[0]).toSorted();
      assert.deepEqual(cookies, ['AWSALB', 'session']);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  }));

test('an echo answers every path, be it no URL', () =>
  withStage(async (stage) => {
    await stage.listener({ DefaultActions: [forward(await stage.group('pods', '192.168.0.1'))] });
    assert.equal((await stage.send('//')).echo.path, '//');
    assert.equal((await stage.send('//a/b?echo-status=418')).status, 418);
  }));

test('the target learns who asked and how, and keeps what proxies before said', () =>
  withStage(async (stage) => {
    const target = await stage.group('pods', '192.168.0.1');
    await stage.listener({ Port: 8080, DefaultActions: [forward(target)] });
    const { echo } = await stage.send('/', {
      port: 8080,
      headers: { 'x-forwarded-for': '203.0.113.7', 'x-forwarded-proto': 'gopher', 'x-own': 'kept' },
    });
    assert.equal(echo.headers['x-forwarded-for'], '203.0.113.7, 127.0.0.1');
    assert.equal(echo.headers['x-forwarded-proto'], 'http');
    assert.equal(echo.headers['x-forwarded-port'], '8080');
    assert.match(echo.headers['x-amzn-trace-id'] ?? '', /^Root=1-/);
    assert.equal(echo.headers['x-own'], 'kept');
    assert.equal(echo.host, 'a.example.com');
  }));
