import { validationError } from './errors.ts';

/**
 * One page of a list. The marker is the position of the next item: enough for lists that do not shrink while they are read.
 * `size` must lie in 1–400 for ELBv2, whose clients name it PageSize.
 */
export function page<Item>(
  items: readonly Item[],
  request: {
    readonly marker: string | undefined;
    readonly size: number | undefined;
    readonly defaultSize: number;
    readonly max?: number;
  },
): { readonly items: readonly Item[]; readonly nextMarker: string | undefined } {
  const { marker, size = request.defaultSize, max = 400 } = request;
  if (!Number.isInteger(size) || size < 1 || size > Math.max(max, request.defaultSize)) {
    throw validationError(
      `1 validation error detected: Value '${size}' at 'pageSize' must be between 1 and ${max}`,
    );
  }
  const start = marker === undefined ? 0 : position(marker);
  const end = start + size;
  return { items: items.slice(start, end), nextMarker: end < items.length ? encode(end) : undefined };
}

const encode = (start: number): string => Buffer.from(`after:${start}`).toString('base64');

function position(marker: string): number {
  const match = /^after:(\d+)$/.exec(Buffer.from(marker, 'base64').toString());
  if (match === null) throw validationError(`The marker '${marker}' is not valid`);
  return Number(match[1]);
}
