import type {
  Action as WireAction,
  RuleCondition as WireCondition,
  RuleTransform,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  type Action,
  redirectPlaceholders,
  type RuleCondition,
  type RuleContent,
  type Transform,
} from '../../core/domain/rule.ts';
import type { Rule } from '../aws/state.ts';

/** A stored rule in the form that the evaluator reads; target groups go by ARN. */
export function ruleContent(rule: Rule): RuleContent<string> {
  return {
    conditions: rule.conditions.map(condition),
    actions: actions(rule.actions),
    transforms: rule.transforms.map(transform),
  };
}

/** Actions in the order in which they run. */
export function actions(wire: readonly WireAction[]): readonly Action<string>[] {
  return wire.toSorted((a, b) => (a.Order ?? 0) - (b.Order ?? 0)).map(action);
}

function condition(wire: WireCondition): RuleCondition {
  switch (wire.Field) {
    case 'host-header':
    case 'path-pattern': {
      const config = wire.Field === 'host-header' ? wire.HostHeaderConfig : wire.PathPatternConfig;
      const regexValues = config?.RegexValues ?? wire.RegexValues ?? [];
      return {
        kind: wire.Field,
        values: config?.Values ?? (regexValues.length > 0 ? [] : (wire.Values ?? [])),
        regexValues,
      };
    }
    case 'http-header': {
      const { HttpHeaderName, Values, RegexValues } = wire.HttpHeaderConfig ?? {};
      return {
        kind: 'http-header',
        name: HttpHeaderName ?? '',
        values: Values ?? [],
        regexValues: RegexValues ?? [],
      };
    }
    case 'http-request-method':
      return { kind: 'http-request-method', values: wire.HttpRequestMethodConfig?.Values ?? [] };
    case 'query-string':
      return {
        kind: 'query-string',
        values: (wire.QueryStringConfig?.Values ?? []).map(({ Key, Value }) => ({
          key: Key,
          value: Value ?? '',
        })),
      };
    case 'source-ip':
      return { kind: 'source-ip', values: wire.SourceIpConfig?.Values ?? [] };
    default:
      throw new TypeError(`the data plane does not know the condition field ${wire.Field}`);
  }
}

function action(wire: WireAction): Action<string> {
  switch (wire.Type) {
    case 'forward': {
      const groups = wire.ForwardConfig?.TargetGroups ?? [{ TargetGroupArn: wire.TargetGroupArn }];
      const stickiness = wire.ForwardConfig?.TargetGroupStickinessConfig;
      return {
        kind: 'forward',
        targetGroups: groups.map(({ TargetGroupArn, Weight }) => ({
          targetGroup: TargetGroupArn ?? '',
          weight: Weight ?? 1,
        })),
        stickinessSeconds: stickiness?.Enabled ? stickiness.DurationSeconds : undefined,
      };
    }
    case 'redirect': {
      const config = wire.RedirectConfig;
      return {
        kind: 'redirect',
        protocol: config?.Protocol ?? redirectPlaceholders.protocol,
        host: config?.Host ?? redirectPlaceholders.host,
        port: config?.Port ?? redirectPlaceholders.port,
        path: config?.Path ?? redirectPlaceholders.path,
        query: config?.Query ?? redirectPlaceholders.query,
        statusCode: config?.StatusCode ?? 'HTTP_302',
      };
    }
    case 'fixed-response': {
      const { StatusCode, ContentType, MessageBody } = wire.FixedResponseConfig ?? {};
      return {
        kind: 'fixed-response',
        statusCode: StatusCode ?? '500',
        contentType: ContentType,
        messageBody: MessageBody,
      };
    }
    case 'authenticate-cognito':
    case 'authenticate-oidc':
      return authenticate(wire);
    case 'jwt-validation':
      return {
        kind: 'jwt-validation',
        jwksEndpoint: wire.JwtValidationConfig?.JwksEndpoint ?? '',
        issuer: wire.JwtValidationConfig?.Issuer ?? '',
        additionalClaims: [],
      };
    default:
      throw new TypeError(`the data plane does not know the action type ${wire.Type}`);
  }
}

function authenticate(wire: WireAction): Action<string> {
  const oidc = wire.AuthenticateOidcConfig;
  const cognito = wire.AuthenticateCognitoConfig;
  const session = {
    cookieName: oidc?.SessionCookieName ?? cognito?.SessionCookieName ?? 'AWSELBAuthSessionCookie',
    scope: oidc?.Scope ?? cognito?.Scope ?? 'openid',
    timeoutSeconds: oidc?.SessionTimeout ?? cognito?.SessionTimeout ?? 604_800,
    onUnauthenticatedRequest:
      oidc?.OnUnauthenticatedRequest ?? cognito?.OnUnauthenticatedRequest ?? 'authenticate',
    extraParams: {},
  };
  if (cognito !== undefined) {
    return {
      kind: 'authenticate-cognito',
      userPoolArn: cognito.UserPoolArn ?? '',
      userPoolClientId: cognito.UserPoolClientId ?? '',
      userPoolDomain: cognito.UserPoolDomain ?? '',
      session,
    };
  }
  return {
    kind: 'authenticate-oidc',
    issuer: oidc?.Issuer ?? '',
    authorizationEndpoint: oidc?.AuthorizationEndpoint ?? '',
    tokenEndpoint: oidc?.TokenEndpoint ?? '',
    userInfoEndpoint: oidc?.UserInfoEndpoint ?? '',
    clientId: oidc?.ClientId ?? '',
    clientSecretHash: undefined,
    session,
  };
}

function transform(wire: RuleTransform): Transform {
  const isHost = wire.Type === 'host-header-rewrite';
  const rewrites = (isHost ? wire.HostHeaderRewriteConfig?.Rewrites : wire.UrlRewriteConfig?.Rewrites) ?? [];
  return {
    kind: isHost ? 'host-header-rewrite' : 'url-rewrite',
    rewrites: rewrites.map(({ Regex, Replace }) => ({ regex: Regex ?? '', replace: Replace ?? '' })),
  };
}
