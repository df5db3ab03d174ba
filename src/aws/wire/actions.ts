// Rule and default actions: the domain's form and AWS's, in both directions.

import type {
  Action as WireAction,
  AuthenticateCognitoActionConfig,
  AuthenticateOidcActionConfig,
  ForwardActionConfig,
  JwtValidationActionAdditionalClaimFormatEnum,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { TargetGroupArn } from '../../core/domain/ids.ts';
import {
  type Action,
  type AuthenticateSession,
  type ForwardAction,
  type RedirectAction,
  redirectPlaceholders,
} from '../../core/domain/rule.ts';
import { never } from '../../lib/never.ts';
import { refused } from '../errors.ts';

/** Several actions need an order; a single one is sent as AWS documents it, without. */
export function wireActions(actions: readonly Action<string>[]): WireAction[] {
  if (actions.length === 1) return actions.map(wireAction);
  return actions.map((action, index) => ({ ...wireAction(action), Order: index + 1 }));
}

function wireAction(action: Action<string>): WireAction {
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
      // The client secret is in a Kubernetes Secret that nobody reads yet; model/ holds members that need one.
      throw refused('invalid', {
        code: 'OidcNotSupported',
        action: 'elasticloadbalancing:CreateRule',
        message: 'authenticate-oidc actions need a client secret, which this version does not read yet',
      });
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
