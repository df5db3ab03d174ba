import { ACMClient } from '@aws-sdk/client-acm';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { VirtualClock } from '../../../src/lib/virtual-clock.ts';
import { defaultWorld } from '../../../src/simulator/aws/default-world.ts';
import type { KnobSettings } from '../../../src/simulator/aws/knobs.ts';
import { startAwsSimulator, type AwsSimulator } from '../../../src/simulator/aws/server.ts';

export type Bench = {
  readonly aws: AwsSimulator;
  readonly clock: VirtualClock;
  readonly elb: ElasticLoadBalancingV2Client;
  readonly ec2: EC2Client;
  readonly acm: ACMClient;
  readonly cloudwatch: CloudWatchClient;
  /** The id or ARN of a placeholder name of the world. */
  readonly id: (name: string) => string;
  /** Makes a call behind the clients' back and answers what it answers, by path: `LoadBalancers.0.LoadBalancerArn`. */
  readonly make: (operation: string, params: Record<string, unknown>, path: string) => Promise<string>;
};

/** Runs `work` against a fresh simulator on a virtual clock, with real SDK clients that do not retry. */
export async function withAws(
  work: (bench: Bench) => Promise<void>,
  knobs: KnobSettings = {},
): Promise<void> {
  const clock = new VirtualClock();
  const world = defaultWorld({ clusterName: 'demo', certificates: [['a.example.com'], ['b.example.com']] });
  const aws = await startAwsSimulator({ clock, world, knobs });
  const config = {
    endpoint: aws.url,
    region: 'us-west-2',
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
    maxAttempts: 1,
  };
  const clients = {
    elb: new ElasticLoadBalancingV2Client(config),
    ec2: new EC2Client(config),
    acm: new ACMClient(config),
    cloudwatch: new CloudWatchClient(config),
  };
  const id = (name: string): string => aws.names.get(name) ?? name;
  const make: Bench['make'] = async (operation, params, path) => {
    let value: unknown = await aws.call('elbv2', operation, params);
    for (const part of path.split('.')) value = (value as Record<string, unknown>)[part];
    return String(value);
  };
  try {
    await work({ aws, clock, ...clients, id, make });
  } finally {
    for (const client of Object.values(clients)) client.destroy();
    await aws.close();
  }
}
