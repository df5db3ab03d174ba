import type { FaultAction as AwsFaultAction } from '../../src/simulator/aws/faults.ts';
import type { Fault as KubeFault } from '../../src/simulator/kube/http/faults.ts';
import { type Random, randomFrom } from './random.ts';
import type { BindingSpec, ForeignThing, HandEdit, IngressSpec, Path, Scenario, Step } from './scenario.ts';
import { inSomeWorld } from './worlds.ts';

const serviceNames = ['front', 'back', 'side'] as const;
const ingressNames = ['one', 'two', 'three', 'four'] as const;
const paths = ['/', '/a', '/a/b', '/b', '/c'] as const;
/** One run in so many goes over the wire format. */
const wireShare = 10;

/** The scenario of a seed: a small cluster, a list of edits, and what goes wrong meanwhile. */
export function generate(seed: number): Scenario {
  const random = randomFrom(seed);
  const isTight = random.chance(0.25);
  const calm = random.chance(0.15);
  const services = serviceNames.slice(0, 2 + random.below(2)).map((name) => ({
    name,
    ready: pods(random, 0),
  }));
  const withParams = random.chance(0.3);
  const isAlbc = !isTight && random.chance(0.15);
  const given: Given = { services, withParams, isAlbc, withBindings: random.chance(0.25) };
  const count = 4 + random.below(10);
  const steps: { after: number; step: Step }[] = [];
  const add = (step: Step): void => {
    steps.push({ after: random.pick([200, 200, 1500, 20_000, 70_000]), step });
  };
  add({ kind: 'ingress', spec: ingress(random, given) });
  for (let index = 0; index < count; index += 1) {
    const draw = random.next();
    if (draw < 0.45 || calm) add(edit(random, given, index));
    else if (draw < 0.65) add(awsFault(random));
    else if (draw < 0.75) add({ kind: 'kubeFault', fault: kubeFault(random) });
    else if (draw < 0.78) add({ kind: 'compact' });
    else if (draw < 0.86)
      add({ kind: 'foreign', thing: foreignThing(random, given), which: random.below(6) });
    else if (draw < 0.94) add({ kind: 'hand', edit: random.pick(handEdits), which: random.below(6) });
    else if (draw < 0.98) add({ kind: 'kill' });
    else add({ kind: 'partition' });
  }
  const scenario: Scenario = {
    seed,
    withParams,
    ...(isAlbc ? { preset: 'albc' } : {}),
    services,
    overTheWire: seed % wireShare === 0,
    knobs: {
      latencyMs: 20 + random.below(60),
      provisioningMs: random.pick([0, 30_000]),
      interfaceReleaseMs: random.pick([0, 20_000]),
      describeLagMs: random.pick([0, 0, 1000, 4000]),
      tagLagMs: random.pick([0, 0, 1000, 4000]),
      // ALBC's preset believes what it reads, as ALBC does.
      staleReadsMs: isAlbc ? 0 : random.pick([0, 0, 0, 2000, 8000]),
      throttling: { enabled: true },
      quotas: isTight ? tightQuota(random) : {},
    },
    steps: [...steps, ...mended(steps, withParams, services)],
  };
  return inSomeWorld(scenario, random);
}

type Given = {
  readonly services: Scenario['services'];
  readonly withParams: boolean;
  readonly isAlbc: boolean;
  readonly withBindings: boolean;
};

/** Mostly rules, which change most. */
function tightQuota(random: Random): NonNullable<Scenario['knobs']['quotas']> {
  const rules = { 'rules-per-application-load-balancer': 3 + random.below(5) };
  return random.pick([
    rules,
    rules,
    rules,
    { 'target-groups-per-application-load-balancer': 2 + random.below(3) },
    { 'targets-per-application-load-balancer': 4 + random.below(9) },
    { 'listeners-per-application-load-balancer': 1 + random.below(2) },
    { 'target-groups': 4 + random.below(4) },
    { 'application-load-balancers': 1 + random.below(2) },
  ]);
}

/** ALBC takes other people's rules, listeners and tags for its own. */
const foreignThing = (random: Random, { isAlbc }: Given): ForeignThing =>
  isAlbc ? random.pick(['targetGroup', 'securityGroupRule']) : random.pick(foreignThings);

/** What must be there at the end, so that there is a state to converge to. */
function mended(
  steps: readonly { readonly step: Step }[],
  withParams: boolean,
  services: Scenario['services'],
): Scenario['steps'] {
  const has = (kind: Step['kind']): boolean => steps.some(({ step }) => step.kind === kind);
  return [
    ...(has('class') ? [{ after: 1000, step: { kind: 'class', present: true } as const }] : []),
    ...(withParams && has('params')
      ? [{ after: 1000, step: { kind: 'params', present: true, idleTimeout: 60 } as const }]
      : []),
    ...services.flatMap(({ name }) =>
      steps.some(({ step }) => step.kind === 'service' && step.name === name)
        ? [{ after: 1000, step: { kind: 'service', name, present: true } as const }]
        : [],
    ),
    ...(has('node')
      ? ([0, 1, 2] as const).map((node) => ({
          after: 500,
          step: { kind: 'node', node, state: 'ready' } as const,
        }))
      : []),
  ];
}

const pods = (random: Random, from: number): readonly number[] =>
  Array.from({ length: 1 + random.below(4) }, (_none, index) => from + index);

function ingress(random: Random, { services, isAlbc }: Given): IngressSpec {
  const used = new Set<string>();
  const all: Path[] = [];
  for (let left = 1 + random.below(3); left > 0; left -= 1) {
    const path = random.pick(paths);
    if (used.has(path)) continue;
    used.add(path);
    all.push({
      path,
      pathType: random.pick(['Exact', 'Prefix', 'Prefix']),
      service: random.chance(0.12) ? 'split' : (serviceNames[random.below(services.length)] ?? 'front'),
    });
  }
  const invalid = random.chance(0.12)
    ? random.pick<'annotation' | 'path'>(['annotation', 'path'])
    : undefined;
  const group = random.chance(0.65) ? random.pick(['shop', 'shop', 'blog']) : undefined;
  // Members of a group rarely agree on what is its load balancer's.
  const own = group === undefined ? 0.2 : 0.04;
  return {
    name: random.pick(ingressNames),
    ...(group === undefined ? {} : { group }),
    ...(random.chance(0.4) ? { order: 1 + random.below(3) } : {}),
    ...(random.chance(0.35) ? https(random) : {}),
    ...(invalid === undefined ? {} : { invalid }),
    ...(random.chance(own) ? { securityGroups: random.pick(['given', 'kept']) } : {}),
    ...(!isAlbc && random.chance(own) ? { scheme: 'internet-facing' } : {}),
    ...(all.some(({ service }) => service === 'split') ? { split: random.pick(weights) } : {}),
    paths: all,
    targetType: random.pick(['ip', 'ip', 'instance']),
  };
}

type Weights = NonNullable<IngressSpec['split']>;
const weights: readonly [Weights, ...Weights[]] = [
  [100, 0],
  [50, 50],
  [0, 100],
];

const https = (random: Random): Pick<IngressSpec, 'https' | 'certificate' | 'sslRedirect'> => ({
  https: true,
  ...(random.chance(0.3) ? { certificate: true } : {}),
  ...(random.chance(0.2) ? { sslRedirect: true } : {}),
});

function edit(random: Random, given: Given, index: number): Step {
  const { services } = given;
  const draw = random.next();
  const { name } = services[random.below(services.length)] ?? { name: 'front' };
  if (given.withBindings && random.chance(0.25)) return bindingEdit(random, name);
  if (draw < 0.5) return { kind: 'ingress', spec: ingress(random, given) };
  if (draw < 0.65) return { kind: 'deleteIngress', name: random.pick(ingressNames) };
  if (draw < 0.8) return { kind: 'pods', service: name, ready: pods(random, (index % 6) * 4) };
  if (draw < 0.89)
    return { kind: 'node', node: random.below(3), state: random.pick(['ready', 'notReady', 'gone']) };
  if (draw < 0.92) return { kind: 'class', present: random.chance(0.4) };
  if (draw < 0.97 && given.withParams)
    return {
      kind: 'params',
      present: random.chance(0.7),
      idleTimeout: random.pick([60, 90]),
      ...(random.chance(0.3) ? { groupName: 'all' } : {}),
      ...(random.chance(0.3) ? { tags: true } : {}),
    };
  // ALBC takes the targets of a Service that is gone.
  if (given.isAlbc) return { kind: 'pods', service: name, ready: pods(random, (index % 6) * 4) };
  return { kind: 'service', name, present: random.chance(0.5) };
}

function bindingEdit(random: Random, service: string): Step {
  const name = random.pick<BindingSpec['name']>(['bound-ip', 'bound-instance']);
  return random.chance(0.35)
    ? { kind: 'deleteBinding', name }
    : { kind: 'binding', spec: { name, service, networking: random.chance(0.5) } };
}

const handEdits: readonly [HandEdit, ...HandEdit[]] = [
  'changeRule',
  'deleteRule',
  'deregisterTargets',
  'changeHealthCheck',
  'changeDefault',
  'revokeNodeRules',
  'deleteLoadBalancer',
];
const foreignThings: readonly [ForeignThing, ...ForeignThing[]] = [
  'rule',
  'listener',
  'certificate',
  'tag',
  'targetGroup',
  'securityGroupRule',
  'target',
];

const awsOperations: readonly [string, ...string[]] = [
  'CreateLoadBalancer',
  'CreateListener',
  'CreateRule',
  'ModifyRule',
  'DeleteRule',
  'SetRulePriorities',
  'CreateTargetGroup',
  'DeleteTargetGroup',
  'RegisterTargets',
  'DeregisterTargets',
  'DescribeTargetHealth',
  'DescribeLoadBalancers',
  'DescribeTargetGroups',
  'DescribeListeners',
  'DescribeRules',
  'DescribeTags',
  'DescribeSecurityGroups',
  'DescribeNetworkInterfaces',
  'AuthorizeSecurityGroupIngress',
  'RevokeSecurityGroupIngress',
  'CreateSecurityGroup',
  'DeleteSecurityGroup',
  'DeleteLoadBalancer',
];

function awsFault(random: Random): Step {
  const action = random.pick<AwsFaultAction>([
    { kind: 'fail', status: 500, code: 'InternalFailure' },
    { kind: 'fail', status: 503, code: 'ServiceUnavailable' },
    { kind: 'fail', status: 403, code: 'ExpiredToken' },
    { kind: 'throttle' },
    { kind: 'loseAnswer' },
    { kind: 'loseAnswer' },
    { kind: 'delay', ms: random.pick([500, 5000, 20_000]) },
    { kind: 'deny' },
  ]);
  return {
    kind: 'awsFault',
    ...(random.chance(0.8) ? { operation: random.pick(awsOperations) } : {}),
    nth: 1 + random.below(3),
    times: random.pick([1, 1, 2, 12]),
    action,
  };
}

function kubeFault(random: Random): KubeFault {
  const resource = random.pick([
    'ingresses',
    'ingressclasses',
    'ingressclassparams',
    'services',
    'endpointslices',
    'nodes',
    'targetgroupbindings',
  ]);
  const open = random.pick<KubeFault>([
    { verb: 'watch', resource, action: { kind: 'hang', afterEvents: random.below(3) } },
    { verb: 'watch', resource, action: { kind: 'reset', afterEvents: random.below(3) } },
    { verb: 'watch', resource, action: { kind: 'malformed', afterEvents: random.below(3) } },
    { verb: 'watch', resource, action: { kind: 'gone', inStream: random.chance(0.5) } },
    { verb: 'watch', resource, times: 3, action: { kind: 'status', code: 401 } },
    { verb: 'list', resource, times: 1 + random.below(4), action: { kind: 'status', code: 503 } },
    { verb: 'list', resource, action: { kind: 'truncate' } },
    { verb: 'list', resource, action: { kind: 'hang' } },
    { verb: 'patch', resource: 'ingresses', action: { kind: 'status', code: 500 } },
    { verb: 'patch', resource: 'ingresses', action: { kind: 'status', code: 409 } },
    { verb: 'patch', resource: 'ingresses', action: { kind: 'reset' } },
  ]);
  return open;
}
