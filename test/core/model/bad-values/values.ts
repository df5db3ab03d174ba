// Each way in which the value of an annotation can be wrong, by its key in the annotation table.

export type BadValues = {
  readonly values: readonly string[];
  /** Annotations beside it that make the model read it. */
  readonly beside?: Readonly<Record<string, string>>;
  /** The suffix of a family's key. */
  readonly as?: string;
};

const notBoolean = { values: ['yes', 'TrUe', '', ' true', '2'] };
const notMap = { values: ['a', 'a=1,b', '=1', 'a=1,=2'] };
const notInteger = ['ten', '', ' 5', '5s', '1.5', '2147483648'];
const https = { 'listen-ports': '[{"HTTPS": 443}]' };
const json = { broken: ['', 'text', '{', '[]x'], notObject: ['[]', '"text"', '7'] };

const front = { 'enable-frontend-nlb': 'true' };

export const badValues: Readonly<Record<string, BadValues>> = {
  'enable-frontend-nlb': notBoolean,
  'frontend-nlb-scheme': { values: ['', 'public', 'Internal'], beside: front },
  'frontend-nlb-listener-port-mapping': {
    values: ['80', '80:80', 'a=80', '80=b', '0=80', '80=65536', '=80'],
    beside: front,
  },
  'frontend-nlb-eip-allocations': { values: ['eipalloc-1'], beside: front },
  'frontend-nlb-healthcheck-port': { values: ['', 'http', '0', '65536', '8080s'], beside: front },
  'frontend-nlb-healthcheck-protocol': { values: ['', 'TCP', 'http'], beside: front },
  'frontend-nlb-healthcheck-interval-seconds': { values: [...notInteger, '4', '301'], beside: front },
  'frontend-nlb-healthcheck-timeout-seconds': { values: [...notInteger, '1', '121'], beside: front },
  'frontend-nlb-healthcheck-healthy-threshold-count': { values: [...notInteger, '1', '11'], beside: front },
  'frontend-nlb-healthcheck-unhealthy-threshold-count': { values: [...notInteger, '1', '11'], beside: front },
  'frontend-nlb-attributes': {
    values: ['a', 'dns_record.client_routing_policy=nearest'],
    beside: front,
  },
  'frontend-nlb-tags': { ...notMap, beside: front },
  'group.name': { values: ['', 'Big', 'a_b', '-a', 'a'.repeat(64)] },
  'group.order': { values: [...notInteger, '-1001', '1001'] },
  'load-balancer-name': { values: ['a'.repeat(33), '', '-shop', 'shop_public', 'internal-shop'] },
  tags: notMap,
  scheme: { values: ['', 'public', 'Internal', 'internal '] },
  'ip-address-type': { values: ['', 'ipv6', 'DualStack'] },
  subnets: { values: ['', ' , '] },
  'customer-owned-ipv4-pool': { values: [''] },
  'load-balancer-attributes': notMap,
  'minimum-load-balancer-capacity': {
    values: ['500', 'Units=5', 'CapacityUnits=many', 'CapacityUnits=', 'CapacityUnits=5,X=1'],
  },
  'manage-backend-security-group-rules': { ...notBoolean, beside: { 'security-groups': 'sg-1' } },
  'inbound-cidrs': { values: ['10.0.0.0', '10.0.0.0/33', '10.0.0.0/8,x', '2001:db8::/129', '300.0.0.0/8'] },
  'listen-ports': {
    values: [
      ...json.broken,
      '{}',
      '[]',
      '[{}]',
      '["HTTP"]',
      '[{"TCP": 80}]',
      '[{"HTTP": 0}]',
      '[{"HTTP": 65536}]',
      '[{"HTTP": "80"}]',
    ],
  },
  'ssl-redirect': {
    values: [...notInteger, '444', '80'],
    beside: { 'listen-ports': '[{"HTTP": 80}, {"HTTPS": 443}]' },
  },
  'create-acm-cert': notBoolean,
  'mutual-authentication': {
    beside: https,
    values: [
      ...json.broken,
      '{}',
      '[]',
      '[{"port": 443}]',
      '[{"mode": "off"}]',
      '[{"port": 70000, "mode": "off"}]',
      '[{"port": "443", "mode": "off"}]',
      '[{"port": 443, "mode": "strict"}]',
      '[{"port": 443, "mode": "verify"}]',
      '[{"port": 443, "mode": "passthrough", "trustStore": "a"}]',
      '[{"port": 443, "mode": "off", "ignoreClientCertificateExpiry": true}]',
      '[{"port": 443, "mode": "verify", "trustStore": "a", "advertiseTrustStoreCaNames": "yes"}]',
      '[{"port": 443, "mode": "passthrough", "advertiseTrustStoreCaNames": "on"}]',
    ],
  },
  'listener-attributes.<protocol>-<port>': { ...notMap, as: 'listener-attributes.HTTP-80' },
  'actions.<name>': {
    as: 'actions.x',
    values: [
      ...json.broken,
      ...json.notObject,
      '{}',
      '{"type": "drop"}',
      '{"type": "fixed-response"}',
      '{"type": "fixed-response", "fixedResponseConfig": {}}',
      '{"type": "fixed-response", "fixedResponseConfig": {"statusCode": 503}}',
      '{"type": "fixed-response", "fixedResponseConfig": {"statusCode": "700"}}',
      '{"type": "fixed-response", "fixedResponseConfig": {"statusCode": "200", "contentType": "text"}}',
      '{"type": "redirect"}',
      '{"type": "redirect", "redirectConfig": {}}',
      '{"type": "redirect", "redirectConfig": {"statusCode": "301"}}',
      '{"type": "redirect", "redirectConfig": {"statusCode": "HTTP_301", "path": "new"}}',
      '{"type": "redirect", "redirectConfig": {"statusCode": "HTTP_301", "port": "0"}}',
      '{"type": "redirect", "redirectConfig": {"statusCode": "HTTP_301", "protocol": "TCP"}}',
      '{"type": "forward"}',
      '{"type": "forward", "targetGroupARN": "arn:aws:x", "forwardConfig": {"targetGroups": []}}',
      '{"type": "forward", "forwardConfig": {"targetGroups": [{}]}}',
      '{"type": "forward", "forwardConfig": {"targetGroups": [{"serviceName": "front"}]}}',
      '{"type": "forward", "forwardConfig": {"targetGroups": [{"serviceName": "front", "servicePort": 80}, {"serviceName": "front", "servicePort": 80}]}}',
      '{"type": "forward", "forwardConfig": {"targetGroups": [{"serviceName": "front", "servicePort": 80, "targetGroupName": "t"}]}}',
      '{"type": "forward", "forwardConfig": {"targetGroups": [{"serviceName": "front", "servicePort": 80, "weight": "heavy"}]}}',
    ],
  },
  'conditions.<name>': {
    as: 'conditions.x',
    values: [
      ...json.broken,
      '{}',
      '[{"field": "colour"}]',
      '[{"field": "host-header"}]',
      '[{"field": "host-header", "hostHeaderConfig": {}}]',
      '[{"field": "host-header", "hostHeaderConfig": {"values": ["a.example.com"], "regexValues": ["a"]}}]',
      '[{"field": "path-pattern"}]',
      '[{"field": "path-pattern", "pathPatternConfig": {"values": []}}]',
      '[{"field": "http-header"}]',
      '[{"field": "http-header", "httpHeaderConfig": {"httpHeaderName": "X"}}]',
      '[{"field": "http-request-method"}]',
      '[{"field": "http-request-method", "httpRequestMethodConfig": {"values": []}}]',
      '[{"field": "query-string"}]',
      '[{"field": "query-string", "queryStringConfig": {"values": []}}]',
      '[{"field": "query-string", "queryStringConfig": {"values": [{"key": "a"}]}}]',
      '[{"field": "source-ip"}]',
      '[{"field": "source-ip", "sourceIpConfig": {"values": []}}]',
    ],
  },
  'transforms.<name>': {
    as: 'transforms.x',
    values: [
      ...json.broken,
      '{}',
      '[{"type": "header-rewrite"}]',
      '[{"type": "url-rewrite"}]',
      '[{"type": "url-rewrite", "urlRewriteConfig": {"rewrites": []}}]',
      '[{"type": "host-header-rewrite"}]',
      '[{"type": "host-header-rewrite", "hostHeaderRewriteConfig": {}}]',
    ],
  },
  'use-regex-path-match': notBoolean,
  'target-type': { values: ['', 'pod', 'IP'] },
  'backend-protocol': { values: ['', 'http', 'TCP'] },
  'backend-protocol-version': { values: ['', 'HTTP/2', 'grpc'] },
  'target-group-attributes': notMap,
  'target-node-labels': notMap,
  'multi-cluster-target-group': notBoolean,
  'target-control-port.<service>.<port>': {
    as: 'target-control-port.front.80',
    values: [...notInteger, '0', '65536'],
    beside: { 'target-type': 'ip' },
  },
  'healthcheck-port': { values: ['nothing', '-1', '0', '70000'] },
  'healthcheck-protocol': { values: ['', 'https', 'TCP'] },
  'healthcheck-interval-seconds': { values: [...notInteger, '4', '301'] },
  'healthcheck-timeout-seconds': { values: [...notInteger, '1', '121'] },
  'healthy-threshold-count': { values: [...notInteger, '1', '11'] },
  'unhealthy-threshold-count': { values: [...notInteger, '1', '11'] },
  'auth-type': { values: ['', 'basic', 'OIDC', 'cognito', 'oidc'], beside: https },
  'auth-idp-cognito': {
    beside: { ...https, 'auth-type': 'cognito' },
    values: [...json.broken, ...json.notObject, '{"userPoolARN": 7}'],
  },
  'auth-idp-oidc': {
    beside: { ...https, 'auth-type': 'oidc' },
    values: [...json.broken, ...json.notObject, '{"issuer": 7}'],
  },
  'auth-session-timeout': {
    beside: { ...https, 'auth-type': 'cognito', 'auth-idp-cognito': '{"userPoolARN": "a"}' },
    values: ['ten', '', '1.5', '9223372036854775808'],
  },
  'jwt-validation': {
    beside: https,
    values: [
      ...json.broken,
      ...json.notObject,
      '{}',
      '{"jwksEndpoint": "https://id.example.com/jwks"}',
      '{"issuer": "https://id.example.com"}',
      '{"jwksEndpoint": "https://a", "issuer": "https://a", "additionalClaims": [{}]}',
      '{"jwksEndpoint": "https://a", "issuer": "https://a", "additionalClaims": [{"format": "single-string"}]}',
      '{"jwksEndpoint": "https://a", "issuer": "https://a", "additionalClaims": [{"format": "single-string", "name": "x"}]}',
    ],
  },
  'shield-advanced-protection': notBoolean,
};

/** Any text is taken as it is: what it means, AWS decides. */
export const textKeys: readonly string[] = [
  'acm-pca-arn',
  'auth-on-unauthenticated-request',
  'auth-scope',
  'auth-session-cookie',
  'certificate-arn',
  'dry-run-plan',
  'frontend-nlb-healthcheck-path',
  'frontend-nlb-healthcheck-success-codes',
  'frontend-nlb-security-groups',
  'frontend-nlb-subnets',
  'healthcheck-path',
  'ipam-ipv4-pool-id',
  'security-group-prefix-lists',
  'security-groups',
  'ssl-policy',
  'success-codes',
  'waf-acl-id',
  'wafv2-acl-arn',
  'wafv2-acl-name',
  'web-acl-id',
];
