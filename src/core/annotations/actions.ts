// The JSON of `actions.<name>` (albc-behaviour §1.5).

import type { PortReference } from '../domain/cluster.ts';
import { type FixedResponseAction, type RedirectAction, redirectPlaceholders } from '../domain/rule.ts';
import { flag, int32, intOrText, jsonOf, list, optional, record, text } from './decode.ts';
import { type Parsed, parsed, refusedAs } from './parsed.ts';

/** Where a part of a forward goes: a Service of the Ingress's namespace, or a target group of somebody else's. */
export type ForwardTarget =
  | { readonly kind: 'service'; readonly name: string; readonly port: PortReference }
  | { readonly kind: 'arn'; readonly arn: string }
  | { readonly kind: 'name'; readonly name: string };

export type ForwardDraft = {
  readonly kind: 'forward';
  readonly targets: readonly { readonly to: ForwardTarget; readonly weight: number | undefined }[];
  readonly stickinessSeconds: number | undefined;
  /** That stickiness is to be off has been said. */
  readonly stickinessOff?: true;
};

export type ActionDraft = ForwardDraft | RedirectAction | FixedResponseAction;

type Tuple = {
  readonly targetGroupARN: string | undefined;
  readonly targetGroupName: string | undefined;
  readonly serviceName: string | undefined;
  readonly servicePort: number | string | undefined;
  readonly weight: number | undefined;
};
type Forward = {
  readonly targetGroups: readonly Tuple[];
  readonly targetGroupStickinessConfig:
    | { readonly enabled: boolean; readonly durationSeconds: number | undefined }
    | undefined;
};
type Redirect = {
  readonly host: string | undefined;
  readonly path: string | undefined;
  readonly port: string | undefined;
  readonly protocol: string | undefined;
  readonly query: string | undefined;
  readonly statusCode: string;
};
type Fixed = {
  readonly contentType: string | undefined;
  readonly messageBody: string | undefined;
  readonly statusCode: string;
};
type Raw = {
  readonly type: string;
  readonly targetGroupARN: string | undefined;
  readonly targetGroupName: string | undefined;
  readonly fixedResponseConfig: Fixed | undefined;
  readonly redirectConfig: Redirect | undefined;
  readonly forwardConfig: Forward | undefined;
};

const maybe = optional(text);
const parse = jsonOf(
  record<Raw>('Action', {
    type: text,
    targetGroupARN: maybe,
    targetGroupName: maybe,
    fixedResponseConfig: optional(
      record<Fixed>('FixedResponseActionConfig', {
        contentType: maybe,
        messageBody: maybe,
        statusCode: text,
      }),
    ),
    redirectConfig: optional(
      record<Redirect>('RedirectActionConfig', {
        host: maybe,
        path: maybe,
        port: maybe,
        protocol: maybe,
        query: maybe,
        statusCode: text,
      }),
    ),
    forwardConfig: optional(
      record<Forward>('ForwardActionConfig', {
        targetGroups: list(
          record<Tuple>('TargetGroupTuple', {
            targetGroupARN: maybe,
            targetGroupName: maybe,
            serviceName: maybe,
            servicePort: optional(intOrText),
            weight: optional(int32),
          }),
        ),
        targetGroupStickinessConfig: optional(
          record('TargetGroupStickinessConfig', { enabled: flag, durationSeconds: optional(int32) }),
        ),
      }),
    ),
  }),
);

/** Reads one action; the first fault is ALBC's first. What only AWS checks (status codes, lengths) is not looked at. */
export function parseAction(source: string): Parsed<ActionDraft> {
  const result = parse(source);
  if (!result.ok) return result;
  const raw = result.value;
  switch (raw.type) {
    case 'fixed-response':
      return fixedResponse(raw.fixedResponseConfig);
    case 'redirect':
      return redirect(raw.redirectConfig);
    case 'forward':
      return forward(raw);
    default:
      return refusedAs(
        `unknown action type: ${raw.type}`,
        `where the type "${raw.type}" is none of fixed-response, redirect and forward`,
      );
  }
}

function fixedResponse(config: Fixed | undefined): Parsed<FixedResponseAction> {
  if (config === undefined)
    return refusedAs('missing FixedResponseConfig', 'where fixedResponseConfig is missing');
  if (config.statusCode === '') {
    const words = 'invalid FixedResponseConfig: statusCode is required';
    return refusedAs(words, 'where fixedResponseConfig has no statusCode');
  }
  return parsed({ kind: 'fixed-response', ...config });
}

function redirect(config: Redirect | undefined): Parsed<RedirectAction> {
  if (config === undefined) return refusedAs('missing RedirectConfig', 'where redirectConfig is missing');
  if (config.statusCode === '') {
    return refusedAs(
      'invalid RedirectConfig: statusCode is required',
      'where redirectConfig has no statusCode',
    );
  }
  return parsed({
    kind: 'redirect',
    protocol: config.protocol ?? redirectPlaceholders.protocol,
    host: config.host ?? redirectPlaceholders.host,
    port: config.port ?? redirectPlaceholders.port,
    path: config.path ?? redirectPlaceholders.path,
    query: config.query ?? redirectPlaceholders.query,
    // AWS refuses every other code; kept as written, so that its answer names it.
    statusCode: config.statusCode as RedirectAction['statusCode'],
  });
}

function forward(raw: Raw): Parsed<ForwardDraft> {
  const external = externalTarget(raw);
  if (raw.forwardConfig === undefined) {
    if (external === undefined) {
      return refusedAs(
        'missing ForwardConfig or TargetGroupARN/TargetGroupName',
        'where forwardConfig is missing, and targetGroupARN and targetGroupName too',
      );
    }
    return parsed({
      kind: 'forward',
      targets: [{ to: external, weight: undefined }],
      stickinessSeconds: undefined,
    });
  }
  if (external !== undefined) {
    return refusedAs(
      'either ForwardConfig or TargetGroupARN/TargetGroupName can be specified',
      'which has both forwardConfig and a target group beside it',
    );
  }
  return forwardConfig(raw.forwardConfig);
}

function forwardConfig(config: Forward): Parsed<ForwardDraft> {
  const targets: { to: ForwardTarget; weight: number | undefined }[] = [];
  for (const tuple of config.targetGroups) {
    const to = tupleTarget(tuple);
    if (!to.ok) return to;
    targets.push({ to: to.value, weight: tuple.weight });
  }
  if (targets.length > 1 && targets.some(({ weight }) => weight === undefined)) {
    const words = 'invalid ForwardConfig: weight must be set when route to multiple target groups';
    return refusedAs(words, 'where one of several target groups has no weight');
  }
  const stickiness = config.targetGroupStickinessConfig;
  return parsed({
    kind: 'forward',
    targets,
    stickinessSeconds: stickiness?.enabled === true ? stickiness.durationSeconds : undefined,
    ...(stickiness?.enabled === false && { stickinessOff: true }),
  });
}

function tupleTarget(tuple: Tuple): Parsed<ForwardTarget> {
  const invalid = 'invalid ForwardConfig: invalid TargetGroupTuple';
  const external = externalTarget(tuple);
  if (tuple.serviceName === undefined) {
    if (external !== undefined) return parsed(external);
    return refusedAs(
      `${invalid}: missing serviceName or targetGroupARN/targetGroupName`,
      'where an entry of targetGroups names neither a Service nor a target group',
    );
  }
  if (external !== undefined) {
    return refusedAs(
      `${invalid}: either serviceName or targetGroupARN/targetGroupName can be specified`,
      'where an entry of targetGroups names both a Service and a target group',
    );
  }
  if (tuple.servicePort === undefined) {
    const why = `where the entry for Service "${tuple.serviceName}" has no servicePort`;
    return refusedAs(`${invalid}: missing servicePort`, why);
  }
  return parsed({ kind: 'service', name: tuple.serviceName, port: portReference(tuple.servicePort) });
}

function externalTarget(of: Pick<Tuple, 'targetGroupARN' | 'targetGroupName'>): ForwardTarget | undefined {
  if (of.targetGroupARN !== undefined) return { kind: 'arn', arn: of.targetGroupARN };
  return of.targetGroupName === undefined ? undefined : { kind: 'name', name: of.targetGroupName };
}

/** Text that looks like a number is one, as old manifests quote the port. */
function portReference(port: number | string): PortReference {
  if (typeof port === 'string' && !/^[+-]?[0-9]{1,10}$/.test(port)) return { kind: 'name', name: port };
  return { kind: 'number', number: Number(port) };
}
