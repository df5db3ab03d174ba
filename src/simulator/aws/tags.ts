import { SimulatedError, validationError } from './errors.ts';
import type { CallContext } from './operation.ts';
import type { AwsState } from './state.ts';

export type SdkTag = { readonly Key?: string | undefined; readonly Value?: string | undefined };

const none: ReadonlyMap<string, string> = new Map();

/** The tags as they are now, whatever a lagging reader sees. */
export const tagsOf = (state: AwsState, resource: string): ReadonlyMap<string, string> =>
  state.tags.get(resource)?.current ?? none;

/** The tags as a reader sees them who may be behind by the tag lag. */
export function visibleTags(
  { state, knobs, now }: CallContext,
  resource: string,
): { Key: string; Value: string }[] {
  const set = state.tags.get(resource);
  const seen = set === undefined ? none : now - set.changedAt < knobs.tagLagMs ? set.previous : set.current;
  return [...seen].map(([Key, Value]) => ({ Key, Value }));
}

export function setTags(
  context: Pick<CallContext, 'state' | 'now'>,
  resource: string,
  tags: ReadonlyMap<string, string>,
): void {
  const { state, now } = context;
  state.tags.set(resource, { current: tags, previous: tagsOf(state, resource), changedAt: now });
}

/** Adds or overwrites tags after checking what ELBv2 and EC2 check: sizes, characters, duplicates, `aws:`, number. */
export function addTags(context: CallContext, resource: string, tags: readonly SdkTag[] | undefined): void {
  if (tags === undefined || tags.length === 0) return;
  setTags(context, resource, mergedTags(context, resource, tags));
}

/** The characters ELBv2 and ACM allow in tags; EC2 takes any. */
const plain = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** The tags a resource would have; throws what AWS answers when they break a rule. Changes nothing. */
export function mergedTags(
  context: CallContext,
  resource: string,
  tags: readonly SdkTag[],
  allowed = context.knobs.accepts.anyTagCharacter ? /^/ : plain,
): ReadonlyMap<string, string> {
  const merged = new Map(tagsOf(context.state, resource));
  const given = new Set<string>();
  for (const { Key: key = '', Value: value = '' } of tags) {
    checkTag(key, value, allowed);
    if (given.has(key))
      throw new SimulatedError('DuplicateTagKeys', `Tag key '${key}' was specified more than once`);
    given.add(key);
    merged.set(key, value);
  }
  const limit = context.knobs.quotas['tags-per-resource'];
  if (merged.size > limit) throw new SimulatedError('TooManyTags', `The maximum number of tags is ${limit}`);
  return merged;
}

function checkTag(key: string, value: string, allowed: RegExp): void {
  if (key.length < 1 || key.length > 128)
    throw validationError(`Tag key '${key}' must be 1 to 128 characters long`);
  if (value.length > 256)
    throw validationError(`The value of tag '${key}' must be at most 256 characters long`);
  if (!allowed.test(key) || !allowed.test(value))
    throw validationError(`Tag '${key}' has a character that is not allowed`);
  if (key.toLowerCase().startsWith('aws:'))
    throw validationError(`Tag keys that start with 'aws:' are reserved: '${key}'`);
}

export function removeTags(context: CallContext, resource: string, keys: readonly string[]): void {
  const kept = new Map(tagsOf(context.state, resource));
  for (const key of keys) kept.delete(key);
  setTags(context, resource, kept);
}
