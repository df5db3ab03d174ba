import { UserError } from './user-error.ts';
import { groupKey } from '../core/domain/ids.ts';
import { baseOf } from '../core/model/identity.ts';

/** Whether `--group` means the group with this key: it, or the group that it is a shard of; every one without it. */
export const isOfGroup = (key: string, wanted: string | undefined): boolean =>
  wanted === undefined || key === wanted || baseOf(groupKey(key)) === wanted;

/** `--group` names none of these. */
export function noSuchGroup(group: string, keys: readonly string[]): UserError {
  // A group that is spread is named by itself, which means all of it, and by each of its load balancers.
  const names = [...new Set(keys.flatMap((key) => [baseOf(groupKey(key)), key]))].toSorted();
  const there = names.length === 0 ? 'there is none of ours' : `there are ${names.join(', ')}`;
  return new UserError(`there is no group “${group}”; ${there}`, 2);
}
