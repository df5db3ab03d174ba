// What happens in one run, as data: it can be printed, shrunk and kept as a fixture.

import type { FaultAction as AwsFaultAction } from '../../src/simulator/aws/faults.ts';
import type { KnobSettings } from '../../src/simulator/aws/knobs.ts';
import type { Fault as KubeFault } from '../../src/simulator/kube/http/faults.ts';

export type Path = {
  readonly path: string;
  readonly pathType: 'Exact' | 'Prefix';
  /** `split`: two Services by weight, in an annotation. */
  readonly service: string;
};

/** An Ingress of namespace `web`; its host is its own, so that no neighbour's rule answers for it. */
export type IngressSpec = {
  readonly name: string;
  /** Undefined: a group of its own. */
  readonly group?: string;
  readonly order?: number;
  readonly paths: readonly Path[];
  readonly targetType: 'instance' | 'ip';
  readonly https?: true;
  /** A certificate that is named, not found by the host. */
  readonly certificate?: true;
  readonly sslRedirect?: true;
  /** Weights of the first two Services behind `split`. */
  readonly split?: readonly [number, number];
  /** Absent: the controller's own. `kept`: the user's own, and the controller opens the way to targets. */
  readonly securityGroups?: 'given' | 'kept';
  /** Needs another load balancer than the other members', or than before. */
  readonly scheme?: 'internet-facing';
  /** Over how many load balancers its group is spread. */
  readonly shards?: 1 | 2 | 3;
  /** The Service that answers whatever no rule of its group does. */
  readonly defaultBackend?: string;
  /** Its load balancer is let go, which is for ever. */
  readonly release?: true;
  /** A mistake that holds it. */
  readonly invalid?: 'annotation' | 'path';
};

/** A TargetGroupBinding of namespace `web`, by the name of the target group, which is a stranger's. */
export type BindingSpec = {
  readonly name: 'bound-ip' | 'bound-instance';
  readonly service: string;
  /** It asks for a rule on the targets' security group. */
  readonly networking: boolean;
};

export type HandEdit =
  | 'changeRule'
  | 'deleteRule'
  | 'deregisterTargets'
  | 'changeHealthCheck'
  | 'changeDefault'
  | 'revokeNodeRules'
  | 'deleteLoadBalancer';

export type ForeignThing =
  | 'rule'
  | 'listener'
  | 'certificate'
  | 'tag'
  | 'target'
  | 'targetGroup'
  | 'securityGroupRule';

/** What users do, and what happens to pods and nodes. */
export type ClusterEdit =
  | { readonly kind: 'ingress'; readonly spec: IngressSpec }
  | { readonly kind: 'deleteIngress'; readonly name: string }
  /** All Ingresses at once. */
  | { readonly kind: 'deleteAll' }
  /** The class agrees to it. */
  | { readonly kind: 'allowDeletion' }
  /** `name` is an Ingress; undefined: the class. What is named stays paused until everything goes on. */
  | { readonly kind: 'pause'; readonly name?: string; readonly scope: 'ingress' | 'group' }
  | { readonly kind: 'goOn' }
  | { readonly kind: 'service'; readonly name: string; readonly present: boolean }
  /** The pods of a Service that are ready, by their numbers; the others of before are gone. */
  | { readonly kind: 'pods'; readonly service: string; readonly ready: readonly number[] }
  | { readonly kind: 'node'; readonly node: number; readonly state: 'ready' | 'notReady' | 'gone' }
  | { readonly kind: 'class'; readonly present: boolean }
  | {
      readonly kind: 'params';
      readonly present: boolean;
      readonly idleTimeout: number;
      /** All Ingresses of the class are in this group, whatever they say. */
      readonly groupName?: string;
      readonly tags?: true;
    }
  | { readonly kind: 'binding'; readonly spec: BindingSpec }
  | { readonly kind: 'deleteBinding'; readonly name: BindingSpec['name'] };

export type StrangersEdit =
  | { readonly kind: 'hand'; readonly edit: HandEdit; readonly which: number }
  | { readonly kind: 'foreign'; readonly thing: ForeignThing; readonly which: number };

export type Disturbance =
  | {
      readonly kind: 'awsFault';
      /** Undefined: any. */
      readonly operation?: string;
      readonly nth: number;
      readonly times: number;
      readonly action: AwsFaultAction;
    }
  | { readonly kind: 'kubeFault'; readonly fault: KubeFault }
  /** Every watch and list in mid-paging gets 410. */
  | { readonly kind: 'compact' }
  /** The process is gone without a goodbye; another one starts a moment later. */
  | { readonly kind: 'kill' }
  /** The leader cannot reach the API server any more, a standby takes over. */
  | { readonly kind: 'partition' };

export type Step = ClusterEdit | StrangersEdit | Disturbance;

export type Scenario = {
  readonly seed: number;
  readonly knobs: KnobSettings;
  readonly services: readonly { readonly name: string; readonly ready: readonly number[] }[];
  readonly withParams: boolean;
  readonly preset?: 'albc';
  /** Options of the controller, by their names. */
  readonly options?: Readonly<Record<string, string>>;
  /** The wire format and the SDK's clients in between, for a share of the seeds. */
  readonly overTheWire: boolean;
  /** In order; `after` the one before, in milliseconds. */
  readonly steps: readonly { readonly after: number; readonly step: Step }[];
  /**
   * Killed at this call to AWS or write to the API server, counted from 1 together: before it is sent, or before its answer
   * arrives.
   */
  readonly killAt?: { readonly call: number; readonly when: 'before' | 'after' };
};
