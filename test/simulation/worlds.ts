// What some of the seeds have besides: promises that hold only where somebody asks for them.

import type { Random } from './random.ts';
import type { IngressSpec, Scenario, Step } from './scenario.ts';

type Steps = Scenario['steps'];
type World = (scenario: Scenario, random: Random) => Scenario;

/** One seed in so many is about one of the worlds. */
const share = 0.4;

const worlds: readonly [World, ...World[]] = [
  // Priorities that belong to others, where rules would go first.
  (scenario, random) => ({
    ...scenario,
    options: { 'reserved-rule-priorities': random.pick(['1-3', '2', '1,4-6']) },
  }),
  // Nobody else has anything on the load balancers.
  (scenario) => ({ ...scenario, options: { foreign: 'remove' } }),
  paused,
  paused,
  released,
  sharded,
  sharded,
  withDefaultBackend,
  deletedAtOnce,
  drifting,
  drifting,
];

/** Some seeds as they are, and the others in a world of their own. */
export function inSomeWorld(scenario: Scenario, random: Random): Scenario {
  const isApart = scenario.preset === 'albc' || Object.keys(scenario.knobs.quotas ?? {}).length > 0;
  return isApart || !random.chance(share) ? scenario : random.pick(worlds)(scenario, random);
}

function paused(scenario: Scenario, random: Random): Scenario {
  const names = [...new Set(specsOf(scenario).map(({ name }) => name))];
  const pause = (): Step => {
    const name = names[random.below(names.length + 1)];
    return name === undefined
      ? { kind: 'pause', scope: 'group' }
      : { kind: 'pause', name, scope: random.pick(['ingress', 'group']) };
  };
  const goOn = { after: 20_000, step: { kind: 'goOn' } as const };
  const at = 1 + random.below(scenario.steps.length);
  const before = [...scenario.steps.slice(0, at), { after: waitMs(random), step: pause() }];
  return { ...scenario, steps: [...before, ...scenario.steps.slice(at), goOn] };
}

/** An Ingress that has a load balancer for itself lets it go. */
function released(scenario: Scenario, random: Random): Scenario {
  const alone = withSpecs(scenario, ({ group: _group, ...spec }) => spec);
  const spec = specsOf(alone)[0];
  if (spec === undefined) return alone;
  const at = 1 + random.below(alone.steps.length);
  const release = {
    after: waitMs(random),
    step: { kind: 'ingress', spec: { ...spec, release: true } } as const,
  };
  return { ...alone, steps: [...alone.steps.slice(0, at), release, ...alone.steps.slice(at)] };
}

function sharded(scenario: Scenario, random: Random): Scenario {
  return withSpecs(scenario, (spec) => ({
    ...spec,
    ...(random.chance(0.8) ? { group: 'shop' } : {}),
    ...(random.chance(0.8) ? { shards: random.pick([1, 2, 3, 3]) } : {}),
  }));
}

/** Of one Ingress only: of several in a group the first one decides, which an empty account does not tell. */
function withDefaultBackend(scenario: Scenario, random: Random): Scenario {
  const { services } = scenario;
  const name = specsOf(scenario)[0]?.name;
  return withSpecs(scenario, (spec) => {
    const service = services[random.below(services.length)];
    const isIt = spec.name === name && service !== undefined && random.chance(0.7);
    return isIt ? { ...spec, defaultBackend: service.name } : spec;
  });
}

/** All Ingresses are deleted at once; later somebody says that it was meant. */
function deletedAtOnce(scenario: Scenario, random: Random): Scenario {
  const { steps } = withSpecs(scenario, ({ group: _group, ...spec }) => spec);
  const all = [
    { after: waitMs(random), step: { kind: 'deleteAll' } },
    { after: random.pick([5000, 70_000, 400_000]), step: { kind: 'allowDeletion' } },
  ] as const;
  return {
    ...scenario,
    options: { 'max-group-deletions': random.pick(['1', '2']) },
    steps: [...steps, ...all],
  };
}

/** When all is settled strangers change things, which nobody puts back. */
function drifting(scenario: Scenario, random: Random): Scenario {
  const isLater = ({ step }: Steps[number]): boolean =>
    ['hand', 'awsFault', 'kubeFault', 'kill', 'pods', 'node', 'compact'].includes(step.kind);
  const edits = scenario.steps.filter((step) => !isLater(step) && step.step.kind !== 'foreign');
  const hand = (after: number): Steps[number] => ({
    after,
    step: {
      kind: 'hand',
      edit: random.pick(['changeRule', 'deleteRule', 'changeHealthCheck', 'changeDefault']),
      which: random.below(6),
    },
  });
  return {
    ...scenario,
    options: { drift: random.pick(['report', 'ignore']) },
    steps: [...edits, hand(400_000), hand(1500), ...scenario.steps.filter(isLater), hand(20_000)],
  };
}

const waitMs = (random: Random): number => random.pick([200, 1500, 20_000, 70_000]);

const specsOf = ({ steps }: Scenario): readonly IngressSpec[] =>
  steps.flatMap(({ step }) => (step.kind === 'ingress' ? [step.spec] : []));

const withSpecs = (scenario: Scenario, change: (spec: IngressSpec) => IngressSpec): Scenario => ({
  ...scenario,
  steps: scenario.steps.map((each) =>
    each.step.kind === 'ingress' ? { ...each, step: { ...each.step, spec: change(each.step.spec) } } : each,
  ),
});
