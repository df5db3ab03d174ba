import type { AwsState, Target, TargetGroup } from './state.ts';
import type { Knobs } from './knobs.ts';
import type { Trail } from './trail.ts';
import { operationShape, type OperationShape } from './protocol/shape.ts';

/** What a handler works with. `now` is the moment of the call; a handler is synchronous, so each call is atomic. */
export type CallContext = {
  readonly state: AwsState;
  readonly knobs: Knobs;
  readonly now: number;
  readonly isTargetUp: IsTargetUp;
  /** Absent while a world is seeded. */
  readonly trail?: Trail;
};

/** Asks the world behind the load balancers whether a target passes its health checks. */
export type IsTargetUp = (target: {
  readonly id: string;
  readonly port: number | undefined;
  readonly targetGroup: TargetGroup;
  readonly target: Target;
}) => boolean;

export type Handler<Input, Output> = (input: Input, context: CallContext) => Output;

/** An operation as the dispatcher sees it: with a shape its wire form is parsed and rendered by the SDK's model. */
export type Operation = {
  readonly shape: OperationShape | undefined;
  readonly run: Handler<Record<string, unknown>, object>;
};

/** Pairs an SDK operation schema with its handler. The schema vouches that parsed input has the handler's input type. */
export function operation<Input extends object, Output extends object>(
  schema: unknown,
  handler: Handler<Input, Output>,
): Operation {
  return { shape: operationShape(schema), run: handler as unknown as Operation['run'] };
}

/** An operation of a JSON service whose client is not among our dependencies: input and output go as they are. */
export const plainOperation = (handler: Operation['run']): Operation => ({ shape: undefined, run: handler });

export type Protocol = 'query' | 'ec2' | 'json' | 'rest-xml';

export type Service = {
  /** The name used in traces and faults: the name of the SDK client package without its prefix, ELBv2 as `elbv2`. */
  readonly name: string;
  /** The service in the credential scope of a signed request. */
  readonly signingName: string;
  readonly protocol: Protocol;
  readonly xmlNamespace?: string;
  /** The part of X-Amz-Target before the operation, for JSON services. */
  readonly target?: string;
  /** Error code → the older wire code that JSON clients of a former Query service also look at. */
  readonly queryErrorCodes?: Readonly<Record<string, string>>;
  readonly operations: Readonly<Record<string, Operation>>;
};
