// Actions, conditions and transforms as ALBC spells them in its dry-run plan: ELBv2's structures in lower camel case.

import type { DesiredTargetGroupRef } from '../domain/desired-group.ts';
import {
  type Action,
  type AuthenticateSession,
  type ForwardAction,
  type RedirectAction,
  redirectPlaceholders,
  type RuleCondition,
  type Transform,
} from '../domain/rule.ts';

type ArnOf = (targetGroup: DesiredTargetGroupRef) => unknown;

/** Client ids and secrets show nowhere; a secret is not even known here. */
const redacted = '[REDACTED]';

/** An action in ALBC’s form. */
export function shownAction(action: Action<DesiredTargetGroupRef>, arnOf: ArnOf): object {
  const { kind: type } = action;
  switch (action.kind) {
    case 'forward':
      return { type, forwardConfig: forward(action, arnOf) };
    case 'redirect':
      return { type, redirectConfig: redirect(action) };
    case 'fixed-response': {
      const { contentType, messageBody, statusCode } = action;
      return { type, fixedResponseConfig: { contentType, messageBody, statusCode } };
    }
    case 'authenticate-cognito': {
      const { userPoolArn: userPoolARN, userPoolClientId: userPoolClientID, userPoolDomain } = action;
      const config = { ...session(action.session), userPoolARN, userPoolClientID, userPoolDomain };
      return { type, authenticateCognitoConfig: config };
    }
    case 'authenticate-oidc': {
      const { issuer, authorizationEndpoint, tokenEndpoint, userInfoEndpoint } = action;
      const config = {
        ...session(action.session),
        issuer,
        authorizationEndpoint,
        tokenEndpoint,
        userInfoEndpoint,
        clientID: redacted,
        clientSecret: redacted,
      };
      return { type, authenticateOIDCConfig: config };
    }
    case 'jwt-validation': {
      const { jwksEndpoint, issuer, additionalClaims } = action;
      const claims = additionalClaims.length === 0 ? undefined : additionalClaims;
      return { type, jwtValidationConfig: { jwksEndpoint, issuer, additionalClaims: claims } };
    }
  }
}

function forward(
  { targetGroups, stickinessSeconds }: ForwardAction<DesiredTargetGroupRef>,
  arnOf: ArnOf,
): object {
  const single = targetGroups.length === 1;
  return {
    targetGroups: targetGroups.map(({ targetGroup, weight }) => ({
      targetGroupARN: arnOf(targetGroup),
      weight: single ? undefined : weight,
    })),
    targetGroupStickinessConfig:
      stickinessSeconds === undefined ? undefined : { enabled: true, durationSeconds: stickinessSeconds },
  };
}

/** What is kept of the request is left out. */
function redirect({ kind: _kind, statusCode, ...components }: RedirectAction): object {
  const kept: Readonly<Record<string, string>> = redirectPlaceholders;
  const set = Object.entries(components).filter(([name, value]) => value !== kept[name]);
  return { ...Object.fromEntries(set), statusCode };
}

function session(given: AuthenticateSession): object {
  const { cookieName, scope, timeoutSeconds, onUnauthenticatedRequest, extraParams } = given;
  return {
    authenticationRequestExtraParams: Object.keys(extraParams).length === 0 ? undefined : extraParams,
    onUnauthenticatedRequest,
    scope,
    sessionCookieName: cookieName,
    sessionTimeout: timeoutSeconds,
  };
}

const some = (values: readonly string[]): readonly string[] | undefined =>
  values.length === 0 ? undefined : values;

/** A condition in ALBC’s form. */
export function shownCondition(condition: RuleCondition): object {
  const { kind: field } = condition;
  switch (condition.kind) {
    case 'host-header':
      return { field, hostHeaderConfig: patterns(condition) };
    case 'path-pattern':
      return { field, pathPatternConfig: patterns(condition) };
    case 'http-header':
      return { field, httpHeaderConfig: { httpHeaderName: condition.name, ...patterns(condition) } };
    case 'http-request-method':
      return { field, httpRequestMethodConfig: { values: condition.values } };
    case 'query-string':
      return { field, queryStringConfig: { values: condition.values } };
    case 'source-ip':
      return { field, sourceIPConfig: { values: condition.values } };
  }
}

const patterns = (given: {
  readonly values: readonly string[];
  readonly regexValues: readonly string[];
}): object => ({ values: some(given.values), regexValues: some(given.regexValues) });

/** A transform in ALBC’s form. */
export function shownTransform({ kind: type, rewrites }: Transform): object {
  return type === 'url-rewrite'
    ? { type, urlRewriteConfig: { rewrites } }
    : { type, hostHeaderRewriteConfig: { rewrites } };
}
