// The ledger for people: a table for the region and for each group.

import type { Problem } from '../domain/problem.ts';
import { quotaTable } from '../domain/quotas.ts';
import { type LimitRow, share, warnAt } from './rows.ts';

/**
 * The table. Of things that a group has many of (target groups, listeners, security groups) only the fullest is shown
 * unless `all` is given.
 *
 * `now`: epoch milliseconds, for the age of figures. `usedTitle`: what the first column of figures is.
 */
export function renderLimits(
  rows: readonly LimitRow[],
  { all, now, usedTitle }: { readonly all: boolean; readonly now: number; readonly usedTitle: string },
): string {
  const isUsedKnown = rows.some(({ used }) => used !== undefined);
  const isForetold = rows.some(({ forecast = 'tooShort' }) => forecast !== 'tooShort');
  const shown = (line: readonly string[]): readonly string[] => {
    const some = isForetold ? line : line.toSpliced(-3, 1);
    return isUsedKnown ? some : some.toSpliced(1, 1);
  };
  const head = shown(['', usedTitle, 'wanted', 'limit', '', 'full in', 'quota', 'limit from']);
  const sections = [...Map.groupBy(rows, ({ group }) => group)].map(([group, its]) => ({
    title: group === undefined ? 'Region and shared security groups' : `Group ${group}`,
    lines: (all ? its : fullest(its)).map((row) => shown(cells(row, now))),
  }));
  const widths = head.map((title, column) =>
    Math.max(
      title.length,
      ...sections.flatMap(({ lines }) => lines.map((line) => (line[column] ?? '').length)),
    ),
  );
  const isFigure = (column: number): boolean => column >= 1 && column < head.length - 2;
  const aligned = (line: readonly string[]): string =>
    line
      .map((cell, column) =>
        isFigure(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return sections
    .map(({ title, lines }) => [title, aligned(head), ...lines.map(aligned)].join('\n'))
    .join('\n\n')
    .concat('\n', !isForetold && rows.some(({ forecast }) => forecast !== undefined) ? noHistory : '');
}

const noHistory = '\nNot enough history for a forecast: the oldest Ingress is younger than two days.\n';

/** Of rows with the same quota the one with the largest share. */
function fullest(rows: readonly LimitRow[]): readonly LimitRow[] {
  return [...Map.groupBy(rows, ({ quota }) => quota).values()].flatMap((same) =>
    same.toSorted((a, b) => share(b) - share(a)).slice(0, 1),
  );
}

function cells(row: LimitRow, now: number): readonly string[] {
  const { quota, scope, name, used, wanted, limit } = row;
  const { code, adjustable, unit } = quotaTable[quota];
  const part = share(row);
  // A rule either fits or is refused; one that fits may well be full.
  const mark = scope === 'listener' || part < warnAt ? '' : part >= 1 ? ' full' : ' high';
  return [
    `  ${unit} of ${scope === 'listener' ? 'a rule of listener' : scope} ${name}`,
    figure(used),
    figure(wanted),
    String(limit),
    `${Math.floor(100 * part)} %${mark}`,
    foretold(row),
    `${code}${adjustable ? '' : ', fixed'}`,
    sourceText(row, now),
  ];
}

const figure = (count: number | undefined): string => (count === undefined ? '?' : String(count));

function foretold({ forecast }: LimitRow): string {
  if (forecast === undefined) return '';
  if (typeof forecast === 'string') return forecast === 'steady' ? '–' : '?';
  return forecast === 1 ? '1 day' : `${forecast} days`;
}

function sourceText({ source, readAt }: LimitRow, now: number): string {
  if (source === 'override') return '--limits-file';
  if (source === 'default') return 'documentation';
  const minutes = Math.round((now - (readAt ?? now)) / 60_000);
  const told = source === 'api' ? 'AWS' : 'Service Quotas';
  return minutes < 1 ? `${told}, now` : `${told}, ${minutes} min ago`;
}

/** What does not fit, a line for each. */
export function renderRefusals(problems: readonly Problem[]): readonly string[] {
  return problems.map(({ message, hint }) => (hint === undefined ? message : `${message}\n    ${hint}`));
}
