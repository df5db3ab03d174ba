// Rule and default actions: the domain's form and AWS's, in both directions.

import type {
  Action as WireAction,
  AuthenticateCognitoActionConfig,
  AuthenticateOidcActionConfig,
  ForwardActionConfig,
  JwtValidationActionAdditionalClaimFormatEnum,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { ClientSecret } from '../../core/domain/client-secret.ts';
import type { TargetGroupArn } from '../../core/domain/ids.ts';
import {
  type Action,
  type AuthenticateOidcAction,
  type AuthenticateSession,
  type ForwardAction,
  type RedirectAction,
  redirectPlaceholders,
} from '../../core/domain/rule.ts';
import { never } from '../../lib/never.ts';
import { refused } from '../errors.ts';

/** Several actions need an order; a single one is sent as AWS documents it, without. */
export function wireActions(actions: readonly Action<string>[], secrets: ClientSecrets): WireAction[] {
  if (actions.length === 1) return actions.map((action) => wireAction(action, secrets));
  return actions.map((action, index) => ({ ...wireAction(action, secrets), Order: index + 1 }));
}

/** Where the text behind the hash of a client secret comes from. */
export type ClientSecrets = { readonly clientSecret: (hash: string) => ClientSecret | undefined };

function wireAction(action: Action<string>, secrets: ClientSecrets): WireAction {
  switch (action.kind) {
    case 'forward':
      return { Type: 'forward', ForwardConfig: wireForward(action) };
    case 'redirect':
      return { Type: 'redirect', RedirectConfig: wireRedirect(action) };
    case 'fixed-response':
      return {
        Type: 'fixed-response',
        FixedResponseConfig: {
          StatusCode: action.statusCode,
          ContentType: action.contentType,
          MessageBody: action.messageBody,
        },
      };
    case 'authenticate-cognito':
      return {
        Type: 'authenticate-cognito',
        AuthenticateCognitoConfig: {
          UserPoolArn: action.userPoolArn,
          UserPoolClientId: action.userPoolClientId,
          UserPoolDomain: action.userPoolDomain,
          ...wireSession(action.session),
        },
      };
    case 'authenticate-oidc':
      return { Type: 'authenticate-oidc', AuthenticateOidcConfig: wireOidc(action, secrets) };
    case 'jwt-validation':
      return {
        Type: 'jwt-validation',
        JwtValidationConfig: {
          JwksEndpoint: action.jwksEndpoint,
          Issuer: action.issuer,
          ...(action.additionalClaims.length === 0
            ? {}
            : {
                AdditionalClaims: action.additionalClaims.map(({ format, name, values }) => ({
                  Format: format as JwtValidationActionAdditionalClaimFormatEnum,
                  Name: name,
                  Values: [...values],
                })),
              }),
        },
      };
    default:
      return never(action);
  }
}

function wireOidc(
  { clientSecretHash: hash, ...action }: AuthenticateOidcAction,
  { clientSecret }: ClientSecrets,
): AuthenticateOidcActionConfig {
  const secret = hash === undefined ? undefined : clientSecret(hash);
  if (hash !== undefined && secret === undefined) {
    throw refused('unavailable', {
      code: 'ClientSecretChanged',
      action: 'elasticloadbalancing:ModifyRule',
      message: 'the Secret with the client secret has changed since this was planned; it is planned anew',
    });
  }
  return {
    Issuer: action.issuer,
    AuthorizationEndpoint: action.authorizationEndpoint,
    TokenEndpoint: action.tokenEndpoint,
    UserInfoEndpoint: action.userInfoEndpoint,
    ClientId: action.clientId,
    // A rule that is kept for a held member keeps the secret that only AWS knows.
    ...(secret === undefined ? { UseExistingClientSecret: true } : { ClientSecret: secret.reveal() }),
    ...wireSession(action.session),
  };
}

function wireForward({ targetGroups, stickinessSeconds }: ForwardAction<string>): ForwardActionConfig {
  return {
    TargetGroups: targetGroups.map(({ targetGroup, weight }) => ({
      TargetGroupArn: targetGroup,
      Weight: weight,
    })),
    TargetGroupStickinessConfig:
      stickinessSeconds === undefined
        ? { Enabled: false }
        : { Enabled: true, DurationSeconds: stickinessSeconds },
  };
}

const wireRedirect = ({ protocol, host, port, path, query, statusCode }: RedirectAction) => ({
  Protocol: protocol,
  Host: host,
  Port: port,
  Path: path,
  Query: query,
  StatusCode: statusCode,
});

type WireSession = Pick<
  AuthenticateCognitoActionConfig & AuthenticateOidcActionConfig,
  | 'SessionCookieName'
  | 'Scope'
  | 'SessionTimeout'
  | 'OnUnauthenticatedRequest'
  | 'AuthenticationRequestExtraParams'
>;

function wireSession(session: AuthenticateSession): WireSession {
  return {
    SessionCookieName: session.cookieName,
    Scope: session.scope,
    SessionTimeout: session.timeoutSeconds,
    OnUnauthenticatedRequest: session.onUnauthenticatedRequest as NonNullable<
      WireSession['OnUnauthenticatedRequest']
    >,
    ...(Object.keys(session.extraParams).length === 0
      ? {}
      : { AuthenticationRequestExtraParams: { ...session.extraParams } }),
  };
}

/** In order of their `Order`. Actions of a kind that we do not know are left out, as unknown conditions are. */
export function observedActions(actions: readonly WireAction[] = []): readonly Action<TargetGroupArn>[] {
  const ordered = actions.toSorted((a, b) => (a.Order ?? 0) - (b.Order ?? 0));
  return ordered.flatMap((action) => observedAction(action) ?? []);
}

function observedAction(action: WireAction): Action<TargetGroupArn> | undefined {
  switch (action.Type) {
    case 'forward':
      return observedForward(action);
    case 'redirect':
      return observedRedirect(action);
    case 'fixed-response': {
      const { StatusCode = '', ContentType, MessageBody } = action.FixedResponseConfig ?? {};
      return {
        kind: 'fixed-response',
        statusCode: StatusCode,
        contentType: ContentType || undefined,
        messageBody: MessageBody || undefined,
      };
    }
    case 'authenticate-cognito':
      return observedCognito(action.AuthenticateCognitoConfig);
    case 'authenticate-oidc':
      return observedOidc(action.AuthenticateOidcConfig);
    case 'jwt-validation': {
      const { JwksEndpoint = '', Issuer = '', AdditionalClaims = [] } = action.JwtValidationConfig ?? {};
      const additionalClaims = AdditionalClaims.map(({ Format = '', Name = '', Values = [] }) => ({
        format: Format,
        name: Name,
        values: Values,
      }));
      return { kind: 'jwt-validation', jwksEndpoint: JwksEndpoint, issuer: Issuer, additionalClaims };
    }
    default:
      return undefined;
  }
}

/** AWS echoes a forward to one target group in both forms, with any weight; only weight 0 of a single one means something. */
function observedForward(action: WireAction): ForwardAction<TargetGroupArn> {
  const tuples = action.ForwardConfig?.TargetGroups ?? [{ TargetGroupArn: action.TargetGroupArn }];
  const stickiness = action.ForwardConfig?.TargetGroupStickinessConfig;
  return {
    kind: 'forward',
    targetGroups: tuples.map(({ TargetGroupArn = '', Weight = 1 }) => ({
      targetGroup: TargetGroupArn as TargetGroupArn,
      weight: tuples.length === 1 && Weight > 0 ? 1 : Weight,
    })),
    stickinessSeconds: stickiness?.Enabled === true ? stickiness.DurationSeconds : undefined,
  };
}

function observedRedirect({ RedirectConfig }: WireAction): RedirectAction {
  return {
    kind: 'redirect',
    protocol: RedirectConfig?.Protocol ?? redirectPlaceholders.protocol,
    host: RedirectConfig?.Host ?? redirectPlaceholders.host,
    port: RedirectConfig?.Port ?? redirectPlaceholders.port,
    path: RedirectConfig?.Path ?? redirectPlaceholders.path,
    query: RedirectConfig?.Query ?? redirectPlaceholders.query,
    statusCode: RedirectConfig?.StatusCode ?? 'HTTP_302',
  };
}

function observedCognito(config: AuthenticateCognitoActionConfig | undefined): Action<TargetGroupArn> {
  return {
    kind: 'authenticate-cognito',
    userPoolArn: config?.UserPoolArn ?? '',
    userPoolClientId: config?.UserPoolClientId ?? '',
    userPoolDomain: config?.UserPoolDomain ?? '',
    session: observedSession(config),
  };
}

function observedOidc(config: AuthenticateOidcActionConfig | undefined): Action<TargetGroupArn> {
  return {
    kind: 'authenticate-oidc',
    issuer: config?.Issuer ?? '',
    authorizationEndpoint: config?.AuthorizationEndpoint ?? '',
    tokenEndpoint: config?.TokenEndpoint ?? '',
    userInfoEndpoint: config?.UserInfoEndpoint ?? '',
    clientId: config?.ClientId ?? '',
    clientSecretHash: undefined,
    session: observedSession(config),
  };
}

/** AWS's defaults stand for what it leaves out (ELBv2 API, AuthenticateOidcActionConfig). */
function observedSession(config: WireSession | undefined): AuthenticateSession {
  return {
    cookieName: config?.SessionCookieName ?? 'AWSELBAuthSessionCookie',
    scope: config?.Scope ?? 'openid',
    timeoutSeconds: config?.SessionTimeout ?? 604_800,
    onUnauthenticatedRequest: config?.OnUnauthenticatedRequest ?? 'authenticate',
    extraParams: config?.AuthenticationRequestExtraParams ?? {},
  };
}
