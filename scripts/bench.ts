// `npm run bench [-- PART…]`: what the controller costs, measured against the local AWS. Prints figures and aims, never
// verdicts. Parts:
//   calls     AWS calls and time of single pieces of work (--calls names the calls, --quick leaves the restarts out)
//   targets   how soon a change of endpoints becomes a RegisterTargets call, and what changes cost
//   memory    what the shipped program holds in a large cluster
//   rollouts  requests lost while Deployments, nodes, target modes and ports change, with a real control plane (--quick: 4 instead
//             of 20 roll-outs)

import { parseArgs } from 'node:util';
import { Bench, type Cost } from '../bench/measure.ts';
import { ingress, service } from '../bench/manifests.ts';
import { benchMemory } from '../bench/memory.ts';
import { planningTime } from '../bench/planning.ts';
import { benchTargets } from '../bench/targets.ts';
import { benchRollouts } from '../bench/rollouts.ts';

const latencyMs = 50;

type Row = { readonly work: string; readonly cost: Cost; readonly aim: string };

async function lifeOfAnIngress(): Promise<readonly Row[]> {
  const bench = await Bench.start(latencyMs);
  const rows: Row[] = [];
  const step = async (work: string, aim: string, objects: readonly object[]) => {
    rows.push({ work, aim, cost: await bench.cost(() => void bench.world.kube.store.apply(objects)) });
  };
  try {
    const two = {
      name: 'web',
      rules: [
        { host: 'a.example.com', paths: { '/': 'one' } },
        { host: 'b.example.com', paths: { '/': 'two' } },
      ],
    };
    const start = await bench.cost(() => bench.startController());
    rows.push({ work: 'start in an empty cluster', aim: '', cost: start });
    await step('first Ingress (2 hosts, 2 Services)', '≤ 18, ≤ 1.2 s', [
      service('one'),
      service('two'),
      ingress(two),
    ]);
    await step('nothing changed (an annotation that means nothing)', '0', [
      ingress({ ...two, annotations: { 'example.com/note': 'x' } }),
    ]);
    const known = {
      ...two,
      rules: [{ host: 'a.example.com', paths: { '/': 'one', '/more': 'two' } }, ...two.rules.slice(1)],
    };
    await step('one more path to a known Service', '≤ 2', [ingress(known)]);
    const fresh = { ...known, rules: [...known.rules, { host: 'c.example.com', paths: { '/': 'three' } }] };
    await step('one more path to a new Service', '≤ 6', [service('three'), ingress(fresh)]);
    const [pod] = bench.world.kube.store.list('v1', 'Pod', 'bench');
    rows.push({
      work: 'a pod replaced',
      aim: '2, ≤ 0.1 s',
      cost: await bench.cost(() => bench.world.kube.store.remove(pod === undefined ? [] : [pod])),
    });
    await step('3 Services from ip to instance mode', '≤ 20', [
      ingress({ ...fresh, targetType: 'instance' }),
    ]);
    await step('3 Services from instance to ip mode', '≤ 20', [ingress(fresh)]);
    rows.push({
      work: 'delete it all',
      aim: '≤ 11',
      cost: await bench.cost(() => bench.world.kube.store.remove([ingress(fresh)])),
    });
  } finally {
    await bench.close();
  }
  return rows;
}

/** `count` Ingresses with one Service each, in one group or in a group each: what it costs to make them, and what a new process asks AWS. */
async function restart(
  count: number,
  group: string | undefined,
  { aim, createAim }: { readonly aim: string; readonly createAim: string },
): Promise<readonly Row[]> {
  const bench = await Bench.start(0);
  bench.hasLease = true;
  try {
    const names = Array.from({ length: count }, (_none, i) => `app-${i}`);
    const objects = names.flatMap((name) => [
      service(name),
      ingress({
        name,
        rules: [{ host: `${name}.example.com`, paths: { '/': name } }],
        ...(group && { group }),
      }),
    ]);
    bench.world.kube.store.apply(objects);
    const created = await bench.cost(() => bench.startController({ rationed: false }));
    await bench.stopController();
    const inOrder = await bench.cost(() => bench.startController());
    await bench.stopController();
    bench.dropBequest();
    const killed = await bench.cost(() => bench.startController());
    const what = group === undefined ? `${count} groups` : `one group of ${count} Ingresses`;
    return [
      { work: `cold create, ${what}`, aim: createAim, cost: created },
      { work: `restart, ${what}`, aim, cost: inOrder },
      { work: `the same after a process that was killed`, aim: '', cost: killed },
    ];
  } finally {
    await bench.close();
  }
}

function print(rows: readonly Row[], shows: boolean): void {
  const cells = rows.map(({ work, cost, aim }) => [
    work,
    `${cost.calls} (${cost.writes})`,
    `${cost.seconds.toFixed(2)} s`,
    aim,
  ]);
  const table = [['Work', 'AWS calls (writes)', 'time', 'aim'], ...cells];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  for (const [i, row] of table.entries()) {
    console.log(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
    const operations = rows[i - 1]?.cost.operations;
    if (shows && operations !== undefined) {
      console.log(
        `    ${Object.entries(operations)
          .toSorted(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, count]) => `${name} ${count}`)
          .join(', ')}`,
      );
    }
  }
}

async function calls(values: { readonly calls?: boolean; readonly quick?: boolean }): Promise<void> {
  console.log(
    `One AWS call takes ${latencyMs} ms (restarts: 0 ms). Targets are healthy at once, pods come at once.\n`,
  );
  const rows = [...(await lifeOfAnIngress())];
  if (!values.quick) {
    rows.push(...(await restart(200, undefined, { aim: '≤ 300 (0)', createAim: '(≤ 1,612)' })));
    rows.push(...(await restart(200, 'shared', { aim: '≤ 15 (0)', createAim: '' })));
  }
  print(rows, values.calls === true);
  const planning = planningTime();
  console.log(
    `\nPlanning a group of ${planning.rules} rules: ${planning.medianMs.toFixed(1)} ms of CPU, median of ${planning.runs} runs (aim ≤ 5 ms)`,
  );
}

const usage = `usage: npm run bench [-- [--quick] [--calls] PART…]

  PART     calls, targets, memory or rollouts; without one all of them
  --quick  calls without restarts, rollouts in a shorter form
  --calls  calls by operation`;

function given() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        calls: { type: 'boolean' },
        quick: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function main(): Promise<number> {
  const args = given();
  if (typeof args === 'string') {
    console.error(`bench: ${args}\n\n${usage}`);
    return 2;
  }
  const { values, positionals } = args;
  if (values.help === true) {
    console.log(usage);
    return 0;
  }
  const parts = new Map<string, () => Promise<void>>([
    ['calls', () => calls(values)],
    ['targets', () => benchTargets((line) => console.log(line))],
    ['memory', () => benchMemory((line) => console.log(line))],
    ['rollouts', () => benchRollouts({ quick: values.quick === true, print: (line) => console.log(line) })],
  ]);
  const unknown = positionals.find((name) => !parts.has(name));
  if (unknown !== undefined) {
    console.error(`bench: there is no part “${unknown}”\n\n${usage}`);
    return 2;
  }
  for (const [name, part] of parts) if (positionals.length === 0 || positionals.includes(name)) await part();
  return 0;
}

process.exitCode = await main();
