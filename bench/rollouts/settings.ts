import type { KnobSettings } from '../../src/simulator/aws/knobs.ts';

/** How long everything takes. What a careful user sets has to cover what AWS and the cluster take. */
export type Settings = {
  /** Every call to AWS. */
  readonly latencyMs: number;
  /** From RegisterTargets to the first health check, and how many checks (5 s apart) a new target passes. */
  readonly registrationMs: number;
  readonly initialHealthChecks: number;
  /** How long a load balancer goes on sending new requests to a target after DeregisterTargets was answered. */
  readonly routingLagMs: number;
  readonly deregistrationDelaySeconds: number;
  readonly podReadyAfterSeconds: number;
  /** The `preStop` sleep: how long a deleted pod goes on serving before it ends and refuses connections. */
  readonly preStopSeconds: number;
  /** Of Deployments without readiness gates: a new pod's target is healthy before an old pod is deleted. */
  readonly minReadySeconds: number;
  readonly requestsPerSecond: number;
};

/** One health check at AWS's shortest interval, 50 ms a call. */
export const benchSettings: Settings = {
  latencyMs: 50,
  registrationMs: 1000,
  initialHealthChecks: 1,
  routingLagMs: 2000,
  deregistrationDelaySeconds: 5,
  podReadyAfterSeconds: 1,
  preStopSeconds: 10,
  minReadySeconds: 10,
  requestsPerSecond: 25,
};

/** The same in proportion, for a test that is short. */
export const shortSettings: Settings = {
  ...benchSettings,
  registrationMs: 1000,
  initialHealthChecks: 0,
  routingLagMs: 1000,
  deregistrationDelaySeconds: 1,
  preStopSeconds: 5,
  minReadySeconds: 3,
};

export const knobsOf = ({ latencyMs, registrationMs, initialHealthChecks }: Settings): KnobSettings => ({
  latencyMs,
  registrationMs,
  initialHealthChecks,
  provisioningMs: 0,
  interfaceReleaseMs: 0,
});
