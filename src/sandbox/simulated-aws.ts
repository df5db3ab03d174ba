// A simulated account whose load balancers answer on loopback ports, with echoes behind their targets.

import { DataPlane } from '../simulator/dataplane/data-plane.ts';
import { targetHealth } from '../simulator/aws/elbv2/target-health.ts';
import type { KnobSettings } from '../simulator/aws/knobs.ts';
import type { World } from '../simulator/aws/seed.ts';
import { type AwsSimulator, startAwsSimulator } from '../simulator/aws/server.ts';
import { type Endpoints, PodBackends } from './pods.ts';

export type SimulatedAws = {
  readonly aws: AwsSimulator;
  readonly dataPlane: DataPlane;
  /** Id or ARN of a thing of the seeded account, such as `vpc`. */
  readonly id: (name: string) => string;
  close(): Promise<void>;
};

/** Starts it on free loopback ports; targets answer as the pods that the cluster has. */
export async function startSimulatedAws(options: {
  readonly world: World;
  readonly knobs: KnobSettings;
  readonly endpoints: Endpoints;
}): Promise<SimulatedAws> {
  const { world, knobs, endpoints } = options;
  const aws = await startAwsSimulator({ world, knobs });
  const pods = new PodBackends(endpoints);
  const dataPlane = new DataPlane({
    state: aws.state,
    healthOf: (group, target) => targetHealth(group, target, aws.controlPlane.context()).State ?? 'unused',
    backendOf: (target) => pods.backendOf(target),
  });
  const unsubscribe = aws.onChange(({ operation }) => {
    if (/Listener$|LoadBalancer$/.test(operation)) void dataPlane.sync();
  });
  return {
    aws,
    dataPlane,
    id: (name) => aws.names.get(name) ?? name,
    close: async () => {
      unsubscribe();
      await dataPlane.close();
      await aws.close();
    },
  };
}
