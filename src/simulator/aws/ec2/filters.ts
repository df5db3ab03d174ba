import type { Filter } from '@aws-sdk/client-ec2';
import { SimulatedError } from '../errors.ts';
import { tagsOf } from '../tags.ts';
import type { AwsState } from '../state.ts';

/** The values a resource has for a filter; undefined when the filter is unknown. */
export type FilterValues<Item> = Readonly<Record<string, (item: Item) => readonly (string | undefined)[]>>;

/** Keeps the items that meet every filter. `tag:KEY` and `tag-key` work for everything; `*` and `?` are wildcards. */
export function applyFilters<Item extends { readonly id: string }>(
  items: readonly Item[],
  filters: readonly Filter[] | undefined,
  { values, state }: { readonly values: FilterValues<Item>; readonly state: AwsState },
): readonly Item[] {
  const checks = (filters ?? []).map(({ Name = '', Values = [] }) => {
    const read = reader(Name, values, state);
    const patterns = Values.map(pattern);
    return (item: Item) =>
      read(item).some((value) => value !== undefined && patterns.some((regex) => regex.test(value)));
  });
  return items.filter((item) => checks.every((check) => check(item)));
}

function reader<Item extends { readonly id: string }>(
  name: string,
  values: FilterValues<Item>,
  state: AwsState,
): FilterValues<Item>[string] {
  if (name.startsWith('tag:')) return (item) => [tagsOf(state, item.id).get(name.slice(4))];
  if (name === 'tag-key') return (item) => [...tagsOf(state, item.id).keys()];
  const known = values[name];
  if (known === undefined)
    throw new SimulatedError('InvalidParameterValue', `The filter '${name}' is invalid`);
  return known;
}

const pattern = (value: string): RegExp =>
  new RegExp(
    `^${value
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    's',
  );

/** Picks items by id, in the order asked for; an unknown id is the error that EC2 has for that kind. */
export function byIds<Item>(
  items: ReadonlyMap<string, Item>,
  ids: readonly string[] | undefined,
  code: string,
): readonly Item[] {
  if (ids === undefined || ids.length === 0) return [...items.values()];
  return ids.map((id) => {
    const item = items.get(id);
    if (item === undefined) throw new SimulatedError(code, `The ID '${id}' does not exist`);
    return item;
  });
}
