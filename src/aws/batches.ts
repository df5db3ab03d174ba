import { isKind } from './errors.ts';

/** Splits a list into pieces of at most `size`. */
export function chunks<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

/** Reads a listing to its end: one missing page would look like resources that do not exist. */
export async function allPages<Item>(
  page: (
    marker: string | undefined,
  ) => Promise<{ readonly items: readonly Item[] | undefined; readonly next: string | undefined }>,
): Promise<readonly Item[]> {
  const all: Item[] = [];
  let marker: string | undefined;
  do {
    const { items = [], next } = await page(marker);
    all.push(...items);
    // EC2 ends with an empty token in some answers.
    marker = next === '' ? undefined : next;
  } while (marker !== undefined);
  return all;
}

/**
 * Describes resources by id in batches of `size`. AWS refuses a whole batch for one id that it does not know, so such
 * a batch is halved until the unknown ids are alone; those are gone, and missing in the answer.
 */
export async function describeKnown<Id, Item>(
  ids: readonly Id[],
  size: number,
  describe: (ids: readonly Id[]) => Promise<readonly Item[]>,
): Promise<readonly Item[]> {
  const found = await Promise.all(chunks(ids, size).map((batch) => describeOrSplit(batch, describe)));
  return found.flat();
}

async function describeOrSplit<Id, Item>(
  batch: readonly Id[],
  describe: (ids: readonly Id[]) => Promise<readonly Item[]>,
): Promise<readonly Item[]> {
  try {
    return await describe(batch);
  } catch (error) {
    if (!isKind(error, 'notFound')) throw error;
    return batch.length === 1 ? [] : describeKnown(batch, Math.ceil(batch.length / 2), describe);
  }
}
