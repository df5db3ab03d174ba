// The target group of a binding, asked for once though two webhooks judge each new binding.

import type { TargetGroupFact, TargetGroupQuery } from '../core/domain/facts.ts';
import { goSdkError } from '../core/domain/go-sdk-error.ts';
import type { Clock } from '../lib/clock.ts';
import type { BindingSpec, TargetGroupAnswer } from './binding.ts';

type Options = { readonly signal: AbortSignal };

/** Undefined: AWS says that there is none. Rejects when AWS cannot be asked. aws/ implements it. */
export type ReadTargetGroup = (
  query: TargetGroupQuery,
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
    const now = clock.now();
    for (const [key, { until }] of remembered) if (until <= now) remembered.delete(key);
    const known = remembered.get(keyOf(spec.targetGroupARN ?? '', spec));
    if (known !== undefined) return known.answer;
    const limited = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
    const answer = await answerOf(spec, read, limited);
    if (answer.kind === 'found')
      remembered.set(keyOf(answer.targetGroup.arn, spec), { until: now + rememberedMs, answer });
    return answer;
  };
}

/** What one role sees another one may not. */
const keyOf = (arn: string, { iamRoleArnToAssume, assumeRoleExternalId }: BindingSpec): string =>
  JSON.stringify([arn, iamRoleArnToAssume, assumeRoleExternalId]);

async function answerOf(
  spec: BindingSpec,
  read: ReadTargetGroup,
  signal: AbortSignal,
): Promise<TargetGroupAnswer> {
  try {
    const { targetGroupARN: arn, targetGroupName: name, iamRoleArnToAssume, assumeRoleExternalId } = spec;
    const role =
      iamRoleArnToAssume === undefined
        ? undefined
        : { arn: iamRoleArnToAssume, externalId: assumeRoleExternalId };
    const query = { arn, name, role };
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
  isModelled: true,
});
