// The JSON of `auth-idp-cognito`, `auth-idp-oidc` and `jwt-validation` (albc-behaviour §8.3).

import type { JwtValidationAction } from '../domain/rule.ts';
import { jsonOf, list, mapOf, record, text } from './decode.ts';
import { type Parsed, parsed, refusedAs } from './parsed.ts';

type ExtraParams = readonly (readonly [string, string])[];

export type CognitoProvider = {
  readonly userPoolARN: string;
  readonly userPoolClientID: string;
  readonly userPoolDomain: string;
  readonly extraParams: Readonly<Record<string, string>>;
};

const cognito = jsonOf(
  record<Omit<CognitoProvider, 'extraParams'> & { readonly authenticationRequestExtraParams: ExtraParams }>(
    'AuthIDPConfigCognito',
    {
      userPoolARN: text,
      userPoolClientID: text,
      userPoolDomain: text,
      authenticationRequestExtraParams: mapOf(text),
    },
  ),
);

/** The text of `auth-idp-cognito`; refused where a field is missing or of another type. */
export function parseCognito(source: string): Parsed<CognitoProvider> {
  const result = cognito(source);
  if (!result.ok) return result;
  const { authenticationRequestExtraParams, ...rest } = result.value;
  return parsed({ ...rest, extraParams: Object.fromEntries(authenticationRequestExtraParams) });
}

export type OidcProvider = {
  readonly issuer: string;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly userInfoEndpoint: string;
  readonly secretName: string;
  readonly authenticationRequestExtraParams: ExtraParams;
};

export const parseOidc = jsonOf(
  record<OidcProvider>('AuthIDPConfigOIDC', {
    issuer: text,
    authorizationEndpoint: text,
    tokenEndpoint: text,
    userInfoEndpoint: text,
    secretName: text,
    authenticationRequestExtraParams: mapOf(text),
  }),
);

type Jwt = {
  readonly jwksEndpoint: string;
  readonly issuer: string;
  readonly additionalClaims: JwtValidationAction['additionalClaims'];
};

const jwt = jsonOf(
  record<Jwt>('JwtValidationConfig', {
    jwksEndpoint: text,
    issuer: text,
    additionalClaims: list(record('JwtAdditionalClaim', { format: text, name: text, values: list(text) })),
  }),
);

/** The first missing field is ALBC's first. */
export function parseJwtValidation(source: string): Parsed<JwtValidationAction> {
  const result = jwt(source);
  if (!result.ok) return result;
  for (const field of ['jwksEndpoint', 'issuer'] as const) {
    if (result.value[field] !== '') continue;
    return refusedAs(`${field} is a required field for jwt validation`, `where ${field} is missing`);
  }
  const suffix = 'for additional claims for jwt validation';
  for (const claim of result.value.additionalClaims) {
    if (claim.format === '')
      return refusedAs(`format is a required field ${suffix}`, 'where a claim has no format');
    if (claim.name === '')
      return refusedAs(`name is a required field ${suffix}`, 'where a claim has no name');
    if (claim.values.length === 0) {
      return refusedAs(`values must not be empty ${suffix}`, 'where a claim has no values');
    }
  }
  return parsed({ kind: 'jwt-validation', ...result.value });
}
