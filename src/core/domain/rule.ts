// Conditions, actions and transforms of ALB rules, in one normal form that desired, observed, the evaluator and the
// data plane share. Field names follow ELBv2; AWS's echo forms are normalised away in aws/observe.

export type RuleCondition =
  | {
      readonly kind: 'host-header';
      readonly values: readonly string[];
      readonly regexValues: readonly string[];
    }
  | {
      readonly kind: 'path-pattern';
      readonly values: readonly string[];
      readonly regexValues: readonly string[];
    }
  | {
      readonly kind: 'http-header';
      readonly name: string;
      readonly values: readonly string[];
      readonly regexValues: readonly string[];
    }
  | { readonly kind: 'http-request-method'; readonly values: readonly string[] }
  | {
      readonly kind: 'query-string';
      readonly values: readonly { readonly key: string | undefined; readonly value: string }[];
    }
  | { readonly kind: 'source-ip'; readonly values: readonly string[] };

/** `TargetGroup` is how a target group is named: a `TargetGroupRef` in desired state, an ARN in observed state. */
export type ForwardAction<TargetGroup> = {
  readonly kind: 'forward';
  /** Weight 0 to 999; 1 where there is only one. */
  readonly targetGroups: readonly { readonly targetGroup: TargetGroup; readonly weight: number }[];
  /** Seconds, 1 to 604800; undefined: stickiness is off. */
  readonly stickinessSeconds: number | undefined;
  /** In desired state: it was said that it is off. */
  readonly stickinessOff?: true;
};

/** Every component is present; unchanged ones are AWS's placeholders `#{protocol}`, `#{host}`, `#{port}`, `/#{path}`, `#{query}`. */
export type RedirectAction = {
  readonly kind: 'redirect';
  readonly protocol: string;
  readonly host: string;
  readonly port: string;
  readonly path: string;
  readonly query: string;
  readonly statusCode: 'HTTP_301' | 'HTTP_302';
};

export type FixedResponseAction = {
  readonly kind: 'fixed-response';
  readonly statusCode: string;
  readonly contentType: string | undefined;
  readonly messageBody: string | undefined;
};

export type AuthenticateCognitoAction = {
  readonly kind: 'authenticate-cognito';
  readonly userPoolArn: string;
  readonly userPoolClientId: string;
  readonly userPoolDomain: string;
  readonly session: AuthenticateSession;
};

export type AuthenticateOidcAction = {
  readonly kind: 'authenticate-oidc';
  readonly issuer: string;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly userInfoEndpoint: string;
  readonly clientId: string;
  /** Hash of the client secret; the secret itself never enters the core (AWS does not give it back either). */
  readonly clientSecretHash: string | undefined;
  readonly session: AuthenticateSession;
};

export type AuthenticateSession = {
  readonly cookieName: string;
  readonly scope: string;
  readonly timeoutSeconds: number;
  readonly onUnauthenticatedRequest: string;
  readonly extraParams: Readonly<Record<string, string>>;
};

export type JwtValidationAction = {
  readonly kind: 'jwt-validation';
  readonly jwksEndpoint: string;
  readonly issuer: string;
  readonly additionalClaims: readonly {
    readonly format: string;
    readonly name: string;
    readonly values: readonly string[];
  }[];
};

export type RoutingAction<TargetGroup> = ForwardAction<TargetGroup> | RedirectAction | FixedResponseAction;
export type Action<TargetGroup> =
  | RoutingAction<TargetGroup>
  | AuthenticateCognitoAction
  | AuthenticateOidcAction
  | JwtValidationAction;

export type Transform = {
  readonly kind: 'host-header-rewrite' | 'url-rewrite';
  readonly rewrites: readonly { readonly regex: string; readonly replace: string }[];
};

/** What a request meets: conditions (all must hold), then the actions in order. */
export type RuleContent<TargetGroup> = {
  readonly conditions: readonly RuleCondition[];
  readonly actions: readonly Action<TargetGroup>[];
  readonly transforms: readonly Transform[];
};

/** What a redirect keeps of the request where a component is not set (ELBv2 RedirectActionConfig). */
export const redirectPlaceholders = {
  protocol: '#{protocol}',
  host: '#{host}',
  port: '#{port}',
  path: '/#{path}',
  query: '#{query}',
} as const;
