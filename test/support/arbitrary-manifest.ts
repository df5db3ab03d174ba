// Random Ingresses over every annotation, in the account of test/recordings/world.json ($(…) names its things).

import fc from 'fast-check';

const prefix = 'alb.ingress.kubernetes.io';
const json = (value: unknown): string => JSON.stringify(value);
const certificates = ['$(cert/app.example.com)', '$(cert/*.example.com)', '$(cert/*.example.org)'];

/**
 * Values of each annotation by its key in the annotation table: what AWS takes alone, and now and then a value that only
 * fits some neighbours, so that refusals come up too.
 */
export const annotationPool: Readonly<Record<string, readonly string[]>> = {
  'group.name': ['alpha', 'beta'],
  'group.order': ['-5', '0', '7'],
  'load-balancer-name': ['edge-one', 'edge-two'],
  tags: ['team=shop', 'team=shop,env=prod', 'note=a\\,b'],
  'dry-run-plan': ['{}'],
  scheme: ['internal', 'internet-facing'],
  'ip-address-type': ['ipv4', 'dualstack'],
  subnets: [
    'private-a,private-b',
    'private-a, private-b, private-c',
    '$(subnet/private-b),$(subnet/private-c)',
  ],
  'customer-owned-ipv4-pool': ['ipv4pool-coip-0123456789abcdef0'],
  'ipam-ipv4-pool-id': ['ipam-pool-0123456789abcdef0'],
  'load-balancer-attributes': [
    'idle_timeout.timeout_seconds=120',
    'routing.http2.enabled=false,routing.http.drop_invalid_header_fields.enabled=true',
    'access_logs.s3.enabled=false',
  ],
  'minimum-load-balancer-capacity': ['CapacityUnits=100', 'CapacityUnits=0'],
  'security-groups': ['extra-1', '$(sg/extra-2),extra-1'],
  'manage-backend-security-group-rules': ['true', 'false'],
  'inbound-cidrs': ['10.0.0.0/8', '10.0.0.0/8, 192.0.2.0/24', '2001:db8::/32,0.0.0.0/0'],
  'security-group-prefix-lists': ['pl-0123456789abcdef0', 'pl-0123456789abcdef0,pl-0123456789abcdef1'],
  'listen-ports': [
    '[{"HTTP": 80}]',
    '[{"HTTP": 80}, {"HTTPS": 443}]',
    '[{"HTTPS": 443}, {"HTTPS": 8443}, {"HTTP": 8080}]',
  ],
  'ssl-redirect': ['443'],
  'certificate-arn': [
    certificates[0] ?? '',
    certificates.join(','),
    `${certificates[2]}, ${certificates[0]}`,
  ],
  'ssl-policy': ['ELBSecurityPolicy-TLS13-1-2-2021-06', 'ELBSecurityPolicy-2016-08'],
  'mutual-authentication': [
    json([{ port: 443, mode: 'passthrough' }]),
    json([
      { port: 443, mode: 'verify', trustStore: '$(truststore/ts-1)', ignoreClientCertificateExpiry: true },
    ]),
    json([{ port: 443, mode: 'verify', trustStore: 'ts-2' }]),
    json([{ port: 443, mode: 'off' }]),
  ],
  'listener-attributes.<protocol>-<port>': [
    'routing.http.response.server.enabled=false',
    'routing.http.response.x_frame_options.header_value=DENY',
  ],
  'create-acm-cert': ['false'],
  'acm-pca-arn': [
    'arn:aws:acm-pca:us-west-2:123456789012:certificate-authority/12345678-1234-1234-1234-123456789012',
  ],
  'actions.<name>': [
    json({
      type: 'fixed-response',
      fixedResponseConfig: { contentType: 'text/plain', statusCode: '503', messageBody: 'later' },
    }),
    json({ Type: 'redirect', RedirectConfig: { Host: '#{host}', Path: '/new', StatusCode: 'HTTP_302' } }),
    json({ type: 'forward', targetGroupName: 'ext-tg-1' }),
    json({ type: 'forward', targetGroupARN: '$(tg/ext-tg-2)' }),
    json({
      type: 'forward',
      forwardConfig: {
        targetGroups: [
          { serviceName: 'front', servicePort: 80, weight: 90 },
          { serviceName: 'api', servicePort: 'http', weight: 10 },
        ],
        targetGroupStickinessConfig: { enabled: true, durationSeconds: 200 },
      },
    }),
  ],
  'conditions.<name>': [
    json([{ field: 'http-header', httpHeaderConfig: { httpHeaderName: 'X-Team', values: ['a*', 'b'] } }]),
    json([{ field: 'http-request-method', httpRequestMethodConfig: { values: ['GET', 'HEAD'] } }]),
    json([
      {
        field: 'query-string',
        queryStringConfig: { values: [{ key: 'version', value: 'v2' }, { value: 'x' }] },
      },
    ]),
    json([{ field: 'source-ip', sourceIpConfig: { values: ['192.0.2.0/24'] } }]),
    json([{ field: 'host-header', hostHeaderConfig: { values: ['other.example.com'] } }]),
    json([{ field: 'path-pattern', pathPatternConfig: { values: ['/more/*'] } }]),
  ],
  'transforms.<name>': [
    json([
      { type: 'url-rewrite', urlRewriteConfig: { rewrites: [{ regex: '^/api/(.*)$', replace: '/$1' }] } },
    ]),
    json([
      {
        type: 'host-header-rewrite',
        hostHeaderRewriteConfig: { rewrites: [{ regex: '.*', replace: 'in.example.com' }] },
      },
    ]),
  ],
  'use-regex-path-match': ['true', 'false'],
  'target-type': ['ip', 'instance'],
  'backend-protocol': ['HTTP', 'HTTPS'],
  'backend-protocol-version': ['HTTP1', 'HTTP2'],
  'target-group-attributes': [
    'deregistration_delay.timeout_seconds=30',
    'stickiness.enabled=true,stickiness.lb_cookie.duration_seconds=60',
    'load_balancing.algorithm.type=least_outstanding_requests',
  ],
  // Labels of all nodes: which ones a member meant before it was held is known until a restart, and AWS does not tell.
  'target-node-labels': ['kubernetes.io/os=linux'],
  'multi-cluster-target-group': ['true', 'false'],
  'target-control-port.<service>.<port>': ['3000'],
  'healthcheck-port': ['traffic-port', '8081', 'http'],
  'healthcheck-protocol': ['HTTP', 'HTTPS'],
  'healthcheck-path': ['/healthz'],
  'healthcheck-interval-seconds': ['10', '30'],
  'healthcheck-timeout-seconds': ['3'],
  'healthy-threshold-count': ['2', '5'],
  'unhealthy-threshold-count': ['2', '4'],
  'success-codes': ['200', '200,302', '200-399'],
  'auth-type': ['none', 'cognito', 'oidc'],
  'auth-idp-cognito': [
    json({
      userPoolARN: 'arn:aws:cognito-idp:us-west-2:123456789012:userpool/us-west-2_abcdefghi',
      userPoolClientID: 'client',
      userPoolDomain: 'login',
    }),
  ],
  'auth-idp-oidc': [
    json({
      issuer: 'https://id.example.com',
      authorizationEndpoint: 'https://id.example.com/auth',
      tokenEndpoint: 'https://id.example.com/token',
      userInfoEndpoint: 'https://id.example.com/info',
      secretName: 'oidc',
    }),
  ],
  'auth-on-unauthenticated-request': ['authenticate', 'allow', 'deny'],
  'auth-scope': ['openid email'],
  'auth-session-cookie': ['session'],
  'auth-session-timeout': ['3600'],
  'jwt-validation': [json({ jwksEndpoint: 'https://id.example.com/jwks', issuer: 'https://id.example.com' })],
  'wafv2-acl-arn': ['$(waf/acl-1)', 'none'],
  'wafv2-acl-name': ['acl-2', 'none'],
  'waf-acl-id': ['none', '12345678-1234-1234-1234-123456789012'],
  'web-acl-id': ['none', '12345678-1234-1234-1234-123456789012'],
  'shield-advanced-protection': ['true', 'false'],
  'enable-frontend-nlb': ['true', 'false'],
  'frontend-nlb-scheme': ['internal', 'internet-facing'],
  'frontend-nlb-subnets': ['public-a,public-b'],
  'frontend-nlb-security-groups': ['extra-3'],
  'frontend-nlb-listener-port-mapping': ['80=80', '8080=80'],
  'frontend-nlb-eip-allocations': ['$(eip/1),$(eip/2)'],
  'frontend-nlb-healthcheck-port': ['traffic-port', '80'],
  'frontend-nlb-healthcheck-protocol': ['HTTP', 'HTTPS'],
  'frontend-nlb-healthcheck-path': ['/ready'],
  'frontend-nlb-healthcheck-interval-seconds': ['15'],
  'frontend-nlb-healthcheck-timeout-seconds': ['4'],
  'frontend-nlb-healthcheck-healthy-threshold-count': ['3'],
  'frontend-nlb-healthcheck-unhealthy-threshold-count': ['3'],
  'frontend-nlb-healthcheck-success-codes': ['200-399'],
  'frontend-nlb-attributes': ['load_balancing.cross_zone.enabled=true'],
  'frontend-nlb-tags': ['layer=nlb'],
};

/** What a family's key is completed with. */
const suffixes: Readonly<Record<string, readonly string[]>> = {
  '<name>': ['front', 'page'],
  '<protocol>-<port>': ['HTTP-80', 'HTTPS-443'],
  '<service>.<port>': ['front.80'],
};

const annotation: fc.Arbitrary<readonly [string, string]> = fc
  .constantFrom(...Object.keys(annotationPool))
  .chain((key) => {
    const family = Object.keys(suffixes).find((suffix) => key.endsWith(suffix));
    const names =
      family === undefined
        ? [key]
        : (suffixes[family] ?? []).map((suffix) => `${key.slice(0, -family.length)}${suffix}`);
    return fc.tuple(fc.constantFrom(...names), fc.constantFrom(...(annotationPool[key] ?? [])));
  });

const path = fc.record({
  path: fc.constantFrom('/', '/a', '/a/b', '/api/v1'),
  pathType: fc.constantFrom('Prefix', 'Exact', 'ImplementationSpecific'),
  backend: fc.constantFrom(
    { service: { name: 'front', port: { number: 80 } } },
    { service: { name: 'front', port: { name: 'admin' } } },
    { service: { name: 'api', port: { name: 'http' } } },
    { service: { name: 'missing', port: { number: 80 } } },
    { service: { name: 'page', port: { name: 'use-annotation' } } },
  ),
});

const host = fc.constantFrom(
  undefined,
  'app.example.com',
  'www.example.com',
  'shop.example.org',
  '*.example.com',
);

const spec = fc.record(
  {
    rules: fc.array(
      fc
        .tuple(host, fc.array(path, { minLength: 1, maxLength: 3 }))
        .map(([name, paths]) => ({ ...(name === undefined ? {} : { host: name }), http: { paths } })),
      { minLength: 1, maxLength: 3 },
    ),
    defaultBackend: fc.constantFrom({ service: { name: 'api', port: { number: 8443 } } }),
    tls: fc.constantFrom([{ hosts: ['app.example.com'] }], [{ hosts: ['*.example.org'] }]),
  },
  { requiredKeys: ['rules'] },
);

/** One Ingress of class alb; its name is given later. */
export const arbitraryIngress: fc.Arbitrary<(name: string) => object> = fc
  .tuple(fc.array(annotation, { maxLength: 14, size: 'max' }), spec)
  .map(([annotations, ingressSpec]) => (name: string) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      name,
      namespace: 'web',
      annotations: Object.fromEntries(annotations.map(([key, value]) => [`${prefix}/${key}`, value])),
    },
    spec: { ingressClassName: 'alb', ...ingressSpec },
  }));

/** What the Ingresses name: Services in both modes, and the Secret of the identity provider. */
export const neighbours: readonly object[] = [
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'front', namespace: 'web' },
    spec: {
      type: 'NodePort',
      selector: { app: 'front' },
      ports: [
        { name: 'http', port: 80, targetPort: 8080, nodePort: 30080 },
        { name: 'admin', port: 81, targetPort: 8081, nodePort: 30081 },
      ],
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'api', namespace: 'web' },
    spec: {
      type: 'NodePort',
      selector: { app: 'api' },
      ports: [
        { name: 'http', port: 80, targetPort: 9000, nodePort: 30090 },
        { name: 'https', port: 8443, targetPort: 9443, nodePort: 30091 },
      ],
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'oidc', namespace: 'web' },
    data: { clientID: 'aWQ=', clientSecret: 'c2VjcmV0' },
  },
];
