import { VirtualClock } from '../../lib/virtual-clock.ts';
import type { ControlPlane } from './control-plane.ts';
import { listenersOf, rulesOf } from './elbv2/lookup.ts';
import { loadBalancerState } from './elbv2/lookup.ts';
import { targetHealth } from './elbv2/target-health.ts';
import { dropDrained } from './elbv2/targets.ts';
import { SimulatedError } from './errors.ts';
import type { Fault, FaultCall } from './faults.ts';
import { forceHealth, type ForcedHealth } from './health.ts';
import type { WireAnswer } from './protocol/wire.ts';
import { tagsOf } from './tags.ts';

type Request = { readonly method: string; readonly path: string; readonly body: string };
type Handler = (controlPlane: ControlPlane, body: unknown, query: URLSearchParams) => unknown;

const handlers: Readonly<Record<string, Handler>> = {
  'GET state': (controlPlane) => summary(controlPlane),
  'GET trace': ({ trace }, _body, query) => trace.entries(Number(query.get('since') ?? 0)),
  'DELETE trace': ({ trace }) => trace.clear(),
  'GET faults': ({ faults }) => faults.list(),
  'POST faults': ({ faults }, body) => void faults.add(checkedFault(body as Fault)),
  'DELETE faults': ({ faults }) => faults.clear(),
  'GET knobs': ({ knobs }) => knobs,
  'POST knobs': ({ knobs }, body) => turn(knobs, body as object),
  'POST clock': async ({ clock }, body) => {
    if (!(clock instanceof VirtualClock))
      throw new SimulatedError('NotVirtual', 'This simulator runs on the real clock; it cannot be advanced');
    const { advance } = (body ?? {}) as { readonly advance?: unknown };
    if (typeof advance !== 'number' || advance < 0)
      throw new SimulatedError(
        'BadRequest',
        `'advance' must be a number of milliseconds; got ${String(advance)}`,
      );
    await clock.advance(advance);
    return { now: clock.now() };
  },
  'POST call': (controlPlane, body) => {
    const { service = '', operation = '', params = {} } = (body ?? {}) as Partial<FaultCall>;
    return controlPlane.call(service, operation, params);
  },
  'GET health': (controlPlane) => targetGroups(controlPlane),
  'POST health': (controlPlane, body) => forceHealth(controlPlane, body as ForcedHealth),
};

function checkedFault(fault: Fault): Fault {
  const kinds = ['fail', 'delay', 'loseAnswer', 'throttle', 'deny'] satisfies Fault['action']['kind'][];
  if (kinds.some((kind) => kind === fault?.action?.kind)) return fault;
  throw new SimulatedError('BadRequest', `A fault needs an action whose kind is one of ${kinds.join(', ')}`);
}

/** Overwrites what is given, in nested groups too. */
function turn(target: object, settings: object): object {
  for (const [key, value] of Object.entries(settings)) {
    if (!(key in target))
      throw new SimulatedError('UnknownKnob', `'${key}' is not one of ${Object.keys(target).join(', ')}`);
    const current: unknown = Reflect.get(target, key);
    if (typeof current === 'object' && current !== null) turn(current, value as object);
    else if (typeof value === typeof current) Reflect.set(target, key, value);
    else
      throw new SimulatedError(
        'BadRequest',
        `Knob '${key}' must be a ${typeof current}; got ${JSON.stringify(value)}`,
      );
  }
  return target;
}

/**
 * Answers a request of the control API, all JSON: `GET state|trace|faults|knobs|health`, `POST faults` (a Fault), `DELETE faults|trace`, `POST knobs` (those to turn),
 * `POST clock` ({advance: ms}), `POST call` ({service, operation, params}), `POST health` ({targetGroup, id, port, up}).
 */
export async function controlAnswer(
  controlPlane: ControlPlane,
  { method, path, body }: Request,
): Promise<WireAnswer> {
  const url = new URL(path, 'http://localhost');
  const name = `${method} ${url.pathname.replace('/_albatross/', '')}`;
  try {
    const handler = handlers[name];
    if (handler === undefined)
      throw new SimulatedError(
        'UnknownPath',
        `'${name}' is not known; try: ${Object.keys(handlers).join(', ')}`,
        404,
      );
    const result = await handler(controlPlane, body === '' ? undefined : JSON.parse(body), url.searchParams);
    return answer(200, result ?? { ok: true });
  } catch (error) {
    if (error instanceof SimulatedError)
      return answer(error.status, { code: error.code, message: error.message });
    return answer(400, {
      code: 'BadRequest',
      message: error instanceof Error ? error.message : String(error),
    });
  }
}

const answer = (status: number, value: unknown): WireAnswer => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: `${JSON.stringify(value, (_key, item: unknown) => (item instanceof Map ? Object.fromEntries(item) : item), 2)}\n`,
});

/** The account as a person wants to read it: load balancers with their listeners and rules, target groups with their targets. */
function summary(controlPlane: ControlPlane): object {
  const context = controlPlane.context();
  const { state } = context;
  return {
    region: state.region,
    account: state.account,
    now: new Date(context.now).toISOString(),
    loadBalancers: [...state.loadBalancers.values()].map((item) => ({
      name: item.name,
      arn: item.arn,
      dnsName: item.dnsName,
      state: loadBalancerState(item, context),
      scheme: item.scheme,
      subnets: item.subnetIds,
      securityGroups: item.securityGroupIds,
      webAcl: state.webAclAssociations.get(item.arn)?.[0],
      tags: tagsOf(state, item.arn),
      listeners: listenersOf(context, item.arn).map((listener) => ({
        endpoint: `${listener.protocol}:${listener.port}`,
        certificates: [listener.defaultCertificateArn, ...listener.extraCertificateArns].filter(Boolean),
        rules: rulesOf(context, listener.arn).map(({ priority, conditions, actions, transforms }) => ({
          priority,
          conditions,
          actions,
          transforms,
        })),
      })),
    })),
    targetGroups: targetGroups(controlPlane),
    securityGroups: [...state.securityGroups.values()].map(({ id, name, rules }) => ({
      id,
      name,
      ingress: [...rules.values()].filter(({ egress }) => !egress),
    })),
  };
}

function targetGroups(controlPlane: ControlPlane): readonly object[] {
  const context = controlPlane.context();
  return [...context.state.targetGroups.values()].map((group) => {
    dropDrained(group, context);
    return {
      name: group.name,
      arn: group.arn,
      targetType: group.targetType,
      endpoint: `${group.protocol}:${group.port}`,
      targets: [...group.targets.values()].map((target) => {
        const { State, Reason } = targetHealth(group, target, context);
        return { id: target.id, port: target.port, state: State, reason: Reason };
      }),
    };
  });
}
