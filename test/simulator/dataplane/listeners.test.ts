import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forward, page, withStage } from './stage.ts';

test('HTTPS: the best certificate for the name is served, the default one where none fits or no name is told', () =>
  withStage(async ({ listener, send, control, id }) => {
    const arn = await listener({
      Port: 443,
      Protocol: 'HTTPS',
      Certificates: [{ CertificateArn: id('cert/b.test') }],
      DefaultActions: [page('200')],
    });
    const served = async (serverName: string): Promise<string | undefined> =>
      (await send('/', { port: 443, serverName })).certificate;
    assert.equal(await served('a.example.com'), 'b.test');
    for (const name of ['cert/*.example.com', 'cert/a.example.com'])
      await control.call('elbv2', 'AddListenerCertificates', {
        ListenerArn: arn,
        Certificates: [{ CertificateArn: id(name) }],
      });
    assert.equal(await served('a.example.com'), 'a.example.com');
    assert.equal(await served('other.example.com'), '*.example.com');
    assert.equal(await served('x.other.example.com'), 'b.test');
    assert.equal(await served(''), 'b.test');
  }));

test('HTTPS: a changed default certificate is served from then on', () =>
  withStage(async ({ listener, send, control, id, plane }) => {
    const arn = await listener({
      Port: 443,
      Protocol: 'HTTPS',
      Certificates: [{ CertificateArn: id('cert/b.test') }],
      DefaultActions: [page('200')],
    });
    await control.call('elbv2', 'ModifyListener', {
      ListenerArn: arn,
      Certificates: [{ CertificateArn: id('cert/a.example.com') }],
    });
    await plane.sync();
    assert.equal((await send('/', { port: 443, serverName: '' })).certificate, 'a.example.com');
    assert.equal((await send('/', { port: 443, serverName: 'x.y' })).certificate, 'a.example.com');
  }));

test('a listener opens and closes with the account, and one that comes back has the same local port', () =>
  withStage(async ({ listener, plane, control, send }) => {
    const arn = await listener({ DefaultActions: [page('200')] });
    await listener({ Port: 8080, DefaultActions: [page('201')] });
    const [first, second] = plane.listeners();
    assert.deepEqual([first?.port, second?.port, first?.protocol], [80, 8080, 'HTTP']);
    assert.equal(first?.loadBalancerName, 'front');
    assert.match(first?.dnsName ?? '', /^front-\d+\.us-west-2\.elb\.amazonaws\.com$/);
    await control.call('elbv2', 'DeleteListener', { ListenerArn: arn });
    await plane.sync();
    await assert.rejects(send('/'), /nothing listens on 80/);
    assert.equal((await send('/', { port: 8080 })).status, 201);
    await listener({ DefaultActions: [page('202')] });
    assert.equal(plane.listeners()[0]?.localPort, first?.localPort);
    assert.equal((await send('/')).status, 202);
  }));

test('a listener that moves to another port or to HTTPS is opened anew', () =>
  withStage(async ({ listener, plane, control, send, id }) => {
    const arn = await listener({ DefaultActions: [page('200')] });
    await control.call('elbv2', 'ModifyListener', { ListenerArn: arn, Port: 81 });
    await plane.sync();
    assert.equal((await send('/', { port: 81 })).status, 200);
    await control.call('elbv2', 'ModifyListener', {
      ListenerArn: arn,
      Port: 443,
      Protocol: 'HTTPS',
      Certificates: [{ CertificateArn: id('cert/a.example.com') }],
    });
    await plane.sync();
    assert.deepEqual(
      plane.listeners().map(({ port, protocol }) => [port, protocol]),
      [[443, 'HTTPS']],
    );
    assert.equal((await send('/', { port: 443 })).status, 200);
  }));

test('a deleted load balancer closes everything', () =>
  withStage(async ({ listener, plane, control, loadBalancer }) => {
    await listener();
    await control.call('elbv2', 'DeleteLoadBalancer', { LoadBalancerArn: loadBalancer });
    await plane.sync();
    assert.deepEqual(plane.listeners(), []);
  }));

test('what comes to a network load balancer reaches the load balancer behind it', () =>
  withStage(async ({ plane, control, loadBalancer, id, listener, send }) => {
    const call = <T>(operation: string, params: object): Promise<T> =>
      control.call('elbv2', operation, params as Record<string, unknown>) as Promise<T>;
    await listener({ DefaultActions: [page('200', 'behind')] });
    const { TargetGroups } = await call<{ TargetGroups: { TargetGroupArn: string }[] }>('CreateTargetGroup', {
      Name: 'alb',
      TargetType: 'alb',
      Protocol: 'TCP',
      Port: 8000,
      VpcId: id('vpc'),
    });
    const TargetGroupArn = TargetGroups[0]?.TargetGroupArn ?? '';
    const { LoadBalancers } = await call<{ LoadBalancers: { LoadBalancerArn: string }[] }>(
      'CreateLoadBalancer',
      { Name: 'net', Type: 'network', Subnets: [id('subnet/public-a')] },
    );
    await listener({
      LoadBalancerArn: LoadBalancers[0]?.LoadBalancerArn,
      Port: 8000,
      Protocol: 'TCP',
      DefaultActions: [forward(TargetGroupArn)],
    });
    const isOpen = () => plane.listeners().some(({ port }) => port === 8000);
    assert.equal(isOpen(), false, 'it leads nowhere yet');
    const targets = { TargetGroupArn, Targets: [{ Id: loadBalancer, Port: 80 }] };
    await call('RegisterTargets', targets);
    assert.equal((await send('/', { port: 8000 })).body, 'behind');
    await call('DeregisterTargets', targets);
    assert.equal(isOpen(), false);
  }));
