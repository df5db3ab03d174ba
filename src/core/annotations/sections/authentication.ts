import { section } from '../entry.ts';

export const authentication = section(
  'Authentication',
  { on: ['Ingress', 'Service'], merge: 'own', status: 'built' },
  {
    'auth-type': {
      allowed: 'none, cognito, oidc',
      byDefault: 'none',
      doc: 'Users sign in before HTTPS requests are served. oidc needs a Secret, see auth-idp-oidc.',
      example: 'cognito',
    },
    'auth-idp-cognito': {
      allowed: 'a JSON object with userPoolARN, userPoolClientID and userPoolDomain',
      byDefault: 'none',
      doc: 'The Cognito user pool of auth-type cognito.',
      example:
        '{"userPoolARN": "arn:aws:cognito-idp:us-west-2:123456789012:userpool/us-west-2_a", "userPoolClientID": "id", "userPoolDomain": "shop"}',
    },
    'auth-idp-oidc': {
      allowed:
        'a JSON object with issuer, authorizationEndpoint, tokenEndpoint, userInfoEndpoint and secretName',
      byDefault: 'none',
      doc: 'The identity provider of auth-type oidc. The Secret is in the namespace of the Ingress, with the keys clientID and clientSecret.',
      example:
        '{"issuer": "https://id.example.com", "authorizationEndpoint": "https://id.example.com/auth", "tokenEndpoint": "https://id.example.com/token", "userInfoEndpoint": "https://id.example.com/info", "secretName": "oidc"}',
    },
    'auth-on-unauthenticated-request': {
      allowed: 'authenticate, allow, deny',
      byDefault: 'authenticate',
      doc: 'What happens to a request without a session.',
      example: 'deny',
    },
    'auth-scope': {
      allowed: 'scopes separated by spaces',
      byDefault: 'openid',
      doc: 'Scopes asked of the identity provider.',
      example: 'openid email',
    },
    'auth-session-cookie': {
      allowed: 'the name of a cookie',
      byDefault: 'AWSELBAuthSessionCookie',
      doc: 'Cookie that holds the session.',
      example: 'shop-session',
    },
    'auth-session-timeout': {
      allowed: 'a whole number of seconds',
      byDefault: '604800',
      doc: 'Longest time a session lasts.',
      example: '86400',
    },
    'jwt-validation': {
      on: ['Ingress'],
      allowed: 'a JSON object with jwksEndpoint, issuer and optionally additionalClaims',
      byDefault: 'none',
      doc: 'HTTPS requests need a valid JSON web token.',
      example: '{"jwksEndpoint": "https://id.example.com/jwks", "issuer": "https://id.example.com"}',
    },
  },
);
