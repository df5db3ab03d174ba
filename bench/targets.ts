// `npm run bench -- targets`: how soon a change of endpoints becomes a RegisterTargets call, and what such changes cost.

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Bench } from './measure.ts';
import { endpointSlice, ingress, selectorless } from './manifests.ts';
import { percentile } from './percentile.ts';

const services = 500;
const perGroup = 50;
const names = Array.from({ length: services }, (_none, i) => `svc-${i}`);

/** 500 target groups of two pods each, on ten load balancers. */
export async function benchTargets(print: (line: string) => void): Promise<void> {
  const bench = await Bench.start(0);
  try {
    const { store } = bench.world.kube;
    store.apply(names.flatMap((name, i) => [selectorless(name), slice(i, 0), ingressOf(i)]));
    await bench.startController({ rationed: false });
    await bench.stopController();
    const { knobs } = bench.world.aws;
    knobs.latencyMs = 50;
    await bench.startController();
    // Buckets are full again.
    await sleep(10_000);
    print(
      await latency(bench, 'one pod replaced, nothing else to do', {
        changes: 20,
        everyMs: 1000,
        aim: 'p99 ≤ 100 ms',
      }),
    );
    Object.assign(knobs.throttling, { enabled: true, neighbourTokensPerSecond: 1 });
    store.apply(names.map((_name, i) => ingressOf(i, { 'healthcheck-path': '/healthy' })));
    await sleep(2000);
    print(
      await latency(bench, `one pod replaced while ${services} target groups change`, {
        changes: 100,
        everyMs: 750,
        aim: 'p99 ≤ 250 ms',
      }),
    );
    await bench.stopController();
    Object.assign(knobs.throttling, { enabled: false });
    await bench.startController({ rationed: false });
    await bench.stopController();
    await bench.startController();
    await sleep(10_000);
    print(await calls(bench));
  } finally {
    await bench.close();
  }
}

/** From the change in the Kubernetes API to the arrival of the call in AWS. */
async function latency(
  bench: Bench,
  work: string,
  plan: { readonly changes: number; readonly everyMs: number; readonly aim: string },
): Promise<string> {
  const { changes, everyMs, aim } = plan;
  const { kube, aws } = bench.world;
  const { mark } = aws.trace;
  const begun = new Map<string, number>();
  const stalls = monitorEventLoopDelay({ resolution: 5 });
  stalls.enable();
  for (let i = 0; i < changes; i += 1) {
    const service = (i * 7) % services;
    const { object, fresh } = replaced(service);
    begun.set(fresh, Date.now());
    kube.store.apply([object]);
    await sleep(everyMs);
  }
  await sleep(3000);
  stalls.disable();
  const stallMs = (nanoseconds: number): string => `${Math.round(nanoseconds / 1e6)} ms`;
  const entries = aws.trace.entries(mark);
  const times = entries.flatMap(({ operation, params, time, errorCode }) => {
    if (operation !== 'RegisterTargets' || errorCode !== undefined) return [];
    const targets = (params['Targets'] ?? []) as readonly { readonly Id: string }[];
    return targets.flatMap(({ Id }) => {
      const since = begun.get(Id);
      begun.delete(Id);
      return since === undefined ? [] : [time - since];
    });
  });
  const sorted = times.toSorted((a, b) => a - b);
  const throttled = entries.filter(({ errorCode }) => errorCode?.startsWith('Throttling') === true).length;
  return (
    `${work}: ${percentile(sorted, 50)} ms p50, ${percentile(sorted, 99)} ms p99 of ${sorted.length} (aim ${aim}), ` +
    `${begun.size} not sent yet, ${entries.length} AWS calls of which ${throttled} were throttled; ` +
    `event loop stalls ${stallMs(stalls.percentile(50))} p50, ${stallMs(stalls.percentile(99))} p99, ${stallMs(stalls.max)} longest`
  );
}

/** 1,000 changes, 50 a second, over 50 Services. */
async function calls(bench: Bench): Promise<string> {
  const { kube } = bench.world;
  const cost = await bench.cost(async () => {
    for (let i = 0; i < 1000; i += 1) {
      kube.store.apply([replaced(i % 50).object]);
      await sleep(20);
    }
  });
  const { RegisterTargets = 0, DeregisterTargets = 0 } = cost.operations;
  return (
    `1,000 endpoint changes over 50 Services in ${services} target groups, 50 a second: ${RegisterTargets} RegisterTargets, ` +
    `${DeregisterTargets} DeregisterTargets, ${cost.calls} AWS calls in all, done after ${cost.seconds.toFixed(0)} s`
  );
}

const generations = new Map<number, number>();

/** The slice of a Service in which a new pod has taken the place of the older one of two, and the new one's address. */
function replaced(service: number): { readonly object: object; readonly fresh: string } {
  const generation = (generations.get(service) ?? 0) + 1;
  generations.set(service, generation);
  return { object: slice(service, generation), fresh: addressOf(service, generation + 1) };
}

const slice = (service: number, generation: number): object =>
  endpointSlice(names[service] ?? '', [addressOf(service, generation), addressOf(service, generation + 1)]);

/** Addresses of the nodes' interfaces, as the VPC CNI gives them to pods; AWS takes one back only when it has drained. */
const pool = [96, 128, 160].flatMap((third) =>
  Array.from({ length: 230 }, (_none, i) => `10.0.${third}.${20 + i}`),
);
const addressOf = (service: number, generation: number): string =>
  pool[(service + generation * 7) % pool.length] ?? '';

const ingressOf = (i: number, annotations: Readonly<Record<string, string>> = {}): object =>
  ingress({
    name: names[i] ?? '',
    rules: [{ host: `h${i}.example.com`, paths: { '/': names[i] ?? '' } }],
    group: `g${Math.floor(i / perGroup)}`,
    annotations: Object.fromEntries(
      Object.entries(annotations).map(([key, value]) => [`alb.ingress.kubernetes.io/${key}`, value]),
    ),
  });
