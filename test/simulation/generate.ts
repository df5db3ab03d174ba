import type { FaultAction as AwsFaultAction } from '../../src/simulator/aws/faults.ts';
import type { Fault as KubeFault } from '../../src/simulator/kube/http/faults.ts';
import { type Random, randomFrom } from './random.ts';
import type { ForeignThing, HandEdit, IngressSpec, Path, Scenario, Step } from './scenario.ts';

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
  const count = 4 + random.below(10);
  const steps: { after: number; step: Step }[] = [];
  const add = (step: Step): void => {
    steps.push({ after: random.pick([200, 200, 1500, 20_000, 70_000]), step });
  };
  add({ kind: 'ingress', spec: ingress(random, services.length) });
  for (let index = 0; index < count; index += 1) {
    const draw = random.next();
    if (draw < 0.45 || calm) add(edit(random, services, withParams, index));
    else if (draw < 0.65) add(awsFault(random));
    else if (draw < 0.75) add({ kind: 'kubeFault', fault: kubeFault(random) });
    else if (draw < 0.78) add({ kind: 'compact' });
    else if (draw < 0.86) add({ kind: 'foreign', thing: random.pick(foreignThings), which: random.below(6) });
    else if (draw < 0.94) add({ kind: 'hand', edit: random.pick(handEdits), which: random.below(6) });
    else if (draw < 0.98) add({ kind: 'kill' });
    else add({ kind: 'partition' });
  }
  return {
    seed,
    withParams,
    services,
    overTheWire: seed % wireShare === 0,
    knobs: {
      latencyMs: 20 + random.below(60),
      provisioningMs: random.pick([0, 30_000]),
      interfaceReleaseMs: random.pick([0, 20_000]),
      describeLagMs: random.pick([0, 0, 1000, 4000]),
      tagLagMs: random.pick([0, 0, 1000, 4000]),
      throttling: { enabled: true },
      quotas: isTight
        ? {
            'rules-per-application-load-balancer': 3 + random.below(5),
          }
        : {},
    },
    steps: [...steps, ...mended(steps, withParams, services)],
  };
}

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

function ingress(random: Random, services: number): IngressSpec {
  const used = new Set<string>();
  const all: Path[] = [];
  for (let left = 1 + random.below(3); left > 0; left -= 1) {
    const path = random.pick(paths);
    if (used.has(path)) continue;
    used.add(path);
    all.push({
      path,
      pathType: random.pick(['Exact', 'Prefix', 'Prefix']),
      service: serviceNames[random.below(services)] ?? 'front',
    });
  }
  const invalid = random.chance(0.12)
    ? random.pick<'annotation' | 'path'>(['annotation', 'path'])
    : undefined;
  return {
    name: random.pick(ingressNames),
    ...(random.chance(0.65) ? { group: random.pick(['shop', 'shop', 'blog']) } : {}),
    ...(random.chance(0.4) ? { order: 1 + random.below(3) } : {}),
    ...(random.chance(0.3) ? { https: true } : {}),
    ...(invalid === undefined ? {} : { invalid }),
    paths: all,
    targetType: random.pick(['ip', 'ip', 'instance']),
  };
}

function edit(random: Random, services: Scenario['services'], withParams: boolean, index: number): Step {
  const draw = random.next();
  const { name } = services[random.below(services.length)] ?? { name: 'front' };
  if (draw < 0.5) return { kind: 'ingress', spec: ingress(random, services.length) };
  if (draw < 0.65) return { kind: 'deleteIngress', name: random.pick(ingressNames) };
  if (draw < 0.83) return { kind: 'pods', service: name, ready: pods(random, (index % 6) * 4) };
  if (draw < 0.91)
    return { kind: 'node', node: random.below(3), state: random.pick(['ready', 'notReady', 'gone']) };
  if (draw < 0.94) return { kind: 'class', present: random.chance(0.4) };
  if (draw < 0.97 && withParams)
    return { kind: 'params', present: random.chance(0.7), idleTimeout: random.pick([60, 90]) };
  return { kind: 'service', name, present: random.chance(0.5) };
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
