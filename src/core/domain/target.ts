// Targets of one target group: what should be registered, and what is.

import type { NamespacedName } from './ids.ts';

/** Of the account that the target group is in, where that is another one. */
export type AssumedRole = { readonly arn: string; readonly externalId: string | undefined };

/** Identity of a target in AWS is (id, port): the same id may be registered on several ports (RegisterTargets). */
export type Target = {
  /** Instance id or IP address; ARN of the load balancer in a target group of type `alb`. */
  readonly id: string;
  readonly port: number;
  /** `all` for an address outside the VPC; undefined inside it and for instances. */
  readonly availabilityZone: string | undefined;
  /** Of an address outside the VPC: the zone of its node, where the target group does not take `all`. */
  readonly nodeZone?: string;
};

/** `10.0.0.1 8080`: names a target in sets and maps. */
export const targetKey = ({ id, port }: Target): string => `${id} ${port}`;

export type TargetHealthState =
  | 'initial'
  | 'healthy'
  | 'unhealthy'
  | 'unused'
  | 'draining'
  | 'unavailable'
  | 'unhealthy.draining';

/** Deregistered, and finishing the requests that are under way. */
export const isDraining = (state: TargetHealthState): boolean =>
  state === 'draining' || state === 'unhealthy.draining';

export type ObservedTarget = Target & {
  readonly state: TargetHealthState;
  /** AWS's reason code, such as `Elb.RegistrationInProgress`; '' when healthy. */
  readonly reason: string;
  readonly description: string;
};

/** A target that should be registered, and the object that stands for it. */
export type DesiredTarget = Target & {
  /** Of a pod on a node that is no instance of ours but has an interface in the VPC (HyperPod): the node's address there. */
  readonly nodeAddress?: string;
  readonly object: { readonly kind: 'Pod' | 'Node'; readonly id: NamespacedName; readonly uid: string };
};
