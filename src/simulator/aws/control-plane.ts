import { partitionOf } from '../../core/domain/partition.ts';
import type { Clock } from '../../lib/clock.ts';
import { acm } from './acm/operations.ts';
import { ec2 } from './ec2/operations.ts';
import { elbv2 } from './elbv2/operations.ts';
import { asSimulatedError, LostAnswer, SimulatedError } from './errors.ts';
import { FaultPlan, refusal, type FaultAction } from './faults.ts';
import { uuid } from './ids.ts';
import { knobs, type KnobSettings, type Knobs } from './knobs.ts';
import type { CallContext, IsTargetUp, Operation, Service } from './operation.ts';
import { cloudtrail } from './other/cloudtrail.ts';
import { cloudwatch } from './other/cloudwatch.ts';
import { serviceQuotas } from './other/service-quotas.ts';
import { shield } from './other/shield.ts';
import { sts } from './other/sts.ts';
import { tagging } from './other/tagging.ts';
import { wafRegional } from './other/waf-regional.ts';
import { wafv2 } from './other/wafv2.ts';
import { Past } from './past.ts';
import { route53 } from './route53/operations.ts';
import { emptyState, type AwsState } from './state.ts';
import { bucketsOf, Throttle } from './throttle.ts';
import { isMutating, Trace } from './trace.ts';
import { type Caller, console, Trail } from './trail.ts';

/** Every simulated service. */
export const services: readonly Service[] = [
  elbv2,
  ec2,
  acm,
  route53,
  cloudwatch,
  sts,
  wafv2,
  wafRegional,
  shield,
  tagging,
  serviceQuotas,
  cloudtrail,
];

export type ControlPlaneOptions = {
  readonly region?: string;
  readonly account?: string;
  readonly clock: Clock;
  readonly knobs?: KnobSettings;
  /** Makes ids differ between two accounts. */
  readonly seed?: string;
  readonly isTargetUp?: IsTargetUp;
};

/** A successful call that changed something, for those who follow the state. */
export type Change = {
  readonly service: string;
  readonly operation: string;
  /** As in the SDK; absent when the state was changed directly. */
  readonly params?: Record<string, unknown>;
};
export type Answer = { readonly output: object; readonly requestId: string };

/** The simulated services without the wire: state, time, disturbances and the one path every call takes. */
export class ControlPlane {
  readonly state: AwsState;
  readonly clock: Clock;
  readonly knobs: Knobs;
  readonly faults = new FaultPlan();
  readonly trace = new Trace();
  readonly throttle: Throttle;
  readonly trail = new Trail();
  readonly #past = new Past();
  readonly #isTargetUp: IsTargetUp;
  readonly #listeners = new Set<(change: Change) => void>();
  readonly #before = new Set<(change: Change) => void>();

  constructor(options: ControlPlaneOptions) {
    const { region = 'us-west-2', account = '123456789012', seed = 'albatross' } = options;
    this.state = emptyState({ region, account, partition: partitionOf(region), seed });
    this.clock = options.clock;
    this.knobs = knobs(options.knobs);
    this.throttle = new Throttle(this.knobs);
    this.#isTargetUp = options.isTargetUp ?? (() => true);
  }

  /** What a handler would get now. */
  context(): CallContext {
    const { state, knobs: figures, clock, trail } = this;
    return { state, knobs: figures, now: clock.now(), isTargetUp: this.#isTargetUp, trail };
  }

  /**
   * Makes a call as somebody outside of the observed client would: no trace, throttling, latency or faults unless `record` is set.
   * `service` is a name as in the trace (`elbv2`, `ec2`, `acm` …), `params` are as in the SDK. Throws SimulatedError.
   */
  async call(
    service: string,
    operation: string,
    params: Record<string, unknown>,
    options: { readonly record?: boolean } = {},
  ): Promise<unknown> {
    const found = services.find(({ name }) => name === service);
    if (found === undefined)
      throw new SimulatedError(
        'UnknownService',
        `Service '${service}' is not simulated: ${services.map(({ name }) => name).join(', ')}`,
      );
    if (options.record === true) return (await this.answer(found, operation, params)).output;
    return this.#run(found, operation, params, { caller: console, isLate: false });
  }

  /** Makes a recorded call: latency, faults and throttling first, then the operation, then the trace. */
  async answer(
    service: Service,
    operation: string,
    params: Record<string, unknown>,
    caller: Caller = console,
  ): Promise<Answer> {
    const { state, clock, trace } = this;
    const call = { service: service.name, operation, params };
    const action = this.faults.match(call);
    const delay = this.knobs.latencyMs + (action?.kind === 'delay' ? action.ms : 0);
    if (delay > 0) await clock.sleep(delay);
    const buckets = bucketsOf(service.name, operation, params);
    const entry = {
      time: clock.now(),
      ...call,
      mutating: isMutating(operation),
      tokenCost: 1,
      bucket: buckets[0]?.name,
      requestId: uuid(state.ids),
    };
    try {
      this.#refuse(action, call, this.throttle.take(buckets, entry.time));
      const output = this.#run(service, operation, params, { caller, isLate: true });
      const lost = action?.kind === 'loseAnswer';
      trace.add({ ...entry, status: lost ? 0 : 200, errorCode: undefined });
      if (lost) throw new LostAnswer();
      return { output, requestId: entry.requestId };
    } catch (error) {
      if (error instanceof LostAnswer) throw error;
      const refused = asSimulatedError(error);
      trace.add({ ...entry, status: refused.status, errorCode: refused.code });
      refused.requestId = entry.requestId;
      throw refused;
    }
  }

  /** Calls `listener` after every change; the function returned ends that. */
  onChange(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls `listener` just before a call that may change something is carried out; the function returned ends that. */
  onBeforeChange(listener: (change: Change) => void): () => void {
    this.#before.add(listener);
    return () => this.#before.delete(listener);
  }

  /** Tells the listeners of a change that was made to the state directly. */
  changed(change: Change): void {
    for (const listener of this.#listeners) listener(change);
  }

  #lagging(
    context: CallContext,
    call: { readonly isChange: boolean; readonly isLate: boolean },
  ): CallContext {
    const { now } = context;
    const lagMs = this.knobs.staleReadsMs;
    if (lagMs === 0) return context;
    if (call.isChange) this.#past.keep(this.state, { now, lagMs });
    return call.isChange || !call.isLate
      ? context
      : { ...context, state: this.#past.seen(this.state, { now, lagMs }) };
  }

  #refuse(
    action: FaultAction | undefined,
    call: { service: string; operation: string; params: Record<string, unknown> },
    allowed: boolean,
  ): void {
    const throttled = this.#throttled(call.service);
    const refused = action === undefined ? undefined : refusal(action, call, throttled);
    if (refused !== undefined) throw refused;
    if (!allowed) throw throttled;
  }

  #throttled(service: string): SimulatedError {
    if (service === 'elbv2') return new SimulatedError(this.knobs.throttling.code, 'Rate exceeded');
    if (service === 'ec2') return new SimulatedError('RequestLimitExceeded', 'Request limit exceeded.', 503);
    if (service === 'route53') return new SimulatedError('Throttling', 'Rate exceeded');
    return new SimulatedError('ThrottlingException', 'Rate exceeded');
  }

  /** `isLate`: a reading may show the account as it was. */
  #run(
    service: Service,
    name: string,
    params: Record<string, unknown>,
    { caller, isLate }: { readonly caller: Caller; readonly isLate: boolean },
  ): object {
    const operation = service.operations[name];
    if (operation === undefined) {
      const code = service.protocol === 'json' ? 'UnknownOperationException' : 'InvalidAction';
      throw new SimulatedError(code, `The action ${name} is not simulated for ${service.name}`);
    }
    checkRequired(service, operation, params);
    const context = this.context();
    dropReleased(context);
    const change = { service: service.name, operation: name, params };
    if (isMutating(name)) for (const listener of this.#before) listener(change);
    const output = operation.run(params, this.#lagging(context, { isChange: isMutating(name), isLate }));
    if (isMutating(name)) {
      const { clock, trail } = this;
      trail.add({ time: clock.now(), ...change, caller });
      this.changed(change);
    }
    return output;
  }
}

function checkRequired(service: Service, { shape }: Operation, params: Record<string, unknown>): void {
  if (shape?.input.kind !== 'structure') return;
  const missing = shape.input.required.find((field) => params[field] === undefined);
  if (missing === undefined) return;
  const code = {
    ec2: 'MissingParameter',
    query: 'ValidationError',
    json: 'ValidationException',
    'rest-xml': 'InvalidInput',
  }[service.protocol];
  throw new SimulatedError(code, `The request must contain the parameter ${missing}`);
}

/** Network interfaces whose owner is gone vanish once their time has come. */
function dropReleased({ state, now }: CallContext): void {
  for (const [id, item] of state.networkInterfaces) {
    if (item.releaseAt !== undefined && item.releaseAt <= now) state.networkInterfaces.delete(id);
  }
}
