// Why a request gets the answer that it gets: which load balancer and listener take it, the rules in the order in which
// they are tried, and what the one that matches does. Judges by the same functions as the data plane.

import type { Action, ForwardAction, RedirectAction, RoutingAction } from '../domain/rule.ts';
import { conditionVerdict } from './conditions.ts';
import { evaluate, type PriorityRule, trace, type Traced } from './evaluate.ts';
import { redirectLocation } from './redirect-location.ts';
import { hostName, type WebRequest, webRequest } from './request.ts';
import { applyTransforms } from './transforms.ts';

/** Where a rule or a default action was written. */
export type Origin = {
  /** `namespace/name` */
  readonly ingress: string;
  /** `spec.rules[0].http.paths[1]`; undefined where only the Ingress is known. */
  readonly path: string | undefined;
  /** `app.example.com/api (Prefix)` */
  readonly written: string | undefined;
};

export type KnownRule = PriorityRule<string> & { readonly origin: Origin | undefined };

export type KnownListener = {
  readonly port: number;
  readonly protocol: 'HTTP' | 'HTTPS';
  readonly rules: readonly KnownRule[];
  readonly defaultActions: readonly Action<string>[];
  readonly defaultOrigin: Origin | undefined;
};

/** A load balancer with its rules, as it should be or as it is; target groups are named by any unique text. */
export type KnownLoadBalancer = {
  readonly group: string;
  readonly name: string;
  readonly dnsName: string | undefined;
  readonly listeners: readonly KnownListener[];
};

export type Answer =
  | {
      readonly kind: 'forward';
      readonly targetGroups: ForwardAction<string>['targetGroups'];
      /** Host, path and query as targets get them; undefined: the transforms made no request of it, and ALB answers 500. */
      readonly sent: Pick<WebRequest, 'host' | 'path' | 'query'> | undefined;
      readonly isRewritten: boolean;
    }
  | {
      readonly kind: 'redirect';
      readonly statusCode: string;
      readonly location: string;
      /** What answers there; a redirect from there is not followed. */
      readonly next: Explanation | Unexplained | undefined;
    }
  | Extract<Action<string>, { kind: 'fixed-response' }>
  /** Of a rule without an action that answers, which AWS does not take. */
  | { readonly kind: 'none' };

export type Explanation = {
  readonly request: WebRequest;
  readonly loadBalancer: KnownLoadBalancer;
  readonly listener: KnownListener;
  /** In the order of the listener, up to the rule that matches. */
  readonly tried: readonly Traced<KnownRule>[];
  /** Undefined: the default action answers. */
  readonly matched: Traced<KnownRule> | undefined;
  /** Rules that would match as well, and come later. */
  readonly shadowed: readonly Traced<KnownRule>[];
  /** What happens before the answer: sign-in, tokens. */
  readonly before: readonly Exclude<Action<string>, RoutingAction<string>>[];
  readonly answer: Answer;
};

/** Nobody can say who answers; a sentence says why. */
export type Unexplained = { readonly unexplained: string };

/** Explains a request to one of these load balancers; `follow`: what answers behind a redirect too. */
export function explain(
  loadBalancers: readonly KnownLoadBalancer[],
  request: WebRequest,
  { follow }: { readonly follow: boolean },
): Explanation | Unexplained {
  const found = receiver(loadBalancers, request);
  if ('unexplained' in found) return found;
  const { listener } = found;
  const all = trace(listener.rules, request);
  const { rule, actions } = evaluate<string, KnownRule>(listener, request);
  const place = rule === undefined ? all.length : all.findIndex((traced) => traced.rule === rule);
  const before = actions.flatMap((action) => (isRouting(action) ? [] : [action]));
  const routing = actions.find(isRouting);
  return {
    ...found,
    request,
    tried: all.slice(0, place),
    matched: all[place],
    shadowed: all.slice(place + 1).filter(({ matches }) => matches),
    before,
    answer:
      routing?.kind === 'redirect'
        ? redirected(routing, { loadBalancers, request, follow })
        : answered(routing, request, rule),
  };
}

function isRouting(action: Action<string>): action is RoutingAction<string> {
  return action.kind === 'forward' || action.kind === 'redirect' || action.kind === 'fixed-response';
}

function answered(
  action: Exclude<RoutingAction<string>, RedirectAction> | undefined,
  request: WebRequest,
  rule: KnownRule | undefined,
): Answer {
  if (action === undefined) return { kind: 'none' };
  if (action.kind === 'fixed-response') return action;
  const sent = applyTransforms(rule?.transforms ?? [], request);
  const isRewritten =
    sent?.path !== request.path || sent.query !== request.query || sent.host !== request.host;
  return { kind: 'forward', targetGroups: action.targetGroups, sent, isRewritten };
}

function redirected(
  action: RedirectAction,
  of: {
    readonly loadBalancers: readonly KnownLoadBalancer[];
    readonly request: WebRequest;
    readonly follow: boolean;
  },
): Answer {
  const location = redirectLocation(action, of.request);
  const { kind, statusCode } = action;
  if (!of.follow) return { kind, statusCode, location, next: undefined };
  if (!URL.canParse(location))
    return { kind, statusCode, location, next: { unexplained: `${location} is not a URL` } };
  // A client asks the new host by its own name, whatever Host it sent before.
  const headers = Object.entries(of.request.headers).filter(([name]) => name.toLowerCase() !== 'host');
  const next = webRequest(new URL(location), { ...of.request, headers: Object.fromEntries(headers) });
  return { kind, statusCode, location, next: explain(of.loadBalancers, next, { follow: false }) };
}

type Receiver = Pick<Explanation, 'loadBalancer' | 'listener'>;

/**
 * DNS decides in the world who gets a request. Here it is the load balancer of that DNS name, else the one with a rule for the
 * host, else the one that has rules for every host.
 */
function receiver(loadBalancers: readonly KnownLoadBalancer[], request: WebRequest): Receiver | Unexplained {
  const host = hostName(request);
  const byName = loadBalancers.filter(({ dnsName }) => dnsName?.toLowerCase() === host);
  const byHost = loadBalancers.filter((one) => rulesOf(one).some((rule) => takesHost(rule, request)));
  const forAll = loadBalancers.filter(takesEveryHost);
  const candidates = [byName, byHost, forAll].find((some) => some.length > 0) ?? [];
  if (candidates.length === 0) return { unexplained: unknownHost(host, loadBalancers) };
  const listening = candidates.filter((one) => listenerOf(one, request) !== undefined);
  const [first, second] = listening;
  if (second !== undefined) {
    const names = listening.map(({ name, group }) => `${name} (group ${group})`).join(', ');
    return {
      unexplained: `${listening.length} load balancers answer for ${host}: ${names}; choose with --group`,
    };
  }
  const listener = first && listenerOf(first, request);
  if (first === undefined || listener === undefined) return { unexplained: noListener(candidates, request) };
  if (listener.protocol === request.protocol) return { loadBalancer: first, listener };
  return {
    unexplained: `the listener on port ${listener.port} of ${first.name} (group ${first.group}) speaks ${listener.protocol}, and the URL says ${request.protocol.toLowerCase()}://`,
  };
}

const rulesOf = ({ listeners }: KnownLoadBalancer): readonly KnownRule[] =>
  listeners.flatMap(({ rules }) => rules);

const listenerOf = (one: KnownLoadBalancer, { port }: WebRequest): KnownListener | undefined =>
  one.listeners.find((listener) => listener.port === port);

const takesHost = ({ conditions }: KnownRule, request: WebRequest): boolean =>
  conditions.some(
    (condition) => condition.kind === 'host-header' && conditionVerdict(condition, request).holds,
  );

const takesEveryHost = (one: KnownLoadBalancer): boolean =>
  one.listeners.some(
    ({ rules, defaultOrigin }) =>
      defaultOrigin !== undefined ||
      rules.some(({ conditions }) => conditions.every(({ kind }) => kind !== 'host-header')),
  );

function unknownHost(host: string, loadBalancers: readonly KnownLoadBalancer[]): string {
  const conditions = loadBalancers.flatMap(rulesOf).flatMap((rule) => rule.conditions);
  const hosts = conditions.flatMap((condition) =>
    condition.kind === 'host-header'
      ? [...condition.values, ...condition.regexValues.map((regex) => `/${regex}/`)]
      : [],
  );
  const known = [...new Set(hosts)].toSorted().join(', ');
  return `no load balancer has a rule for the host ${host}; hosts that have one: ${known === '' ? 'none' : known}`;
}

function noListener(candidates: readonly KnownLoadBalancer[], { port }: WebRequest): string {
  const [names, ports] = [
    candidates.map(({ name, group }) => `${name} (group ${group})`),
    candidates.flatMap(({ listeners }) => listeners.map((one) => `${one.protocol} ${one.port}`)),
  ];
  return `nothing listens on port ${port} of ${names.join(', ')}; its listeners: ${[...new Set(ports)].join(', ') || 'none'}`;
}
