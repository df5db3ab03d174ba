import type { Violation } from './checks.ts';
import { run } from './run.ts';
import type { IngressSpec, Scenario } from './scenario.ts';

/** Tries of one shrinking; each is a run. */
const most = 400;

/** The least of a scenario that still breaks the same invariant: steps and settings are left out one by one. */
export async function shrink(scenario: Scenario, violation: Violation): Promise<Scenario> {
  let least = scenario;
  let tries = 0;
  const fails = async (candidate: Scenario): Promise<boolean> => {
    tries += 1;
    const found = (await run(candidate)).violation;
    return found !== undefined && kindOf(found) === kindOf(violation);
  };
  for (let isSmaller = true; isSmaller && tries < most; ) {
    isSmaller = false;
    for (const candidate of smaller(least)) {
      if (tries >= most) break;
      if (!isMended(candidate) || !(await fails(candidate))) continue;
      least = candidate;
      isSmaller = true;
      break;
    }
  }
  return least;
}

/** One invariant is broken in many ways: its name and the words that every such violation has. */
const kindOf = ({ invariant, what }: Violation): string =>
  invariant === 'convergence' ? what.replaceAll(/\b(?=\w*[\d:/.-])\S+/g, '').slice(0, 30) : invariant;

/** Whether all that was taken away is back at the end: without it, nothing need be as planned. */
function isMended({ steps }: Scenario): boolean {
  const last = new Map<string, boolean>();
  for (const { step } of steps) {
    if (step.kind === 'service') last.set(`service ${step.name}`, step.present);
    if (step.kind === 'class' || step.kind === 'params') last.set(step.kind, step.present);
    if (step.kind === 'node') last.set(`node ${step.node}`, step.state === 'ready');
  }
  return ![...last.values()].includes(false);
}

/** Each a little less than this one, the largest cuts first. */
function* smaller(scenario: Scenario): Generator<Scenario> {
  const { steps, knobs } = scenario;
  for (const size of [8, 4, 2, 1]) {
    if (size > 1 && size * 2 > steps.length) continue;
    for (let at = steps.length - size; at >= 0; at -= size)
      yield { ...scenario, steps: [...steps.slice(0, at), ...steps.slice(at + size)] };
  }
  for (const key of [
    'describeLagMs',
    'tagLagMs',
    'staleReadsMs',
    'provisioningMs',
    'interfaceReleaseMs',
  ] as const)
    if ((knobs[key] ?? 0) > 0) yield { ...scenario, knobs: { ...knobs, [key]: 0 } };
  if (Object.keys(knobs.quotas ?? {}).length > 0) yield { ...scenario, knobs: { ...knobs, quotas: {} } };
  if (scenario.overTheWire) yield { ...scenario, overTheWire: false };
  if (scenario.withParams) yield { ...scenario, withParams: false };
  for (const [at, { after, step }] of steps.entries()) {
    const withStep = (changed: (typeof steps)[number]): Scenario => ({
      ...scenario,
      steps: steps.map((each, index) => (index === at ? changed : each)),
    });
    if (step.kind === 'ingress')
      for (const spec of simpler(step.spec)) yield withStep({ after, step: { ...step, spec } });
    if (after < 1500) yield withStep({ after: 20_000, step });
  }
}

function simpler(spec: IngressSpec): readonly IngressSpec[] {
  const { https: _https, ...plain } = spec;
  const { order: _order, ...unordered } = spec;
  return [
    ...(spec.paths.length > 1 ? spec.paths : []).map((left) => ({
      ...spec,
      paths: spec.paths.filter((path) => path !== left),
    })),
    ...(spec.https ? [plain] : []),
    ...(spec.order === undefined ? [] : [unordered]),
  ];
}
