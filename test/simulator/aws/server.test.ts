import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DuplicateTargetGroupNameException } from '@aws-sdk/client-elastic-load-balancing-v2';
import { assertRefused, makeFront, makeTargetGroup, publicSubnets, withAws } from './support.ts';

test('a load balancer with listener, rule and targets is built and read back by the real clients', () =>
  withAws(async (bench) => {
    const { aws, elb } = bench;
    const front = await makeFront(bench);
    await elb.createRule({
      ListenerArn: front.listener,
      Priority: 1,
      Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/api/*'] } }],
      Actions: [{ Type: 'forward', TargetGroupArn: front.group }],
    });
    await elb.registerTargets({ TargetGroupArn: front.group, Targets: [{ Id: '10.0.96.20' }] });
    const rules = await elb.describeRules({ ListenerArn: front.listener });
    assert.deepEqual(
      rules.Rules?.map(({ Priority }) => Priority),
      ['1', 'default'],
    );
    const health = await elb.describeTargetHealth({ TargetGroupArn: front.group });
    assert.deepEqual(health.TargetHealthDescriptions?.[0]?.Target, {
      Id: '10.0.96.20',
      Port: 8080,
      AvailabilityZone: 'us-west-2a',
    });
    assert.deepEqual(aws.trace.counts(), {
      CreateLoadBalancer: 1,
      CreateListener: 1,
      CreateTargetGroup: 1,
      CreateRule: 1,
      RegisterTargets: 1,
      DescribeRules: 1,
      DescribeTargetHealth: 1,
    });
    assert.equal(aws.trace.writes().length, 5);
  }));

test('text with characters that XML gives a meaning to survives the way there and back', () =>
  withAws(async (bench) => {
    const { loadBalancer } = await makeFront(bench);
    const MessageBody = '<a href="x">Tom & Jerry\'s</a>\r\n ünïcode';
    const made = await bench.elb.createListener({
      LoadBalancerArn: loadBalancer,
      Port: 81,
      Protocol: 'HTTP',
      DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '200', MessageBody } }],
    });
    assert.equal(made.Listeners?.[0]?.DefaultActions?.[0]?.FixedResponseConfig?.MessageBody, MessageBody);
  }));

test('a refused call is the modelled exception with the wire code, and has the request id of the trace', () =>
  withAws(async (bench) => {
    await makeTargetGroup(bench);
    const again = bench.elb.createTargetGroup({
      Name: 'pods',
      TargetType: 'ip',
      Protocol: 'HTTP',
      Port: 1,
      VpcId: bench.id('vpc'),
    });
    await assert.rejects(again, (error: DuplicateTargetGroupNameException) => {
      assert.ok(error instanceof DuplicateTargetGroupNameException);
      assert.equal(error.$metadata.httpStatusCode, 400);
      const [entry] = bench.aws.trace.entries().slice(-1);
      assert.equal(entry?.errorCode, 'DuplicateTargetGroupName');
      assert.equal(error.$metadata.requestId, entry?.requestId);
      return true;
    });
  }));

test('what is missing or unknown is refused in the words of each protocol', () =>
  withAws((bench) =>
    assertRefused(bench, [
      [
        'an ELBv2 operation that is not simulated',
        'InvalidAction',
        ({ elb }) => elb.getResourcePolicy({ ResourceArn: 'x' }),
      ],
      ['an EC2 operation that is not simulated', 'InvalidAction', ({ ec2 }) => ec2.describeImages({})],
      [
        'a JSON operation that is not simulated',
        'UnknownOperationException',
        ({ acm }) => acm.renewCertificate({ CertificateArn: 'x' }),
      ],
      ['no name', 'ValidationError', ({ elb }) => elb.createTargetGroup({ Name: undefined })],
      [
        'no group',
        'MissingParameter',
        ({ ec2 }) => ec2.createSecurityGroup({ GroupName: undefined, Description: 'x' }),
      ],
      ['no ARN', 'ValidationException', ({ acm }) => acm.describeCertificate({ CertificateArn: undefined })],
    ]),
  ));

test('calls made from outside change the account and leave no trace, unless they ask to be recorded', () =>
  withAws(async (bench) => {
    const { aws } = bench;
    const changes: string[] = [];
    const stop = aws.onChange(({ operation }) => changes.push(operation));
    const params = { Name: 'quiet', Subnets: publicSubnets(bench) };
    await aws.call('elbv2', 'CreateLoadBalancer', params);
    await aws.call('elbv2', 'DescribeLoadBalancers', {});
    assert.deepEqual(aws.trace.entries(), []);
    await aws.call('elbv2', 'CreateLoadBalancer', params, { record: true });
    assert.deepEqual(aws.trace.counts(), { CreateLoadBalancer: 1 });
    assert.deepEqual(changes, ['CreateLoadBalancer', 'CreateLoadBalancer']);
    stop();
    await aws.call('elbv2', 'CreateLoadBalancer', params);
    assert.equal(changes.length, 2);
    await assert.rejects(aws.call('s3', 'ListBuckets', {}), /'s3' is not simulated: elbv2, ec2/);
  }));
