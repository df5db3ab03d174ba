// Why a group is left as it is although its plan is sound.

import type { CoreConfig } from '../domain/config.ts';
import type { GroupModel } from '../domain/group-model.ts';
import type { PlanProblem } from './group-problem.ts';

/** Why nothing is written for the group; undefined: nobody has paused it. */
export function pausedGroup({ key, pausers = [] }: GroupModel): PlanProblem | undefined {
  if (pausers.length === 0) return undefined;
  return {
    code: 'Paused',
    message: `Group ${key} is paused by ${pausers.join(', ')}, so nothing of it is changed in AWS; targets still follow`,
    hint: 'Take the annotation albatross.dev/pause away there to go on',
  };
}

/** Many groups that end at the same moment are rather a mistake somewhere above them than so many decisions. */
export function tooMany(
  going: number,
  { key, massDeletion }: GroupModel,
  { maxGroupDeletions }: CoreConfig,
): PlanProblem | undefined {
  if (maxGroupDeletions === 0 || massDeletion === 'allowed') return undefined;
  if (massDeletion === undefined && going <= maxGroupDeletions) return undefined;
  const many =
    going > maxGroupDeletions
      ? `${going} groups are to be deleted at the same time, more than ${maxGroupDeletions}`
      : `The group was to be deleted together with others, more than ${maxGroupDeletions}`;
  return {
    code: 'DeletionHeld',
    message: `${many} (--max-group-deletions), so nothing of group ${key} is deleted`,
    hint: 'If that is meant, agree with the annotation albatross.dev/allow-deletion: "true" on each Ingress that is deleted, or on their IngressClass; if not, docs/safety.md says how to get the Ingresses back',
  };
}
