import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { applyTransforms } from '../../core/evaluate/transforms.ts';
import { evaluate } from '../../core/evaluate/evaluate.ts';
import { pickTargetGroup } from '../../core/evaluate/pick-target-group.ts';
import type { AlbRequest } from '../../core/evaluate/request.ts';
import { redirectLocation } from '../../core/evaluate/redirect-location.ts';
import type { Action, ForwardAction, Transform } from '../../core/domain/rule.ts';
import type { AwsState, Listener, Rule, Target, TargetGroup } from '../aws/state.ts';
import type { Backend } from './backend.ts';
import { answerPlain, forward } from './forward.ts';
import { actions, ruleContent } from './rule-forms.ts';
import { isLetIn } from './security.ts';
import { cookieOf, type TargetChoice } from './target-choice.ts';

/** What a listener needs to answer: the account, the backends, the choice among targets. */
export type AnswerContext = {
  readonly state: AwsState;
  readonly targets: TargetChoice;
  readonly backendOf: (target: { readonly id: string; readonly port: number }) => Backend | undefined;
  /** 0 ≤ n < 1, for the choice by weights. */
  readonly random: () => number;
};

/** Answers one request at one listener as its ALB would: rules by priority, then the actions of the first that matches. */
export function answer(
  context: AnswerContext,
  listenerArn: string,
  incoming: IncomingMessage,
  response: ServerResponse,
): void {
  const listener = context.state.listeners.get(listenerArn);
  if (listener === undefined) {
    incoming.socket.destroy();
    return;
  }
  const request = albRequest(incoming);
  const matched = matchedRule(context.state, listener, request);
  for (const action of matched.actions) {
    if (action.kind === 'forward')
      return answerForward(
        context,
        listener,
        { action, request, transforms: matched.transforms },
        { incoming, response },
      );
    if (answerWithout(action, listener, request, response)) return;
  }
}

function albRequest(incoming: IncomingMessage): AlbRequest {
  const [path = '/', query = ''] = splitOnce(incoming.url ?? '/', '?');
  return {
    host: (incoming.headers.host ?? '').replace(/:\d+$/, ''),
    path,
    query,
    method: incoming.method ?? 'GET',
    headers: Object.fromEntries(
      Object.entries(incoming.headers).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.join(', ') : (value ?? ''),
      ]),
    ),
    sourceIp: (incoming.socket.remoteAddress ?? '').replace(/^::ffff:/, ''),
  };
}

function splitOnce(text: string, separator: string): readonly string[] {
  const index = text.indexOf(separator);
  return index === -1 ? [text] : [text.slice(0, index), text.slice(index + 1)];
}

function matchedRule(
  state: AwsState,
  listener: Listener,
  request: AlbRequest,
): { actions: readonly Action<string>[]; transforms: readonly Transform[] } {
  const ofListener = [...state.rules.values()].filter((rule) => rule.listenerArn === listener.arn);
  const rules = ofListener.flatMap((rule) =>
    rule.priority === 'default' ? [] : [{ ...ruleContent(rule), priority: rule.priority }],
  );
  const byDefault: Rule | undefined = ofListener.find((rule) => rule.priority === 'default');
  const result = evaluate({ rules, defaultActions: actions(byDefault?.actions ?? []) }, request);
  return { actions: result.actions, transforms: result.rule?.transforms ?? [] };
}

/** Everything but a forward; false lets the next action run (an authentication that lets the request through). */
function answerWithout(
  action: Exclude<Action<string>, ForwardAction<string>>,
  listener: Listener,
  request: AlbRequest,
  response: ServerResponse,
): boolean {
  switch (action.kind) {
    case 'fixed-response': {
      const body = action.messageBody ?? '';
      response.writeHead(Number(action.statusCode), {
        server: 'awselb/2.0',
        'content-type': action.contentType ?? 'text/plain',
        'content-length': Buffer.byteLength(body),
      });
      response.end(body);
      return true;
    }
    case 'redirect': {
      const location = redirectLocation(action, {
        ...request,
        protocol: listener.protocol,
        port: listener.port,
      });
      response.writeHead(action.statusCode === 'HTTP_301' ? 301 : 302, {
        server: 'awselb/2.0',
        location,
        'content-length': 0,
      });
      response.end();
      return true;
    }
    case 'authenticate-cognito':
    case 'authenticate-oidc': {
      const { cookieName, onUnauthenticatedRequest } = action.session;
      const isKnown = (request.headers['cookie'] ?? '').includes(`${cookieName}-0=`);
      if (isKnown || onUnauthenticatedRequest === 'allow') return false;
      if (onUnauthenticatedRequest === 'deny') answerPlain(response, 401);
      else {
        const location =
          action.kind === 'authenticate-oidc'
            ? action.authorizationEndpoint
            : `https://${action.userPoolDomain}/oauth2/authorize`;
        response.writeHead(302, { server: 'awselb/2.0', location, 'content-length': 0 });
        response.end();
      }
      return true;
    }
    case 'jwt-validation': {
      const hasToken = /^Bearer [^.]+\.[^.]+\.[^.]+$/.test(request.headers['authorization'] ?? '');
      if (!hasToken) answerPlain(response, 401);
      return !hasToken;
    }
  }
}

type Exchange = { readonly incoming: IncomingMessage; readonly response: ServerResponse };

type Routed = {
  readonly action: ForwardAction<string>;
  readonly request: AlbRequest;
  readonly transforms: readonly Transform[];
};

function answerForward(
  context: AnswerContext,
  listener: Listener,
  routed: Routed,
  { incoming, response }: Exchange,
): void {
  const { action, request, transforms } = routed;
  const chosen = chosenTarget(context, listener, routed);
  if (typeof chosen === 'number') return answerPlain(response, chosen);
  setCookies(response, { action, ...chosen });
  const { host, path, query } = request;
  const rewritten = applyTransforms(transforms, { host, path, query });
  if (rewritten === undefined) return answerPlain(response, 500);
  const url = rewritten.query === '' ? rewritten.path : `${rewritten.path}?${rewritten.query}`;
  // A host that no transform touches goes on as the client wrote it, port included.
  const newHost = rewritten.host === host ? (incoming.headers.host ?? host) : rewritten.host;
  forward(chosen.backend, incoming, response, {
    path: url,
    host: newHost,
    headers: forwardedHeaders(incoming, listener),
  });
}

/** Where the request goes, or the status that ALB answers with when it can go nowhere. */
function chosenTarget(
  context: AnswerContext,
  listener: Listener,
  { action, request }: Routed,
): { readonly group: TargetGroup; readonly target: Target; readonly backend: Backend } | number {
  const arn = stickyGroup(context, action, request)?.arn ?? pickTargetGroup(action, context.random());
  const group = context.state.targetGroups.get(arn ?? '');
  const target = group && context.targets.choose(group, cookie(request, 'AWSALB'));
  if (group === undefined || target === undefined) return 503;
  const address = { id: target.id, port: target.port ?? group.port ?? 0 };
  if (!isLetIn(context.state, listener.loadBalancerArn, address)) return 504;
  const backend = context.backendOf(address);
  return backend === undefined ? 502 : { group, target, backend };
}

function forwardedHeaders(incoming: IncomingMessage, listener: Listener): Record<string, string | string[]> {
  const client = (incoming.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  const before = incoming.headers['x-forwarded-for'];
  const { connection: _hop, host: _host, ...headers } = incoming.headers;
  return {
    ...Object.fromEntries(
      Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    ),
    'x-forwarded-for': before === undefined ? client : `${String(before)}, ${client}`,
    'x-forwarded-proto': listener.protocol.toLowerCase(),
    'x-forwarded-port': String(listener.port),
    'x-amzn-trace-id': `Root=1-${randomUUID().replaceAll('-', '').slice(0, 24)}`,
  };
}

function cookie(request: AlbRequest, name: string): string | undefined {
  const pairs = (request.headers['cookie'] ?? '').split(';').map((pair) => pair.trim().split('='));
  return pairs.find(([key]) => key === name)?.[1];
}

function stickyGroup(
  context: AnswerContext,
  action: ForwardAction<string>,
  request: AlbRequest,
): TargetGroup | undefined {
  const wanted = action.stickinessSeconds === undefined ? undefined : cookie(request, 'AWSALBTG');
  const arn = action.targetGroups.find(
    (entry) => wanted !== undefined && cookieOf({ arn: entry.targetGroup }) === wanted,
  )?.targetGroup;
  return arn === undefined ? undefined : context.state.targetGroups.get(arn);
}

function setCookies(
  response: ServerResponse,
  { action, group, target }: { action: ForwardAction<string>; group: TargetGroup; target: Target },
): void {
  const cookies = [
    ...(action.stickinessSeconds === undefined
      ? []
      : [`AWSALBTG=${cookieOf({ arn: group.arn })}; Max-Age=${action.stickinessSeconds}; Path=/`]),
    ...(group.attributes.get('stickiness.enabled') === 'true'
      ? [
          `AWSALB=${cookieOf(target)}; Max-Age=${group.attributes.get('stickiness.lb_cookie.duration_seconds') ?? '86400'}; Path=/`,
        ]
      : []),
  ];
  if (cookies.length > 0) response.setHeader('set-cookie', cookies);
}
