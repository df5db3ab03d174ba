import type {
  DescribeLoadBalancerAttributesInput,
  DescribeLoadBalancerAttributesOutput,
  ModifyLoadBalancerAttributesInput,
  ModifyLoadBalancerAttributesOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { SimulatedError } from '../errors.ts';
import type { CallContext } from '../operation.ts';
import type { LoadBalancer } from '../state.ts';
import {
  flag,
  initialAttributes,
  oneOf,
  renderAttributes,
  setAttributes,
  text,
  whole,
  type AttributeRule,
} from './attributes.ts';
import { findLoadBalancer } from './lookup.ts';

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html */
const rules: Readonly<Record<string, AttributeRule>> = {
  'deletion_protection.enabled': flag(false),
  'load_balancing.cross_zone.enabled': { initial: 'true', allowed: (value) => value === 'true' },
  'access_logs.s3.enabled': flag(false),
  'access_logs.s3.bucket': text(),
  'access_logs.s3.prefix': text(),
  'connection_logs.s3.enabled': flag(false),
  'connection_logs.s3.bucket': text(),
  'connection_logs.s3.prefix': text(),
  'health_check_logs.s3.enabled': flag(false),
  'health_check_logs.s3.bucket': text(),
  'health_check_logs.s3.prefix': text(),
  'ipv6.deny_all_igw_traffic': flag(false),
  'zonal_shift.config.enabled': flag(false),
  'idle_timeout.timeout_seconds': whole('60', 1, 4000),
  'client_keep_alive.seconds': whole('3600', 60, 604_800),
  'routing.http.desync_mitigation_mode': oneOf('defensive', 'monitor', 'strictest'),
  'routing.http.drop_invalid_header_fields.enabled': flag(false),
  'routing.http.preserve_host_header.enabled': flag(false),
  'routing.http.x_amzn_tls_version_and_cipher_suite.enabled': flag(false),
  'routing.http.xff_client_port.enabled': flag(false),
  'routing.http.xff_header_processing.mode': oneOf('append', 'preserve', 'remove'),
  'routing.http2.enabled': flag(true),
  'waf.fail_open.enabled': flag(false),
};

const ofNetwork: Readonly<Record<string, AttributeRule>> = {
  'deletion_protection.enabled': flag(false),
  'load_balancing.cross_zone.enabled': flag(false),
  'access_logs.s3.enabled': flag(false),
  'access_logs.s3.bucket': text(),
  'access_logs.s3.prefix': text(),
  'ipv6.deny_all_igw_traffic': flag(false),
  'zonal_shift.config.enabled': flag(false),
  'dns_record.client_routing_policy': oneOf(
    'any_availability_zone',
    'availability_zone_affinity',
    'partial_availability_zone_affinity',
  ),
};

const rulesOf = (type: LoadBalancer['type']) => (type === 'network' ? ofNetwork : rules);

/** The attributes of a new load balancer. */
export function newLoadBalancerAttributes(type: LoadBalancer['type'], scheme: string): Map<string, string> {
  const attributes = initialAttributes(rulesOf(type));
  attributes.set('ipv6.deny_all_igw_traffic', String(scheme === 'internal'));
  return attributes;
}

export function describeLoadBalancerAttributes(
  input: DescribeLoadBalancerAttributesInput,
  context: CallContext,
): DescribeLoadBalancerAttributesOutput {
  return { Attributes: renderAttributes(findLoadBalancer(context, input.LoadBalancerArn).attributes) };
}

export function modifyLoadBalancerAttributes(
  input: ModifyLoadBalancerAttributesInput,
  context: CallContext,
): ModifyLoadBalancerAttributesOutput {
  const loadBalancer = findLoadBalancer(context, input.LoadBalancerArn);
  const merged = new Map(loadBalancer.attributes);
  setAttributes(merged, input.Attributes ?? [], rulesOf(loadBalancer.type));
  for (const logs of ['access_logs', 'connection_logs', 'health_check_logs']) {
    if (merged.get(`${logs}.s3.enabled`) === 'true' && merged.get(`${logs}.s3.bucket`) === '') {
      throw new SimulatedError(
        'InvalidConfigurationRequest',
        `${logs}.s3.enabled is true but ${logs}.s3.bucket is not set`,
      );
    }
  }
  for (const [key, value] of merged) loadBalancer.attributes.set(key, value);
  return { Attributes: renderAttributes(loadBalancer.attributes) };
}
