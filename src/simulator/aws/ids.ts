import { createHash } from 'node:crypto';

/**
 * Makes the ids of new resources: random-looking and the same in every run with the same calls. `wish` puts an id in line
 * for the next resource of that prefix, for callers who need ids that sort in a certain order.
 */
export type Ids = {
  readonly seed: string;
  count: number;
  readonly wishes: Map<string, string[]>;
};

export const newIds = (seed: string): Ids => ({ seed, count: 0, wishes: new Map() });

export function wish(ids: Ids, prefix: string, id: string): void {
  ids.wishes.set(prefix, [...(ids.wishes.get(prefix) ?? []), id]);
}

/** An EC2 style id: prefix, dash, 17 hexadecimal digits. */
export const ec2Id = (ids: Ids, prefix: string): string =>
  ids.wishes.get(prefix)?.shift() ?? `${prefix}-${hex(ids, 17)}`;

/** The 16 hexadecimal digits that end an ELBv2 ARN. */
export const elbId = (ids: Ids): string => hex(ids, 16);

/** A UUID, as request ids and certificate ARNs have. */
export function uuid(ids: Ids): string {
  const digits = hex(ids, 32);
  return [0, 8, 12, 16, 20].map((from, index) => digits.slice(from, [8, 12, 16, 20, 32][index])).join('-');
}

export function hex(ids: Ids, length: number): string {
  ids.count += 1;
  return createHash('sha256').update(`${ids.seed}/${ids.count}`).digest('hex').slice(0, length);
}
