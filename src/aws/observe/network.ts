import type { SecurityGroup } from '@aws-sdk/client-ec2';
import type { SecurityGroupFact } from '../../core/domain/facts.ts';
import type { SecurityGroupId } from '../../core/domain/ids.ts';
import type { NetworkQuery, ObservedNetwork } from '../../core/domain/network.ts';
import type { ObservedSecurityGroup } from '../../core/domain/observed-group.ts';
import type { AwsContext, Signalled } from '../context.ts';
import { clusterTag, listSecurityGroups } from '../inventory.ts';
import { observedTags } from '../wire/tags.ts';
import type { Interfaces } from './interfaces.ts';
import { observedSecurityGroup, securityGroupsById } from './security-groups.ts';

/**
 * Reads the shared backend security group, the groups in front of the asked endpoints, and every group whose rules
 * may be ours: those, and the cluster's own (tag `kubernetes.io/cluster/<name>`), on which rules of endpoints that are gone
 * may be left. One call when endpoints are known and their groups are tagged so. With `before` the answer is that and
 * the asked endpoints, and rules are only read again when an endpoint has a group that was not seen before.
 */
export async function observeNetwork(
  context: AwsContext & { readonly interfaces: Interfaces },
  query: NetworkQuery,
  { signal, before }: Signalled & { readonly before?: ObservedNetwork | undefined },
): Promise<ObservedNetwork> {
  const [read, endpoints] = await Promise.all([
    before === undefined ? listed(context, { signal }) : undefined,
    context.interfaces.groupsOf(query, { signal }),
  ]);
  if (before !== undefined) {
    const known = withEndpoints(before, endpoints);
    if (known !== undefined) return known;
  }
  return withRules(context, {
    listed: read ?? (await listed(context, { signal })),
    endpoints,
    before,
    signal,
  });
}

/** What is known, with endpoints behind groups that are known too; undefined when one of those is not. */
function withEndpoints(
  before: ObservedNetwork,
  endpoints: ReadonlyMap<string, readonly string[]>,
): ObservedNetwork | undefined {
  const seen: readonly SecurityGroupFact[] = [
    ...[...before.securityGroups.values()].map(({ id, name, tags }) => ({ id, name, tags })),
    ...[...before.endpointGroups.values()].flat(),
  ];
  const facts = new Map(seen.map((group) => [group.id as string, group]));
  if ([...endpoints.values()].flat().some((id) => !facts.has(id))) return undefined;
  const added = [...endpoints].map(
    ([endpoint, ids]) => [endpoint, ids.flatMap((id) => facts.get(id) ?? [])] as const,
  );
  return { ...before, endpointGroups: new Map([...before.endpointGroups, ...added]) };
}

type Listed = Awaited<ReturnType<typeof listSecurityGroups>>;

async function listed(context: AwsContext, { signal }: Signalled): Promise<Listed> {
  return context.handover.takeClusterSecurityGroups() ?? listSecurityGroups(context, { signal });
}

async function withRules(
  context: AwsContext,
  {
    listed,
    endpoints,
    before,
    signal,
  }: Signalled & {
    readonly listed: Listed;
    readonly endpoints: ReadonlyMap<string, readonly string[]>;
    readonly before: ObservedNetwork | undefined;
  },
): Promise<ObservedNetwork> {
  const given = context.backendSecurityGroup;
  const needed = new Set([...[...endpoints.values()].flat(), ...(given === undefined ? [] : [given])]);
  for (const { GroupId = '' } of listed) needed.delete(GroupId);
  const others = await securityGroupsById(context, [...needed], { signal });
  const all = new Map([...listed, ...others].map((group) => [group.GroupId ?? '', group]));
  const backend =
    given === undefined ? listed.find((group) => isBackendGroup(group, context)) : all.get(given);
  const inFront = new Set([...endpoints.values()].flat());
  const ruled = [...all.values()].filter(
    (group) => inFront.has(group.GroupId ?? '') || isClusterGroup(group, context),
  );
  return {
    backendSecurityGroup: backend === undefined ? undefined : observedSecurityGroup(backend),
    endpointGroups: new Map([
      ...(before?.endpointGroups ?? []),
      ...[...endpoints].map(
        ([endpoint, ids]) =>
          [
            endpoint,
            ids.flatMap((id) => {
              const group = all.get(id);
              return group === undefined ? [] : [fact(group)];
            }),
          ] as const,
      ),
    ]),
    securityGroups: new Map(ruled.map((group) => keyed(observedSecurityGroup(group)))),
    others: context.othersGroups.ids,
  };
}

/** albc-behaviour §5.3. */
const isBackendGroup = (group: SecurityGroup, { clusterName, isOthers }: AwsContext): boolean => {
  const tags = observedTags(group.Tags);
  const isBackend = tags[clusterTag] === clusterName && tags['elbv2.k8s.aws/resource'] === 'backend-sg';
  return isBackend && !isOthers(tags);
};

const isClusterGroup = (group: SecurityGroup, { clusterName }: AwsContext): boolean =>
  observedTags(group.Tags)[`kubernetes.io/cluster/${clusterName}`] !== undefined;

const fact = (group: SecurityGroup): SecurityGroupFact => ({
  id: (group.GroupId ?? '') as SecurityGroupId,
  name: group.GroupName ?? '',
  tags: observedTags(group.Tags),
});

const keyed = (group: ObservedSecurityGroup): readonly [SecurityGroupId, ObservedSecurityGroup] => [
  group.id,
  group,
];
