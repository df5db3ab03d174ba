import { refused } from '../errors.ts';

/** A field that AWS always sends although the SDK's types allow it to be missing; without it the answer is unusable. */
export function required<T>(value: T | undefined, field: string): T {
  if (value !== undefined) return value;
  throw refused('unavailable', {
    code: 'IncompleteAnswer',
    action: field,
    message: `AWS's answer lacks ${field}`,
  });
}
