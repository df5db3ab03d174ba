// Actions that come before the routing action on HTTPS listeners (albc-behaviour §4.4, §8.3).

import {
  type CognitoProvider,
  type OidcProvider,
  parseCognito,
  parseJwtValidation,
  parseOidc,
} from '../annotations/identity-providers.ts';
import { fullKey } from '../annotations/table.ts';
import { parseLongInteger } from '../annotations/values.ts';
import type { Service } from '../domain/cluster.ts';
import type {
  AuthenticateCognitoAction,
  AuthenticateOidcAction,
  AuthenticateSession,
  JwtValidationAction,
} from '../domain/rule.ts';
import { clientOf } from './client-secrets.ts';
import type { MemberContext } from './context.ts';
import { type AnnotationReader, annotationReader, oneOf } from './read-annotations.ts';
import { stage } from './stage.ts';

export type AuthenticationAction = AuthenticateCognitoAction | AuthenticateOidcAction | JwtValidationAction;

const authTypes = ['none', 'oidc', 'cognito'] as const;

/**
 * The actions that HTTPS requests meet first. `service` is the one Service the backend forwards to, whose annotations count
 * too. An `auth-type` that cannot be built is an error: access that should be restricted is never left open.
 */
export function authenticationActions(
  context: MemberContext,
  service: Service | undefined,
  listens: { readonly https: boolean; readonly http: boolean },
): readonly AuthenticationAction[] {
  const reader = annotationReader(context, {
    stage: stage.rules,
    albcPrefix: true,
    ...(service === undefined ? {} : { service }),
  });
  const type = oneOf(reader, 'auth-type', authTypes, (text) => `unknown authType: ${text}`);
  const cognito = reader.value('auth-idp-cognito', parseCognito);
  const oidc = reader.value('auth-idp-oidc', parseOidc);
  const session = sessionOf(reader);
  unprotected(context, reader, listens);
  if (!listens.https) return [];
  const jwt = jwtValidation(context);
  if (type !== 'cognito' && type !== 'oidc') return jwt;
  const action =
    type === 'cognito'
      ? cognitoAction(reader, cognito, session)
      : oidcAction(context, reader, { oidc, session });
  if (action === undefined) return [];
  return jwt.length > 0 ? both(reader) : [action];
}

function both(reader: AnnotationReader): readonly [] {
  const albc = "authentication and jwt validation can't both be configured";
  reader.refuse('auth-type', 'and jwt-validation is set too; a rule can hold one of them', albc);
  return [];
}

function cognitoAction(
  reader: AnnotationReader,
  cognito: CognitoProvider | undefined,
  session: AuthenticateSession,
): AuthenticateCognitoAction | undefined {
  if (cognito === undefined) {
    reader.refuse('auth-type', 'but there is no annotation auth-idp-cognito', 'missing IDPConfigCognito');
    return undefined;
  }
  return {
    kind: 'authenticate-cognito',
    userPoolArn: cognito.userPoolARN,
    userPoolClientId: cognito.userPoolClientID,
    userPoolDomain: cognito.userPoolDomain,
    session: { ...session, extraParams: cognito.extraParams },
  };
}

function oidcAction(
  context: MemberContext,
  reader: AnnotationReader,
  of: { readonly oidc: OidcProvider | undefined; readonly session: AuthenticateSession },
): AuthenticateOidcAction | undefined {
  if (of.oidc === undefined) {
    reader.refuse('auth-type', 'but there is no annotation auth-idp-oidc', 'missing IDPConfigOIDC');
    return undefined;
  }
  const { issuer, authorizationEndpoint, tokenEndpoint, userInfoEndpoint, secretName } = of.oidc;
  const client = clientOf(context, secretName);
  if (client === undefined) return undefined;
  const extraParams = Object.fromEntries(of.oidc.authenticationRequestExtraParams);
  return {
    kind: 'authenticate-oidc',
    issuer,
    authorizationEndpoint,
    tokenEndpoint,
    userInfoEndpoint,
    ...client,
    session: { ...of.session, extraParams },
  };
}

/** On HTTP listeners ALBs cannot authenticate: what stands there is open, and its owner should know. */
function unprotected(
  context: MemberContext,
  reader: AnnotationReader,
  listens: { readonly http: boolean },
): void {
  const type = reader.text('auth-type') ?? 'none';
  const key = type === 'none' ? 'jwt-validation' : 'auth-type';
  const isAsked = type !== 'none' || reader.text('jwt-validation') !== undefined;
  if (!listens.http || !isAsked) return;
  context.report(stage.ours, {
    code: 'AnnotationInvalid',
    severity: 'warning',
    path: `metadata.annotations[${fullKey(key)}]`,
    message: `Ingress ${context.id} is served on an HTTP port too, where ${fullKey(key)} has no effect: there everybody gets in`,
    hint: `Set ${fullKey('ssl-redirect')}, or list only HTTPS ports in ${fullKey('listen-ports')}`,
  });
}

function sessionOf(reader: AnnotationReader): AuthenticateSession {
  return {
    onUnauthenticatedRequest: reader.text('auth-on-unauthenticated-request') ?? 'authenticate',
    scope: reader.text('auth-scope') ?? 'openid',
    cookieName: reader.text('auth-session-cookie') ?? 'AWSELBAuthSessionCookie',
    timeoutSeconds: reader.value('auth-session-timeout', parseLongInteger) ?? 604800,
    extraParams: {},
  };
}

function jwtValidation(context: MemberContext): readonly JwtValidationAction[] {
  const reader = annotationReader(context, { stage: stage.rules, albcPrefix: true });
  const action = reader.value('jwt-validation', parseJwtValidation);
  return action === undefined ? [] : [action];
}
