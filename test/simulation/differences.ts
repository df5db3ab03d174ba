import type { ControlPlane } from '../../src/simulator/aws/control-plane.ts';
import { registered, tagOf } from './account.ts';
import { type Checks, keyOf } from './checks.ts';
import type { Cluster } from './cluster.ts';
import { resourceTag, stackTag } from './expectations.ts';

/** Where the account is not as it should be once everything has come to rest. */
export function differences(input: {
  readonly account: ControlPlane;
  readonly cluster: Cluster;
  readonly checks: Checks;
  /** Who has a place below a tight quota depends on who came first, which an empty account does not tell. */
  readonly isTight: boolean;
}): readonly string[] {
  const { isTight, checks, cluster } = input;
  return [
    ...(isTight ? [] : [...checks.wrongRequests(cluster.ingresses), ...wrongTargetGroups(input)]),
    ...leftOver(input),
    ...cluster.api.store
      .list('networking.k8s.io/v1', 'Ingress')
      .flatMap(({ metadata: { name } }) =>
        cluster.ingresses.has(name) ? [] : [`Ingress ${name} is not gone`],
      ),
  ];
}

type Input = Omit<Parameters<typeof differences>[0], 'isTight'>;

function wrongTargetGroups({ account, cluster, checks }: Input): readonly string[] {
  const { groups, valid } = checks.expected;
  const present = [...account.state.targetGroups.values()];
  const wanted = [...groups.values()].flatMap(({ targetGroups }) => targetGroups);
  const isHeld = [...cluster.ingresses.keys()].some((name) => !valid.has(name));
  const wrong = wanted.flatMap(({ name, targets }) => {
    const found = present.find((candidate) => candidate.name === name);
    if (found === undefined) return [`no target group ${name}`];
    const is = [...registered(found)].toSorted().join(' ');
    const should = targets
      .map(({ id, port }) => `${id}:${port}`)
      .toSorted()
      .join(' ');
    return is === should ? [] : [`targets of ${name}: ${is} instead of ${should}`];
  });
  const left = present.flatMap(({ arn, name }) =>
    tagOf(account, arn, stackTag) === undefined || isHeld || wanted.some((group) => group.name === name)
      ? []
      : [`target group ${name} is left over`],
  );
  return [...wrong, ...left];
}

/** Load balancers and security groups of groups that have no Ingress. */
function leftOver({ account, cluster }: Input): readonly string[] {
  const live = new Set([...cluster.ingresses.values()].map(keyOf));
  const { loadBalancers, securityGroups } = account.state;
  return [...loadBalancers.keys(), ...securityGroups.keys()].flatMap((id) => {
    const key = tagOf(account, id, stackTag);
    const isShared = tagOf(account, id, resourceTag) === 'backend-sg';
    return key === undefined || isShared || live.has(key) ? [] : [`${id} of ${key} is left over`];
  });
}
