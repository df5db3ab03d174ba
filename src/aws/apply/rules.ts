import {
  CreateRuleCommand,
  DeleteRuleCommand,
  ModifyRuleCommand,
  SetRulePrioritiesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Attributes, Handlers, Look, OperationOf } from '../../core/domain/operation.ts';
import type { Action } from '../../core/domain/rule.ts';
import { isEqual } from '../../lib/canonical.ts';
import type { AwsContext, Signalled } from '../context.ts';
import { type AwsError, isKind } from '../errors.ts';
import { rulesOf } from '../observe/rules.ts';
import { wireActions } from '../wire/actions.ts';
import { wireConditions } from '../wire/conditions.ts';
import { wireTags } from '../wire/tags.ts';
import { wireTransforms } from '../wire/transforms.ts';
import { required } from '../wire/required.ts';
import { forwardsToNew, resolvedActions } from './listeners.ts';
import { assertOurs, vanished } from './ownership.ts';
import { isNew, onceVisible } from './retry.ts';

export function ruleHandlers(
  context: AwsContext,
): Pick<Handlers, 'createRule' | 'modifyRule' | 'setRulePriorities' | 'deleteRule'> {
  const { calls, clock } = context;
  return {
    createRule: (operation, look, { signal }) => create(context, { operation, look }, { signal }),

    modifyRule: async ({ rule, content, resetTransforms }, look, { signal }) => {
      const command = new ModifyRuleCommand({
        RuleArn: rule,
        Conditions: wireConditions(content.conditions),
        Actions: wireActions(resolvedActions(content.actions, look), context),
        // An empty list would leave the transforms as they are.
        ...(content.transforms.length > 0 ? { Transforms: wireTransforms(content.transforms) } : {}),
        ...(content.transforms.length === 0 && resetTransforms ? { ResetTransforms: true } : {}),
      });
      await onceVisible({ clock, signal, isNew: forwardsToNew(content.actions) }, () =>
        calls.elbv2(command, { signal }),
      );
      return {};
    },

    setRulePriorities: async ({ priorities }, look, { signal }) => {
      const command = new SetRulePrioritiesCommand({
        RulePriorities: priorities.map(({ rule, priority }) => ({ RuleArn: look(rule), Priority: priority })),
      });
      const refersToNew = priorities.some(({ rule }) => isNew(rule));
      await onceVisible({ clock, signal, isNew: refersToNew }, () => calls.elbv2(command, { signal }));
      return {};
    },

    deleteRule: async ({ rule }, look, { signal }) => {
      try {
        const command = new DeleteRuleCommand({ RuleArn: look(rule) });
        await onceVisible({ clock, signal, isNew: isNew(rule) }, () => calls.elbv2(command, { signal }));
      } catch (error) {
        if (!isKind(error, 'notFound')) throw error;
      }
      return {};
    },
  };
}

type Creation = { readonly operation: OperationOf<'createRule'>; readonly look: Look };

async function create(context: AwsContext, creation: Creation, { signal }: Signalled): Promise<Attributes> {
  const { calls, clock } = context;
  const { operation, look } = creation;
  const { listener, priority, content, tags } = operation;
  const command = new CreateRuleCommand({
    ListenerArn: look(listener),
    Priority: priority,
    Conditions: wireConditions(content.conditions),
    Actions: wireActions(resolvedActions(content.actions, look), context),
    ...(content.transforms.length > 0 ? { Transforms: wireTransforms(content.transforms) } : {}),
    Tags: wireTags(tags),
  });
  const refersToNew = isNew(listener) || forwardsToNew(content.actions);
  try {
    const { Rules = [] } = await onceVisible({ clock, signal, isNew: refersToNew }, () =>
      calls.elbv2(command, { signal }),
    );
    return { arn: required(Rules[0]?.RuleArn, 'RuleArn') };
  } catch (error) {
    if (!isKind(error, 'alreadyExists')) throw error;
    return adopt(context, { ...creation, error }, { signal });
  }
}

/** AWS never gives a client secret back. */
function asAwsAnswers<T>(action: Action<T>): Action<T> {
  return action.kind === 'authenticate-oidc' ? { ...action, clientSecretHash: undefined } : action;
}

/**
 * The rule that has the wanted priority is ours only if it is the very rule that was to be created: one of ours with other
 * content is there because the plan knew too little, and is not changed on that ground.
 */
async function adopt(
  context: AwsContext,
  { operation, look, error }: Creation & { readonly error: AwsError },
  { signal }: Signalled,
): Promise<Attributes> {
  const { listener, priority, content, tags } = operation;
  const what = `a rule with priority ${priority}`;
  const there = (await rulesOf(context, look(listener), { signal })).find(
    (rule) => rule.priority === priority,
  );
  const found = there && (await context.tags.read([there.arn], { signal })).get(there.arn);
  if (there === undefined || found === undefined) throw vanished(error, what);
  assertOurs(error, { what, found, wanted: tags });
  const { conditions, actions, transforms } = there;
  const wanted = { ...content, actions: resolvedActions(content.actions, look).map(asAwsAnswers) };
  if (
    !isEqual(
      { conditions, actions, transforms },
      { conditions: wanted.conditions, actions: wanted.actions, transforms: wanted.transforms },
    )
  ) {
    throw error;
  }
  return { arn: there.arn };
}
