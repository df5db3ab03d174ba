// What `albatross drift` prints.

import type { Change, KnownDrift } from '../core/domain/change.ts';
import type { Drift } from '../core/domain/drift.ts';
import type { Author } from '../core/domain/author.ts';

/** A field that differs, with what is known of when and by whom. */
export type Difference = Drift & {
  readonly group: string;
  /** Epoch milliseconds; absent: the controller has not told. */
  readonly since?: number;
  readonly lastRight?: number;
  readonly by?: Author;
};

export type DriftFindings = {
  readonly differences: readonly Difference[];
  /** What is not ours and stays, by group. */
  readonly foreign: readonly { readonly group: string; readonly what: string }[];
  /** How many groups were looked at. */
  readonly groups: number;
};

/** What the controller knows of a difference, added to it. */
export function withKnowledge(group: string, drift: Drift, known: readonly KnownDrift[]): Difference {
  const found = known.find(({ path, found: value }) => path === drift.path && value === drift.found);
  if (found === undefined) return { ...drift, group };
  const { since, lastRight, rests } = found;
  return { ...drift, group, since, lastRight, ...(rests === undefined ? {} : { rests }) };
}

const head = ['group', 'field', 'object', 'what', 'should be', 'is', 'mode', 'since', 'by'];
/** Wider cells are cut; --json has them whole. */
const widest = 48;

export function renderDifferences({ differences, foreign, groups }: DriftFindings): string {
  const rows = differences.map(cells);
  const used = head.map((_title, column) => column < 7 || rows.some((row) => row[column] !== ''));
  const table = [head, ...rows].map((row) => row.filter((_cell, column) => used[column] === true));
  const lines =
    differences.length === 0
      ? [`Nothing differs in ${groups} group${groups === 1 ? '' : 's'}.`]
      : [
          ...aligned(table),
          '',
          'Somebody changed these in AWS, or they are edits that the controller has not carried out yet.',
        ];
  const others = foreign.map(({ group, what }) => `  ${group}: ${what}`);
  return [...lines, ...(others.length === 0 ? [] : ['', 'Not ours, left alone:', ...others]), ''].join('\n');
}

function cells(difference: Difference): readonly string[] {
  const { group, field, subject, what, wanted, found, mode, rests, since, by } = difference;
  const object = subject.slice(subject.indexOf('/') + 1);
  const shown = (text: string): string => (text === '' ? '(absent)' : text);
  return [
    group,
    field,
    object,
    what === 'exists' ? '' : what,
    shown(wanted),
    shown(found),
    rests === undefined ? mode : `rests until ${time(rests.until)}`,
    since === undefined ? '' : time(since),
    by === undefined ? '' : `${by.principal} (${by.event} ${by.at})`,
  ];
}

export const time = (at: number): string => new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');

function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const cut = rows.map((row) =>
    row.map((cell, column) =>
      cell.length > widest && column < row.length - 1 ? `${cell.slice(0, widest - 1)}…` : cell,
    ),
  );
  const widths = (cut[0] ?? []).map((_cell, column) =>
    Math.max(...cut.map((row) => (row[column] ?? '').length)),
  );
  return cut.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** What the controller wrote, oldest first. */
export function renderChanges(changes: readonly Change[]): string {
  if (changes.length === 0) return 'Nothing was written yet, or no controller keeps what it writes.\n';
  const rows = changes.map(({ at, group = '', operation, subject, reason, because, object, refused }) => [
    time(at),
    group,
    operation,
    subject,
    refused === undefined ? 'done' : `refused: ${refused}`,
    `${reason}: ${because}${object === undefined ? '' : ` (${object})`}`,
  ]);
  return `${aligned([['when', 'group', 'operation', 'object', 'result', 'why'], ...rows]).join('\n')}\n`;
}
