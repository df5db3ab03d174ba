// Every flag and gate of ALBC (albc-behaviour §9.1, §9.2) is known here, with its default.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acceptedOptions } from '../../src/config/accepted-options.ts';
import { featureGates, parseFeatureGates } from '../../src/config/feature-gates.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Option } from '../../src/config/option.ts';
import { options } from '../../src/config/options.ts';

/** As text of the flag; '' where ALBC has none. */
const albcDefaults: Readonly<Record<string, string>> = {
  'cluster-name': '',
  'ingress-class': 'alb',
  'disable-ingress-class-annotation': 'false',
  'disable-ingress-group-name-annotation': 'false',
  'ingress-max-concurrent-reconciles': '3',
  'tolerate-non-existent-backend-service': 'true',
  'tolerate-non-existent-backend-action': 'true',
  'allowed-certificate-authority-arns': '',
  'default-pca-arn': '',
  'default-tags': '',
  'external-managed-tags': '',
  'default-target-type': 'instance',
  'default-load-balancer-scheme': 'internal',
  'default-ssl-policy': 'ELBSecurityPolicy-2016-08',
  'enable-backend-security-group': 'true',
  'backend-security-group': '',
  'enable-manage-backend-security-group-rules': 'false',
  'disable-restricted-sg-rules': 'false',
  'service-target-eni-security-group-tags': '',
  'enable-endpoint-slices': 'true',
  'targetgroupbinding-max-concurrent-reconciles': '3',
  'targetgroupbinding-max-exponential-backoff-delay': '1000s',
  'targetgroupbinding-requeue-duration': '15s',
  'max-targets-per-target-group': '0',
  'lb-stabilization-monitor-interval': '120s',
  'required-secrets-label': '',
  'enable-pod-readiness-gate-inject': 'true',
  'enable-waf': 'true',
  'enable-wafv2': 'true',
  'enable-shield': 'true',
  'feature-gates': '',
  'aws-region': '',
  'aws-vpc-id': '',
  'aws-vpc-tags': '',
  'aws-vpc-tag-key': 'Name',
  'aws-api-endpoints': '',
  'aws-api-throttle': '',
  'aws-max-retries': '10',
  'metrics-bind-addr': ':8080',
  'health-probe-bind-addr': ':61779',
  'webhook-bind-port': '9443',
  'webhook-cert-dir': '/tmp/k8s-webhook-server/serving-certs',
  'webhook-cert-file': 'tls.crt',
  'webhook-key-file': 'tls.key',
  'kube-ca-pem-filepath': '',
  'enable-leader-election': 'true',
  'leader-election-id': 'aws-load-balancer-controller-leader',
  'leader-election-namespace': '',
  'watch-namespace': '',
  'sync-period': '10h',
  kubeconfig: '',
  'log-level': 'info',
  'load-balancer-class': 'service.k8s.aws/nlb',
  'service-max-concurrent-reconciles': '3',
  'gateway-class-max-concurrent-reconciles': '3',
  'alb-gateway-max-concurrent-reconciles': '3',
  'nlb-gateway-max-concurrent-reconciles': '3',
  'globalaccelerator-max-concurrent-reconciles': '1',
  'globalaccelerator-max-exponential-backoff-delay': '1000s',
  'quic-environment-variable-name': 'AWS_LBC_QUIC_SERVER_ID',
};

const table: readonly Option<unknown>[] = Object.values(options);
const needed = [
  ['cluster-name', 'demo'],
  ['aws-region', 'us-west-2'],
  ['aws-vpc-id', 'vpc-1'],
] as const;

for (const [name, text] of Object.entries(albcDefaults)) {
  test(`OPS-01: --${name} is known, with ALBC's default`, () => {
    const option = table.find((each) => each.name === name);
    if (option === undefined) assert.ok(Object.hasOwn(acceptedOptions, name));
    else if (text !== '') assert.deepEqual(option.parse(text), { kind: 'value', value: option.fallback });
    const given = new Map<string, string>([[name, text], ...needed]);
    const loaded = loadConfig({ flags: given, env: {} });
    assert.equal(loaded.kind, 'config');
  });
}

const albcGates: Readonly<Record<string, boolean>> = {
  ListenerRulesTagging: true,
  WeightedTargetGroups: true,
  ServiceTypeLoadBalancerOnly: false,
  EndpointsFailOpen: true,
  EnableServiceController: true,
  EnableIPTargetType: true,
  EnableRGTAPI: false,
  SubnetsClusterTagCheck: true,
  NLBHealthCheckAdvancedConfig: true,
  NLBSecurityGroup: true,
  ALBSingleSubnet: false,
  SubnetDiscoveryByReachability: true,
  LBCapacityReservation: true,
  EnableTCPUDPListener: false,
  EnhancedDefaultBehavior: false,
  EnableDefaultTagsLowPriority: false,
  EnableCertificateManagement: false,
  ALBTargetControlAgent: false,
  IngressPlanAnnotation: false,
  NLBGatewayAPI: true,
  ALBGatewayAPI: true,
  GatewayListenerSet: true,
  GlobalAcceleratorController: false,
};

test("OPS-02: every gate of ALBC is known, with ALBC's default where it means something here", () => {
  const all = Object.entries(albcGates).map(([name, value]) => `${name}=${value}`);
  assert.equal(parseFeatureGates(all.join(',')).kind, 'value');
  for (const [name, { fallback }] of Object.entries(featureGates))
    assert.equal(fallback, albcGates[name], name);
});

test('OPS-02: an unknown gate ends it, with the one that was meant', () => {
  const parsed = parseFeatureGates('ListenerRuleTagging=true,EnableTCPUDPListenerType=true');
  assert.equal(parsed.kind, 'mistake');
  assert.match(
    parsed.kind === 'mistake' ? parsed.message : '',
    /unknown gate ListenerRuleTagging \(did you mean ListenerRulesTagging\?\); and names the unknown gate EnableTCPUDPListenerType/,
  );
});
