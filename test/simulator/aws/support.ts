import assert from 'node:assert/strict';
import { ACM } from '@aws-sdk/client-acm';
import { CloudWatch } from '@aws-sdk/client-cloudwatch';
import { EC2 } from '@aws-sdk/client-ec2';
import {
  type Action,
  type CreateRuleCommandInput,
  ElasticLoadBalancingV2,
  type RuleCondition,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { Route53 } from '@aws-sdk/client-route-53';
import { VirtualClock } from '../../../src/lib/virtual-clock.ts';
import { defaultWorld } from '../../../src/simulator/aws/default-world.ts';
import type { KnobSettings } from '../../../src/simulator/aws/knobs.ts';
import { type AwsSimulator, startAwsSimulator } from '../../../src/simulator/aws/server.ts';

export type Bench = {
  readonly aws: AwsSimulator;
  readonly clock: VirtualClock;
  readonly elb: ElasticLoadBalancingV2;
  readonly ec2: EC2;
  readonly acm: ACM;
  readonly route53: Route53;
  readonly cloudwatch: CloudWatch;
  /** The id or ARN of a placeholder name of the world. */
  readonly id: (name: string) => string;
};

/** Runs `work` against a fresh simulator on a virtual clock, with real SDK clients over HTTP that do not retry. */
export async function withAws(
  work: (bench: Bench) => Promise<void>,
  knobs: KnobSettings = {},
): Promise<void> {
  const clock = new VirtualClock();
  const world = defaultWorld({ clusterName: 'demo', certificates: [['a.example.com'], ['b.example.com']] });
  const aws = await startAwsSimulator({ clock, world, knobs });
  const config = { ...credentials, endpoint: aws.url };
  const clients = {
    elb: new ElasticLoadBalancingV2(config),
    ec2: new EC2(config),
    acm: new ACM(config),
    route53: new Route53(config),
    cloudwatch: new CloudWatch(config),
  };
  try {
    await work({ aws, clock, ...clients, id: (name) => aws.names.get(name) ?? name });
  } finally {
    for (const client of Object.values(clients)) client.destroy();
    await aws.close();
  }
}

export const credentials = {
  region: 'us-west-2',
  credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
  maxAttempts: 1,
};

/** The wire code a call is refused with. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    const { Code, name } = error as { readonly Code?: string; readonly name: string };
    return Code ?? name;
  }
  return 'accepted';
}

/** One refusal: what is wrong, the code AWS answers, the call. */
export type Refusal<Setting> = readonly [string, string, (setting: Setting) => Promise<unknown>];

/** Makes each call and compares all codes at once, so that one wrong code does not hide the others. */
export async function assertRefused<Setting>(
  setting: Setting,
  refusals: readonly Refusal<Setting>[],
): Promise<void> {
  const actual: [string, string][] = [];
  for (const [title, , call] of refusals) actual.push([title, await codeOf(call(setting))]);
  assert.deepEqual(
    actual,
    refusals.map(([title, code]) => [title, code]),
  );
}

export const publicSubnets = ({ id }: Bench): string[] =>
  ['a', 'b', 'c'].map((zone) => id(`subnet/public-${zone}`));

export async function makeLoadBalancer(bench: Bench, Name = 'shop'): Promise<string> {
  const made = await bench.elb.createLoadBalancer({ Name, Subnets: publicSubnets(bench) });
  return made.LoadBalancers?.[0]?.LoadBalancerArn ?? '';
}

export async function makeTargetGroup({ elb, id }: Bench, Name = 'pods'): Promise<string> {
  const made = await elb.createTargetGroup({
    Name,
    TargetType: 'ip',
    Protocol: 'HTTP',
    Port: 8080,
    VpcId: id('vpc'),
  });
  return made.TargetGroups?.[0]?.TargetGroupArn ?? '';
}

export const notFoundPage: Action = { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } };

export async function makeListener({ elb }: Bench, LoadBalancerArn: string, Port = 80): Promise<string> {
  const made = await elb.createListener({
    LoadBalancerArn,
    Port,
    Protocol: 'HTTP',
    DefaultActions: [notFoundPage],
  });
  return made.Listeners?.[0]?.ListenerArn ?? '';
}

/** A load balancer with an HTTP listener and a target group: what most rules need. */
export async function makeFront(
  bench: Bench,
): Promise<{ loadBalancer: string; listener: string; group: string }> {
  const loadBalancer = await makeLoadBalancer(bench);
  return {
    loadBalancer,
    listener: await makeListener(bench, loadBalancer),
    group: await makeTargetGroup(bench),
  };
}

export const onPath = (...Values: string[]): RuleCondition => ({
  Field: 'path-pattern',
  PathPatternConfig: { Values },
});

/** A front with a shorthand that creates rules on its listener. */
export type Front = Awaited<ReturnType<typeof makeFront>> & {
  readonly create: (settings: Partial<CreateRuleCommandInput>) => Promise<string>;
};

export async function frontOf(bench: Bench): Promise<Front> {
  const front = await makeFront(bench);
  const create: Front['create'] = async (settings) => {
    const made = await bench.elb.createRule({
      ListenerArn: front.listener,
      Priority: 1,
      Conditions: [onPath('/x')],
      Actions: [notFoundPage],
      ...settings,
    });
    return made.Rules?.[0]?.RuleArn ?? '';
  };
  return { ...front, create };
}

export const ruleOf = async ({ elb }: Bench, arn: string) =>
  (await elb.describeRules({ RuleArns: [arn] })).Rules?.[0];

/** A target group behind a listener, with one target. */
export async function used(bench: Bench) {
  const front = await makeFront(bench);
  await bench.elb.modifyListener({
    ListenerArn: front.listener,
    DefaultActions: [{ Type: 'forward', TargetGroupArn: front.group }],
  });
  const target = { Id: '10.0.96.20', Port: 8080 };
  await bench.elb.registerTargets({ TargetGroupArn: front.group, Targets: [target] });
  const health = async () => {
    const answer = await bench.elb.describeTargetHealth({ TargetGroupArn: front.group });
    return (answer.TargetHealthDescriptions ?? []).map(({ Target, TargetHealth }) =>
      `${Target?.Id}:${Target?.Port} ${TargetHealth?.State} ${TargetHealth?.Reason ?? ''}`.trim(),
    );
  };
  return { ...front, target, health };
}
