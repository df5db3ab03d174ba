import { Command } from 'commander';
import type { ClusterObject } from '../core/domain/cluster.ts';
import { renderLimits, renderRefusals } from '../core/limits/render.ts';
import { forecaster } from '../core/limits/forecast.ts';
import { paidByTheHour } from '../core/limits/costs.ts';
import { savings } from '../core/limits/savings.ts';
import { type LimitRow, groupRows, withForecast, networkRows, regionRows } from '../core/limits/rows.ts';
import type { Config } from '../config/load.ts';
import type { Plan } from '../core/domain/plan.ts';
import type { Problem } from '../core/domain/problem.ts';
import type { NamespacedName } from '../core/domain/ids.ts';
import { epochMs, systemClock } from '../lib/clock.ts';
import { configFrom, givenOptions, withControllerOptions } from './controller-options.ts';
import { interruptSignal } from './interrupt.ts';
import { offline } from './plan.ts';
import type { Planned } from './plan-output.ts';
import { UserError } from './user-error.ts';

type Given = {
  readonly file?: readonly string[];
  readonly whatIf?: readonly string[];
  readonly group?: string;
  readonly all?: true;
  readonly json?: true;
};

/** `albatross limits`: what is used and wanted of AWS's limits, and what does not fit; reads only. */
export function limitsCommand(): Command {
  const command = new Command('limits')
    .description('Print what is used and wanted of AWS’s limits, and what does not fit')
    .option('-f, --file <path...>', 'manifests (files or folders): count them offline, against an empty AWS')
    .option('--what-if <path...>', 'manifests to count as if they were applied on top of the others')
    .option('--group <name>', 'without -f: only this group')
    .option('--all', 'every listener, target group and security group, not the fullest only')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nWithout -f the cluster of the kubeconfig and AWS are read. Exit code 0: everything fits; 1: something does not, or a' +
        ' manifest cannot be read; 2: a mistake on the command line.' +
        '\n\nExamples:\n  albatross limits -f shop/\n  albatross limits --cluster-name=prod --what-if new-ingress.yaml',
    );
  withControllerOptions(command);
  return command.action(async (given: Given) => {
    const ledger =
      given.file === undefined ? await online(command, given) : await fromFiles(command, given, given.file);
    process.stdout.write(given.json === true ? json(ledger) : text(ledger, given));
    if (ledger.refused.length + ledger.complaints.length > 0) process.exitCode = 1;
  });
}

type Ledger = {
  readonly rows: readonly LimitRow[];
  readonly refused: readonly Problem[];
  readonly saved: readonly string[];
  readonly complaints: readonly string[];
  /** What each group costs by the hour. */
  readonly paid: readonly string[];
  /** What the column `used` holds. */
  readonly usedTitle: string;
};

async function fromFiles(
  command: Command,
  { whatIf = [], group }: Given,
  paths: readonly string[],
): Promise<Ledger> {
  if (group !== undefined)
    throw new UserError(
      `--group “${group}” goes only without -f; leave it out, or give only the files of that group`,
      2,
    );
  const config = configFrom(givenOptions(command, offline, {}));
  const { planFiles } = await import('./plan-files.ts');
  const planned = (files: readonly string[]): Promise<Planned> =>
    planFiles(files, { config: config.core, factsFile: undefined, quotas: config.aws.limits });
  const after = ledger(await planned([...paths, ...whatIf]), config);
  if (whatIf.length === 0) return { ...after, usedTitle: 'in AWS' };
  const before = ledger(await planned(paths), config);
  const rows = after.rows.map((row) => ({ ...row, used: before.rows.find(isSame(row))?.wanted ?? 0 }));
  return { ...after, rows, usedTitle: 'before' };
}

const isSame =
  (row: LimitRow) =>
  ({ quota, name, group }: LimitRow): boolean =>
    quota === row.quota && name === row.name && group === row.group;

async function online(command: Command, { whatIf = [], group }: Given): Promise<Ledger> {
  const config = configFrom(givenOptions(command));
  const { planCluster } = await import('./plan-cluster.ts');
  const { decodeManifests, manifestProblemText, readManifests } = await import('../kube/manifest-files.ts');
  const read = await readManifests(whatIf);
  const decoded = decodeManifests(read.manifests);
  const also: readonly ClusterObject[] = decoded.objects;
  const planned = await planCluster(config, { group, also, targets: true, signal: interruptSignal() });
  const complaints = [...read.problems, ...decoded.problems].map(manifestProblemText);
  const { ingresses } = planned.snapshot;
  return ledger({ ...planned, complaints }, config, (id) =>
    epochMs(ingresses.get(id)?.meta.creationTimestamp),
  );
}

/** The rows of everything that was planned, and who was turned away. */
function ledger(
  { groups, network, seen, complaints }: Planned,
  { core }: Config,
  createdAt?: (id: NamespacedName) => number | undefined,
): Ledger {
  const { quotas, regionUse: use } = seen;
  const both = groups.flatMap(({ desired }) => {
    const observed = seen.groups.get(desired.key);
    return observed === undefined ? [] : [{ desired, observed }];
  });
  const refused = groups
    .flatMap(({ problems }) => problems)
    .filter(({ code }) => code === 'QuotaExceeded' || code === 'ConditionLimit');
  const foretell =
    createdAt === undefined ? () => undefined : forecaster(both, { createdAt, now: systemClock.now() });
  return {
    rows: [
      ...regionRows({ region: core.region, use, groups: both, quotas }),
      ...networkRows([...seen.network.securityGroups.values()], changes(network), quotas),
      ...both.flatMap(({ desired, observed }) =>
        groupRows({ observed, quotas, wanted: { desired, config: core } }),
      ),
    ].map((row) => withForecast(row, foretell(row))),
    refused,
    saved: groups.flatMap(({ desired }) => savings(desired)),
    paid: groups.flatMap(({ desired }) => paidByTheHour(desired) ?? []),
    complaints,
    usedTitle: 'in AWS',
  };
}

/** How many rules a plan adds to each security group that exists. */
function changes(network: Plan | undefined): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const add = (group: unknown, by: number): void => {
    if (typeof group === 'string') counts.set(group, (counts.get(group) ?? 0) + by);
  };
  for (const operation of network?.operations ?? []) {
    if (operation.kind === 'authorizeIngress') add(operation.securityGroup, operation.rules.length);
    if (operation.kind === 'revokeIngress') add(operation.securityGroup, -operation.ruleIds.length);
  }
  return counts;
}

function text({ rows, refused, saved, paid, complaints, usedTitle }: Ledger, { all }: Given): string {
  const table = renderLimits(rows, { all: all === true, now: systemClock.now(), usedTitle });
  return [
    table,
    ...section('Does not fit', renderRefusals(refused)),
    ...section('Saved', saved),
    ...section('Paid by the hour, and traffic beside it', paid),
    ...section('Cannot be read', complaints),
  ].join('\n');
}

function json({ rows, refused, saved, paid, complaints, usedTitle }: Ledger): string {
  return `${JSON.stringify({ used: usedTitle, limits: rows, refused, saved, paid, complaints }, undefined, 2)}\n`;
}

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [[`${title}:`, ...lines.map((line) => `  ${line}`), ''].join('\n')];
