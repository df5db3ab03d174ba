import type { ControlPlane } from '../../src/simulator/aws/control-plane.ts';
import type { GroupKey } from '../../src/core/domain/ids.ts';
import { loadBalancersOf, registered, tagOf } from './account.ts';
import type { Checks } from './checks.ts';
import type { Cluster } from './cluster.ts';
import { resourceTag, stackTag } from './expectations.ts';
import { othersThings, unwanted } from './left-over.ts';
import { bindingCidr } from './objects.ts';

/** Where the account is not as it should be once everything has come to rest. */
export function differences(input: {
  readonly account: ControlPlane;
  readonly cluster: Cluster;
  readonly checks: Checks;
  /** Who has a place below a tight quota depends on who came first, which an empty account does not tell. */
  readonly isTight: boolean;
  readonly isAlbc: boolean;
  /** Nobody else is to have anything on our load balancers. */
  readonly isExclusive: boolean;
}): readonly string[] {
  const { isTight, checks, cluster } = input;
  return [
    ...(isTight
      ? []
      : [
          ...checks.wrongRequests(cluster.ingresses, (key) => isHeldBack(key, input)),
          ...wrongTargetGroups(input),
          ...unwanted({ ...input, expected: checks.expected, isLoose: (key) => isLoose(key, input) }),
        ]),
    ...leftOver(input),
    ...(input.isExclusive ? othersThings(input) : []),
    ...wrongBindings(input),
    ...cluster.api.store
      .list('networking.k8s.io/v1', 'Ingress')
      .flatMap(({ metadata: { name } }) =>
        cluster.ingresses.has(name) || isHeldWhole(input) ? [] : [`Ingress ${name} is not gone`],
      ),
  ];
}

/** With ALBC's preset a member with a mistake holds its whole group, and those who leave it. */
const isHeldWhole = ({ isAlbc, cluster, checks }: Parameters<typeof differences>[0]): boolean =>
  isAlbc && [...cluster.ingresses.keys()].some((name) => !checks.expected.valid.has(name));

/** Whether a group may have more than is wanted: what a held member had, or somebody else's things are on it. */
function isLoose(key: string, { account, checks, cluster }: Input): boolean {
  const { valid } = checks.expected;
  const { listeners, rules } = partsOf(account, key);
  const isForeign = ({ arn }: { readonly arn: string }): boolean =>
    tagOf(account, arn, stackTag) === undefined;
  return (
    [...cluster.ingresses.keys()].some((name) => !valid.has(name)) ||
    loadBalancersOf(account, key).length > 1 ||
    listeners.some(isForeign) ||
    rules.some((rule) => rule.priority !== 'default' && isForeign(rule))
  );
}

/** Nothing is replaced while a member is held, for its rules could not be moved; meanwhile the group stays as it is. */
function isHeldBack(key: GroupKey, { account, checks, cluster }: Input): boolean {
  const { groups, valid, keys } = checks.expected;
  const wanted = groups.get(key)?.loadBalancer;
  const isHolding = [...cluster.ingresses.keys()].some(
    (name) => !valid.has(name) && keys.get(name)?.includes(key) === true,
  );
  const isThere = loadBalancersOf(account, key).some(({ scheme }) => scheme === wanted?.scheme);
  return isHolding && !isThere;
}

/** Target groups that TargetGroupBindings name have what their Services have, or nothing any more. */
function wrongBindings({ account, cluster }: Input): readonly string[] {
  const wrong = [...account.state.targetGroups.values()].flatMap((group) => {
    const { name } = group;
    if (!name.startsWith('bound-')) return [];
    const binding = cluster.bindings.get(name);
    const should = (binding === undefined ? [] : cluster.endpoints(binding)).toSorted().join(' ');
    const is = [...registered(group)].toSorted().join(' ');
    return is === should ? [] : [`targets of ${name}: ${is} instead of ${should}`];
  });
  const isOpen = [...account.state.securityGroups.values()].some(({ rules }) =>
    [...rules.values()].some(({ source }) => source.kind === 'ipv4' && source.cidr === bindingCidr),
  );
  const isWanted = [...cluster.bindings.values()].some(({ networking }) => networking);
  const isRight = isOpen === isWanted;
  return [
    ...wrong,
    ...(isRight ? [] : [`the way that TargetGroupBindings ask for is ${isOpen ? 'open' : 'shut'}`]),
    ...cluster.api.store
      .list('elbv2.k8s.aws/v1beta1', 'TargetGroupBinding')
      .flatMap(({ metadata: { name } }) =>
        cluster.bindings.has(name) ? [] : [`TargetGroupBinding ${name} is not gone`],
      ),
  ];
}

type Input = Parameters<typeof differences>[0];

function wrongTargetGroups(input: Input): readonly string[] {
  const { account, cluster, checks } = input;
  const { groups, valid } = checks.expected;
  const present = [...account.state.targetGroups.values()];
  const wanted = [...groups]
    .filter(([key]) => !isHeldBack(key, input))
    .flatMap(([, { targetGroups }]) => targetGroups);
  const names = new Set(wanted.map(({ name }) => name));
  const isHeld = [...cluster.ingresses.keys()].some((name) => !valid.has(name));
  const found = wanted.map(({ name, targetType, tags, targets }) => {
    const named = present.filter((candidate) => candidate.name === name);
    // After a replacement of its load balancer a target group has a second name, or both if the old one has to stay.
    const renamed = present.filter(
      (candidate) =>
        !names.has(candidate.name) &&
        candidate.targetType === targetType &&
        [resourceTag, stackTag].every((key) => tagOf(account, candidate.arn, key) === tags[key]),
    );
    const isDouble = named.length === 0 || hasOldBesideNew(account, tags[stackTag] ?? '');
    return { name, targets, groups: isDouble ? [...named, ...renamed.slice(0, 1)] : named };
  });
  const wrong = found.flatMap(({ name, targets, groups: those }) => {
    if (those.length === 0) return [`no target group ${name}`];
    const should = targets
      .map(({ id, port }) => `${id}:${port}`)
      .toSorted()
      .join(' ');
    return those.flatMap((group) => {
      const is = [...registered(group)].toSorted().join(' ');
      return is === should ? [] : [`targets of ${group.name}: ${is} instead of ${should}`];
    });
  });
  const kept = new Set(found.flatMap(({ groups: those }) => those));
  const left = present.flatMap((group) =>
    tagOf(account, group.arn, stackTag) === undefined ||
    isHeld ||
    kept.has(group) ||
    isOnOldBesideNew(group.arn, account)
      ? []
      : [`target group ${group.name} is left over`],
  );
  return [...wrong, ...left];
}

/** A load balancer that was replaced stays as it is while a stranger has a listener or a rule on it. */
function hasOldBesideNew(account: ControlPlane, key: string): boolean {
  const { listeners, rules } = partsOf(account, key);
  const isForeign = ({ arn }: { readonly arn: string }): boolean =>
    tagOf(account, arn, stackTag) === undefined;
  const hasStranger =
    listeners.some(isForeign) || rules.some((rule) => rule.priority !== 'default' && isForeign(rule));
  return loadBalancersOf(account, key).length > 1 && hasStranger;
}

/** Whether a rule, which may be one of an old load balancer that stays as it is, forwards to this target group. */
function isOnOldBesideNew(arn: string, account: ControlPlane): boolean {
  const key = tagOf(account, arn, stackTag) ?? '';
  const { rules } = partsOf(account, key);
  return hasOldBesideNew(account, key) && rules.some((rule) => JSON.stringify(rule.actions).includes(arn));
}

function partsOf(account: ControlPlane, key: string) {
  const all = new Set(loadBalancersOf(account, key).map(({ arn }) => arn));
  const listeners = [...account.state.listeners.values()].filter((listener) =>
    all.has(listener.loadBalancerArn),
  );
  const arns = new Set(listeners.map(({ arn }) => arn));
  const rules = [...account.state.rules.values()].filter(({ listenerArn }) => arns.has(listenerArn));
  return { listeners, rules };
}

/**
 * Load balancers and security groups of groups that have no Ingress. An Ingress with a mistake in its new group, or without a
 * place there, is still served by the old one.
 */
function leftOver({ account, cluster, checks, isTight }: Input): readonly string[] {
  const { keys } = checks.expected;
  const { loadBalancers, securityGroups } = account.state;
  const named = new Set(
    cluster.api.store
      .list('networking.k8s.io/v1', 'Ingress')
      .filter(
        ({ metadata: { name } }) =>
          cluster.ingresses.has(name) && (isTight || !checks.expected.valid.has(name)),
      )
      .flatMap((ingress) => hostnamesOf(ingress)),
  );
  const serving = [...loadBalancers.values()].filter(({ dnsName }) => named.has(dnsName.toLowerCase()));
  const live = new Set<string | undefined>([
    ...[...cluster.ingresses.keys()].flatMap((name) => keys.get(name) ?? []),
    ...serving.map(({ arn }) => tagOf(account, arn, stackTag)),
  ]);
  return [...loadBalancers.keys(), ...securityGroups.keys()].flatMap((id) => {
    const key = tagOf(account, id, stackTag);
    const isShared = tagOf(account, id, resourceTag) === 'backend-sg';
    return key === undefined || isShared || live.has(key) ? [] : [`${id} of ${key} is left over`];
  });
}

function hostnamesOf(ingress: object): readonly string[] {
  const { status } = ingress as {
    readonly status?: {
      readonly loadBalancer?: { readonly ingress?: readonly { readonly hostname?: string }[] };
    };
  };
  return (status?.loadBalancer?.ingress ?? []).flatMap(({ hostname }) => hostname ?? []);
}
