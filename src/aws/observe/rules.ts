import { DescribeRulesCommand, type Rule } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { ListenerArn, RuleArn } from '../../core/domain/ids.ts';
import type { ObservedRule } from '../../core/domain/observed-group.ts';
import { allPages } from '../batches.ts';
import type { AwsContext, Signalled } from '../context.ts';
import { isKind } from '../errors.ts';
import { pageSize } from '../inventory.ts';
import { observedActions } from '../wire/actions.ts';
import { observedConditions } from '../wire/conditions.ts';
import { required } from '../wire/required.ts';
import { observedTransforms } from '../wire/transforms.ts';

export type UntaggedRule = Omit<ObservedRule, 'tags'>;

/** The rules of a listener without its default one, by priority; none when the listener is gone. */
export async function rulesOf(
  { calls }: AwsContext,
  listener: ListenerArn,
  { signal }: Signalled,
): Promise<readonly UntaggedRule[]> {
  try {
    const rules = await allPages(async (Marker) => {
      const command = new DescribeRulesCommand({ ListenerArn: listener, Marker, PageSize: pageSize });
      const { Rules: items, NextMarker: next } = await calls.elbv2(command, { signal });
      return { items, next };
    });
    const own = rules.filter(({ IsDefault }) => IsDefault !== true);
    return own.map(observedRule).toSorted((a, b) => a.priority - b.priority);
  } catch (error) {
    if (isKind(error, 'notFound')) return [];
    throw error;
  }
}

function observedRule(rule: Rule): UntaggedRule {
  return {
    arn: required(rule.RuleArn, 'RuleArn') as RuleArn,
    priority: Number(required(rule.Priority, 'Priority')),
    conditions: observedConditions(rule.Conditions),
    actions: observedActions(rule.Actions),
    transforms: observedTransforms(rule.Transforms),
  };
}
