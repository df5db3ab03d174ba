import type {
  DescribeTargetGroupAttributesInput,
  DescribeTargetGroupAttributesOutput,
  ModifyTargetGroupAttributesInput,
  ModifyTargetGroupAttributesOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { SimulatedError, validationError } from '../errors.ts';
import type { CallContext } from '../operation.ts';
import type { TargetGroup } from '../state.ts';
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
import { findTargetGroup } from './lookup.ts';

const shared: Readonly<Record<string, AttributeRule>> = {
  'stickiness.enabled': flag(false),
  'load_balancing.cross_zone.enabled': oneOf('use_load_balancer_configuration', 'true', 'false'),
};

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html */
const ofServers: Readonly<Record<string, AttributeRule>> = {
  'deregistration_delay.timeout_seconds': whole('300', 0, 3600),
  ...shared,
  'stickiness.type': oneOf('lb_cookie', 'app_cookie'),
  'stickiness.lb_cookie.duration_seconds': whole('86400', 1, 604_800),
  'stickiness.app_cookie.duration_seconds': whole('86400', 1, 604_800),
  'stickiness.app_cookie.cookie_name': text('', /^(?!AWSALB).{0,256}$/),
  'target_group_health.dns_failover.minimum_healthy_targets.count': whole('1', 1, 1000, 'off'),
  'target_group_health.dns_failover.minimum_healthy_targets.percentage': whole('off', 1, 100, 'off'),
  'target_group_health.unhealthy_state_routing.minimum_healthy_targets.count': whole('1', 1, 1000),
  'target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage': whole(
    'off',
    1,
    100,
    'off',
  ),
  'load_balancing.algorithm.type': oneOf('round_robin', 'least_outstanding_requests', 'weighted_random'),
  'load_balancing.algorithm.anomaly_mitigation': oneOf('off', 'on'),
  'slow_start.duration_seconds': {
    initial: '0',
    allowed: (value) => value === '0' || whole('', 30, 900).allowed(value),
  },
};
const ofLambda: Readonly<Record<string, AttributeRule>> = {
  ...shared,
  'lambda.multi_value_headers.enabled': flag(false),
};

const rulesOf = (type: TargetGroup['targetType']): Readonly<Record<string, AttributeRule>> =>
  type === 'lambda' ? ofLambda : ofServers;

export const newTargetGroupAttributes = (type: TargetGroup['targetType']): Map<string, string> =>
  initialAttributes(rulesOf(type));

export function describeTargetGroupAttributes(
  input: DescribeTargetGroupAttributesInput,
  context: CallContext,
): DescribeTargetGroupAttributesOutput {
  return { Attributes: renderAttributes(findTargetGroup(context, input.TargetGroupArn).attributes) };
}

export function modifyTargetGroupAttributes(
  input: ModifyTargetGroupAttributesInput,
  context: CallContext,
): ModifyTargetGroupAttributesOutput {
  const group = findTargetGroup(context, input.TargetGroupArn);
  // https://docs.aws.amazon.com/elasticloadbalancing/latest/network/application-load-balancer-target.html
  if (group.targetType === 'alb')
    throw new SimulatedError(
      'InvalidConfigurationRequest',
      'The attributes of a target group of type alb cannot be modified',
    );
  const merged = new Map(group.attributes);
  setAttributes(merged, input.Attributes ?? [], rulesOf(group.targetType));
  checkTogether(merged);
  for (const [key, value] of merged) group.attributes.set(key, value);
  return { Attributes: renderAttributes(group.attributes) };
}

/** Rules that need more than one attribute to be seen. */
function checkTogether(attributes: ReadonlyMap<string, string>): void {
  const algorithm = attributes.get('load_balancing.algorithm.type') ?? 'round_robin';
  if (
    attributes.get('load_balancing.algorithm.anomaly_mitigation') === 'on' &&
    algorithm !== 'weighted_random'
  ) {
    throw new SimulatedError(
      'InvalidConfigurationRequest',
      'Anomaly mitigation needs the weighted_random algorithm',
    );
  }
  if ((attributes.get('slow_start.duration_seconds') ?? '0') !== '0' && algorithm !== 'round_robin') {
    throw new SimulatedError('InvalidConfigurationRequest', 'Slow start needs the round_robin algorithm');
  }
  const appCookie =
    attributes.get('stickiness.enabled') === 'true' && attributes.get('stickiness.type') === 'app_cookie';
  if (appCookie && attributes.get('stickiness.app_cookie.cookie_name') === '') {
    throw validationError('stickiness.app_cookie.cookie_name must be set for app_cookie stickiness');
  }
}
