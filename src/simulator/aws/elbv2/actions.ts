import type {
  Action,
  AuthenticateCognitoActionConfig,
  AuthenticateOidcActionConfig,
  ForwardActionConfig,
  JwtValidationActionConfig,
  RedirectActionConfig,
  TargetGroupTuple,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { SimulatedError, validationError } from '../errors.ts';
import type { CallContext } from '../operation.ts';
import type { Listener } from '../state.ts';
import { findTargetGroup } from './lookup.ts';

/**
 * Checks the actions of a rule or listener and returns them as AWS echoes them: in order, with Order, with the target group
 * next to ForwardConfig, with default stickiness, redirect placeholders and login defaults, without the client secret.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-action-types.html
 */
export function normaliseActions(
  actions: readonly Action[] | undefined,
  listener: Pick<Listener, 'protocol'>,
  context: CallContext,
): readonly Action[] {
  if (actions === undefined || actions.length === 0)
    throw validationError('At least one action must be specified');
  const ordered = inOrder(actions);
  checkCombination(ordered, listener);
  const normal = ordered.map((action, index) => ({
    ...normaliseAction(action, listener, context),
    Order: action.Order ?? index + 1,
  }));
  checkProtocolVersion(normal, listener, context);
  return normal;
}

function inOrder(actions: readonly Action[]): readonly Action[] {
  if (actions.length > 1 && actions.some(({ Order }) => Order === undefined)) {
    throw validationError('Order must be specified for each action when there are several');
  }
  for (const { Order } of actions) {
    if (Order !== undefined && (Order < 1 || Order > 50_000))
      throw validationError(`Action order '${Order}' must be between 1 and 50000`);
  }
  const orders = new Set(actions.map(({ Order }) => Order));
  if (orders.size < actions.length) throw validationError('Action orders must be unique');
  return [...actions].sort((a, b) => (a.Order ?? 0) - (b.Order ?? 0));
}

const routing = ['forward', 'redirect', 'fixed-response'];
const authenticating = ['authenticate-oidc', 'authenticate-cognito', 'jwt-validation'];

function checkCombination(actions: readonly Action[], { protocol }: Pick<Listener, 'protocol'>): void {
  const types = actions.map(({ Type = '' }) => Type as string);
  const unknown = types.find((type) => !routing.includes(type) && !authenticating.includes(type));
  if (unknown !== undefined) throw validationError(`Action type '${unknown}' is not valid`);
  const routes = types.filter((type) => routing.includes(type));
  if (routes.length !== 1 || !routing.includes(types.at(-1) ?? '')) {
    throw new SimulatedError(
      'InvalidLoadBalancerAction',
      'Exactly one action of type forward, redirect or fixed-response is required, and it must be the last',
    );
  }
  if (types.length > 2)
    throw new SimulatedError('TooManyActions', 'At most one authentication action is allowed');
  if (protocol === 'TCP' && (types.join() !== 'forward' || targetGroupArns(actions).length > 1)) {
    throw new SimulatedError(
      'InvalidLoadBalancerAction',
      'A listener of a network load balancer forwards to one target group',
    );
  }
  if (types.length > 1 && protocol !== 'HTTPS') {
    throw new SimulatedError(
      'InvalidLoadBalancerAction',
      `Actions of type '${types[0]}' are supported only on HTTPS listeners`,
    );
  }
}

function normaliseAction(action: Action, listener: Pick<Listener, 'protocol'>, context: CallContext): Action {
  switch (action.Type) {
    case 'forward':
      return forward(action, context);
    case 'redirect':
      return { Type: 'redirect', RedirectConfig: redirect(action.RedirectConfig, listener, context) };
    case 'fixed-response':
      return { Type: 'fixed-response', FixedResponseConfig: fixedResponse(action.FixedResponseConfig) };
    case 'authenticate-oidc':
      return { Type: action.Type, AuthenticateOidcConfig: oidc(action.AuthenticateOidcConfig) };
    case 'authenticate-cognito':
      return { Type: action.Type, AuthenticateCognitoConfig: cognito(action.AuthenticateCognitoConfig) };
    case 'jwt-validation':
      return { Type: action.Type, JwtValidationConfig: jwt(action.JwtValidationConfig) };
    case undefined:
      throw validationError('Action type must be specified');
  }
}

function forward(action: Action, context: CallContext): Action {
  const tuples = forwardTargets(action);
  const limit = context.knobs.quotas['target-groups-per-action-on-application-load-balancer'];
  if (tuples.length > limit)
    throw new SimulatedError(
      'TooManyTargetGroups',
      `A forward action can name at most ${limit} target groups`,
    );
  for (const { TargetGroupArn, Weight } of tuples) {
    findTargetGroup(context, TargetGroupArn);
    if (Weight !== undefined && (Weight < 0 || Weight > 999))
      throw validationError(`Weight '${Weight}' must be between 0 and 999`);
  }
  const single = tuples.length === 1 ? tuples[0]?.TargetGroupArn : undefined;
  const groups = tuples.map(({ TargetGroupArn, Weight = 1 }) => ({
    TargetGroupArn,
    Weight: single === undefined || Weight === 0 ? Weight : 1,
  }));
  const config: ForwardActionConfig = {
    TargetGroups: groups,
    TargetGroupStickinessConfig: stickiness(action.ForwardConfig),
  };
  return single === undefined
    ? { Type: 'forward', ForwardConfig: config }
    : { Type: 'forward', TargetGroupArn: single, ForwardConfig: config };
}

function forwardTargets(action: Action): readonly TargetGroupTuple[] {
  const tuples = action.ForwardConfig?.TargetGroups ?? [];
  const { TargetGroupArn } = action;
  if (tuples.length === 0) {
    if (TargetGroupArn === undefined)
      throw validationError('A target group must be specified for a forward action');
    return [{ TargetGroupArn }];
  }
  if (TargetGroupArn !== undefined && (tuples.length > 1 || tuples[0]?.TargetGroupArn !== TargetGroupArn)) {
    throw validationError('TargetGroupArn and ForwardConfig must name the same single target group');
  }
  if (new Set(tuples.map((tuple) => tuple.TargetGroupArn)).size < tuples.length) {
    throw validationError('A target group can be specified only once in a forward action');
  }
  return tuples;
}

function stickiness(
  config: ForwardActionConfig | undefined,
): NonNullable<ForwardActionConfig['TargetGroupStickinessConfig']> {
  const { Enabled = false, DurationSeconds } = config?.TargetGroupStickinessConfig ?? {};
  if (DurationSeconds !== undefined && (DurationSeconds < 1 || DurationSeconds > 604_800)) {
    throw validationError(`Stickiness duration '${DurationSeconds}' must be between 1 and 604800 seconds`);
  }
  if (Enabled && DurationSeconds === undefined)
    throw validationError('Stickiness needs a duration when it is enabled');
  return DurationSeconds === undefined ? { Enabled } : { Enabled, DurationSeconds };
}

const redirectDefaults = {
  Protocol: '#{protocol}',
  Port: '#{port}',
  Host: '#{host}',
  Path: '/#{path}',
  Query: '#{query}',
};

function redirect(
  config: RedirectActionConfig | undefined,
  { protocol }: Pick<Listener, 'protocol'>,
  { knobs }: CallContext,
): RedirectActionConfig {
  if (config === undefined) throw validationError('RedirectConfig must be specified for a redirect action');
  const result = { ...redirectDefaults, ...defined(config) } as RedirectActionConfig &
    typeof redirectDefaults;
  const wrong = [
    [!/^HTTP_30[12]$/.test(result.StatusCode ?? ''), 'StatusCode', result.StatusCode],
    [!/^(HTTPS?|#\{protocol\})$/.test(result.Protocol), 'Protocol', result.Protocol],
    [
      !/^(#\{port\}|\d{1,5})$/.test(result.Port) || Number(result.Port) > 65_535 || result.Port === '0',
      'Port',
      result.Port,
    ],
    [result.Host.length < 1 || result.Host.length > 128, 'Host', result.Host],
    [!result.Path.startsWith('/') || result.Path.length > 128, 'Path', result.Path],
    [result.Query.length > 128, 'Query', result.Query],
  ].find(([bad]) => bad);
  if (wrong !== undefined) throw validationError(`Redirect ${wrong[1]} '${wrong[2]}' is not valid`);
  const parts = [
    'Protocol',
    'Port',
    'Host',
    'Path',
    ...(knobs.accepts.queryOnlyRedirect ? ['Query' as const] : []),
  ] as const;
  const unchanged = parts.every((key) => result[key] === redirectDefaults[key]);
  if (unchanged) {
    throw new SimulatedError(
      'InvalidLoadBalancerAction',
      'The redirect must change the protocol, host, port or path, or it would loop',
    );
  }
  if (protocol === 'HTTPS' && result.Protocol === 'HTTP') {
    throw new SimulatedError('InvalidLoadBalancerAction', 'HTTPS cannot be redirected to HTTP');
  }
  return result;
}

const contentTypes = ['text/plain', 'text/css', 'text/html', 'application/javascript', 'application/json'];

function fixedResponse(config: Action['FixedResponseConfig']): NonNullable<Action['FixedResponseConfig']> {
  const { StatusCode = '', MessageBody, ContentType } = config ?? {};
  if (!/^[245]\d\d$/.test(StatusCode))
    throw validationError(`Fixed response status code '${StatusCode}' must be 2XX, 4XX or 5XX`);
  if ((MessageBody ?? '').length > 1024)
    throw validationError('The message body of a fixed response can be at most 1024 characters');
  if (ContentType !== undefined && !contentTypes.includes(ContentType)) {
    throw validationError(
      `Fixed response content type '${ContentType}' must be one of ${contentTypes.join(', ')}`,
    );
  }
  return defined({ StatusCode, MessageBody, ContentType });
}

const loginDefaults = {
  SessionCookieName: 'AWSELBAuthSessionCookie',
  Scope: 'openid',
  SessionTimeout: 604_800,
  OnUnauthenticatedRequest: 'authenticate' as const,
};

function oidc(config: AuthenticateOidcActionConfig | undefined): AuthenticateOidcActionConfig {
  if (config === undefined) throw validationError('AuthenticateOidcConfig must be specified');
  const endpoints = ['Issuer', 'AuthorizationEndpoint', 'TokenEndpoint', 'UserInfoEndpoint'] as const;
  for (const key of endpoints) {
    if (!/^https:\/\/./.test(config[key] ?? ''))
      throw validationError(`${key} '${config[key]}' must be a full https URL`);
  }
  if (config.ClientId === undefined) throw validationError('ClientId must be specified');
  if (config.ClientSecret === undefined && config.UseExistingClientSecret !== true) {
    throw validationError('ClientSecret must be specified, or UseExistingClientSecret be true');
  }
  const { ClientSecret: _secret, UseExistingClientSecret: _existing, ...rest } = config;
  return { ...loginDefaults, ...defined(rest) } as AuthenticateOidcActionConfig;
}

function cognito(config: AuthenticateCognitoActionConfig | undefined): AuthenticateCognitoActionConfig {
  for (const key of ['UserPoolArn', 'UserPoolClientId', 'UserPoolDomain'] as const) {
    if (config?.[key] === undefined) throw validationError(`${key} must be specified`);
  }
  return { ...loginDefaults, ...defined(config ?? {}) } as AuthenticateCognitoActionConfig;
}

function jwt(config: JwtValidationActionConfig | undefined): JwtValidationActionConfig {
  if (!/^https:\/\/./.test(config?.JwksEndpoint ?? ''))
    throw validationError('JwksEndpoint must be an https URL');
  if (config?.Issuer === undefined) throw validationError('Issuer must be specified');
  const claims = config.AdditionalClaims ?? [];
  if (claims.length > 10) throw validationError('At most 10 additional claims can be validated');
  const reserved = claims.find(({ Name = '' }) => ['exp', 'iss', 'nbf', 'iat'].includes(Name));
  if (reserved !== undefined)
    throw validationError(`Claim '${reserved.Name}' is validated anyway and cannot be an additional claim`);
  return config;
}

/** Target groups that speak HTTP/2 or gRPC can only be forwarded to, with nothing before, and from HTTPS listeners. */
function checkProtocolVersion(
  actions: readonly Action[],
  { protocol }: Pick<Listener, 'protocol'>,
  { state, knobs }: CallContext,
): void {
  const versions = targetGroupArns(actions).map((item) => state.targetGroups.get(item)?.protocolVersion);
  const modern = versions.find((version) => version === 'HTTP2' || version === 'GRPC');
  if (modern === undefined) return;
  if (protocol === 'HTTP' && !knobs.accepts.http2OnHttpListener) {
    throw new SimulatedError(
      'InvalidLoadBalancerAction',
      `Listener protocol 'HTTP' is not supported with a target group with the protocol-version '${modern}'`,
    );
  }
  if (actions.length < 2) return;
  throw new SimulatedError(
    'InvalidLoadBalancerAction',
    'Target groups with protocol version HTTP2 or GRPC support forward actions only',
  );
}

/** The target groups that normalised actions forward to. */
export const targetGroupArns = (actions: readonly Action[]): readonly string[] =>
  actions.flatMap(({ ForwardConfig }) =>
    (ForwardConfig?.TargetGroups ?? []).map(({ TargetGroupArn = '' }) => TargetGroupArn),
  );

function defined<Value extends object>(value: Value): Value {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as Value;
}
