import type { Tags } from '../../core/domain/desired-group.ts';

/** Sorted by key, so that the same tags make the same request. */
export const wireTags = (tags: Tags): { Key: string; Value: string }[] =>
  Object.entries(tags)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([Key, Value]) => ({ Key, Value }));

/** ELBv2 attributes have the shape of tags. */
export const observedTags = (
  tags: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] = [],
): Tags => Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));
