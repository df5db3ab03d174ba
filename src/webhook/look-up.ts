// The target group of a binding, asked for once though two webhooks judge each new binding.

import { goSdkError } from '../core/domain/go-sdk-error.ts';
import type { Clock } from '../lib/clock.ts';
import type { BindingSpec, TargetGroupAnswer, TargetGroupFact } from './binding.ts';

type Options = { readonly signal: AbortSignal };

/** Undefined: AWS says that there is none. Rejects when AWS cannot be asked. aws/ implements it. */
export type ReadTargetGroup = (
  query: { readonly arn: string | undefined; readonly name: string | undefined },
  options: Options,
) => Promise<TargetGroupFact | undefined>;

/** Before the API server gives the webhook up (deploy/webhooks). */
const patienceMs = 2500;
/** From the mutating to the validating webhook it is a matter of milliseconds. */
const rememberedMs = 5000;

export type LookUp = (spec: BindingSpec, options: Options) => Promise<TargetGroupAnswer>;

/** Never rejects: what is not known is an answer too. A target group that was found is remembered for a few seconds. */
export function lookUpWith(read: ReadTargetGroup, clock: Clock): LookUp {
  const remembered = new Map<string, { readonly until: number; readonly answer: TargetGroupAnswer }>();
  return async (spec, { signal }) => {
    if (spec.iamRoleArnToAssume !== undefined)
      return { kind: 'unknown', why: 'it belongs to another account, where webhooks do not look' };
    const now = clock.now();
    for (const [arn, { until }] of remembered) if (until <= now) remembered.delete(arn);
    const known = remembered.get(spec.targetGroupARN ?? '');
    if (known !== undefined) return known.answer;
    const limited = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
    const answer = await answerOf(spec, read, limited);
    if (answer.kind === 'found')
      remembered.set(answer.targetGroup.arn, { until: now + rememberedMs, answer });
    return answer;
  };
}

async function answerOf(
  spec: BindingSpec,
  read: ReadTargetGroup,
  signal: AbortSignal,
): Promise<TargetGroupAnswer> {
  try {
    const query = { arn: spec.targetGroupARN, name: spec.targetGroupName };
    const targetGroup = await read(query, { signal });
    return targetGroup === undefined ? { kind: 'none', words: notFound } : { kind: 'found', targetGroup };
  } catch (error) {
    return { kind: 'unknown', why: error instanceof Error ? error.message : String(error) };
  }
}

const notFound = goSdkError({
  action: 'elasticloadbalancing:DescribeTargetGroups',
  code: 'TargetGroupNotFound',
  message: 'One or more target groups not found',
  requestId: undefined,
});
