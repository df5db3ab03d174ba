import { groupKey } from '../core/domain/ids.ts';
import { baseOf } from '../core/model/identity.ts';

/** Whether `--group` means the group with this key: it, or the group that it is a shard of; every one without it. */
export const isOfGroup = (key: string, wanted: string | undefined): boolean =>
  wanted === undefined || key === wanted || baseOf(groupKey(key)) === wanted;
