// Reads what AWS has for one group, in as few calls as its resources allow: one each for load balancers, target groups,
// security groups and tags of a small group, one for the listeners of each load balancer, one for the rules of each listener.
//
// A page or a batch that fails fails the whole observation: what was not read must never look like what does not exist.
// Only AWS's own "not found" for a known ARN means that it is gone.

import type { GroupResources, ObservationDepth } from '../../core/domain/observation.ts';
import type { LoadBalancer, TargetGroup } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Tags } from '../../core/domain/desired-group.ts';
import type { GroupKey, ListenerArn, LoadBalancerArn, TargetGroupArn } from '../../core/domain/ids.ts';
import type {
  ObservedGroup,
  ObservedListener,
  ObservedLoadBalancer,
  ObservedTargetGroup,
} from '../../core/domain/observed-group.ts';
import type { AwsContext, Signalled } from '../context.ts';
import type { Found } from '../handover.ts';
import { associatedWebAcl, shieldProtection } from './add-ons.ts';
import { classicWebAcl } from './classic-web-acl.ts';
import { observeCertificates } from './certificates.ts';
import { listenerAttributes, listenerCertificates, listenersOf, type UntaggedListener } from './listeners.ts';
import {
  loadBalancerAttributes,
  loadBalancersByArn,
  observedLoadBalancer,
  reservedCapacity,
} from './load-balancers.ts';
import { rulesOf, type UntaggedRule } from './rules.ts';
import { observeSecurityGroups } from './security-groups.ts';
import { observeTargets } from './targets.ts';
import { observedTargetGroup, targetGroupAttributes, targetGroupsByArn } from './target-groups.ts';

type UntaggedTree = {
  readonly listeners: readonly (UntaggedListener & { readonly untaggedRules: readonly UntaggedRule[] })[];
};

/** Observes the group's resources by their ARNs and ids, as the inventory or earlier operations gave them. */
export async function observeGroup(
  context: AwsContext,
  key: GroupKey,
  { resources, depth }: { readonly resources: GroupResources; readonly depth: ObservationDepth },
  { signal }: Signalled,
): Promise<ObservedGroup> {
  const [loadBalancers, trees, targetGroups, securityGroups, certificates] = await Promise.all([
    loadBalancersByArn(context, resources.loadBalancerArns, { signal }),
    Promise.all(resources.loadBalancerArns.map((arn) => listenerTree(context, arn, { signal }))),
    targetGroupsByArn(context, resources, { signal }),
    observeSecurityGroups(context, resources.securityGroupIds, { signal }),
    observeCertificates(context, resources.certificateArns, { signal }),
  ]);
  const treeOf = new Map(resources.loadBalancerArns.map((arn, index) => [arn, trees[index]]));
  const arns = [
    ...untaggedArns(loadBalancers, (item) => item.LoadBalancerArn),
    ...untaggedArns(targetGroups, (item) => item.TargetGroupArn),
    ...trees.flatMap(({ listeners }) => listeners.flatMap(arnsOfListener)),
  ];
  const told = context.handover.takeTags(arns);
  const untold = arns.filter((arn) => !told.has(arn));
  const read = untold.length === 0 ? [] : await context.tags.read(untold, { signal });
  const tags = new Map([...told, ...read]);
  return {
    key,
    loadBalancers: await loadBalancersOf(context, { found: loadBalancers, treeOf, tags, depth }, { signal }),
    targetGroups: await targetGroupsOf(context, { found: targetGroups, tags, depth }, { signal }),
    securityGroups,
    certificates,
  };
}

function untaggedArns<Item>(
  found: readonly Found<Item>[],
  arnOf: (item: Item) => string | undefined,
): readonly string[] {
  return found.filter(({ tags }) => tags === undefined).map(({ item }) => arnOf(item) ?? '');
}

const arnsOfListener = ({ arn, untaggedRules }: UntaggedTree['listeners'][number]): readonly string[] => [
  arn,
  ...untaggedRules.map((rule) => rule.arn),
];

async function listenerTree(
  context: AwsContext,
  arn: LoadBalancerArn,
  { signal }: Signalled,
): Promise<UntaggedTree> {
  const listeners = await listenersOf(context, arn, { signal });
  const withRules = listeners.map(async (listener) => ({
    ...listener,
    // A listener of a network load balancer has none.
    untaggedRules: listener.protocol === 'TCP' ? [] : await rulesOf(context, listener.arn, { signal }),
  }));
  return { listeners: await Promise.all(withRules) };
}

async function loadBalancersOf(
  context: AwsContext,
  input: {
    readonly found: readonly Found<LoadBalancer>[];
    readonly treeOf: ReadonlyMap<LoadBalancerArn, UntaggedTree | undefined>;
    readonly tags: ReadonlyMap<string, Tags>;
    readonly depth: ObservationDepth;
  },
  { signal }: Signalled,
): Promise<readonly ObservedLoadBalancer[]> {
  const { found, treeOf, tags, depth } = input;
  const all = found.map(async ({ item, tags: itsTags }): Promise<readonly ObservedLoadBalancer[]> => {
    const arn = item.LoadBalancerArn as LoadBalancerArn;
    const known = itsTags ?? tags.get(arn);
    // Gone between its description and its tags.
    if (known === undefined) return [];
    const isNetwork = item.Type === 'network';
    const [attributes, capacityUnits, webAclArn, classicWebAclId, protection] = await Promise.all([
      depth.loadBalancerAttributes ? loadBalancerAttributes(context, arn, { signal }) : undefined,
      isNetwork ? 0 : depth.capacityReservation ? reservedCapacity(context, arn, { signal }) : undefined,
      isNetwork ? '' : depth.webAcl ? associatedWebAcl(context, arn, { signal }) : undefined,
      isNetwork ? '' : depth.classicWebAcl ? classicWebAcl(context, arn, { signal }) : undefined,
      isNetwork
        ? ('none' as const)
        : depth.shieldProtection
          ? shieldProtection(context, arn, { signal })
          : undefined,
    ]);
    const listeners = (treeOf.get(arn)?.listeners ?? []).map((listener) =>
      observedListener(context, { listener, tags, depth }, { signal }),
    );
    return [
      observedLoadBalancer(item, {
        attributes,
        capacityUnits,
        webAclArn,
        classicWebAclId,
        shieldProtection: protection,
        tags: known,
        listeners: (await Promise.all(listeners)).flat(),
        vpcId: context.vpcId,
      }),
    ];
  });
  return (await Promise.all(all)).flat().toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

async function observedListener(
  context: AwsContext,
  input: {
    readonly listener: UntaggedTree['listeners'][number];
    readonly tags: ReadonlyMap<string, Tags>;
    readonly depth: ObservationDepth;
  },
  { signal }: Signalled,
): Promise<readonly ObservedListener[]> {
  const { untaggedRules, ...listener } = input.listener;
  const tags = input.tags.get(listener.arn);
  if (tags === undefined) return [];
  const arn: ListenerArn = listener.arn;
  const isHttps = listener.protocol === 'HTTPS';
  const [attributes, certificates] = await Promise.all([
    input.depth.listenerAttributes ? listenerAttributes(context, arn, { signal }) : undefined,
    input.depth.listenerCertificates && isHttps ? listenerCertificates(context, arn, { signal }) : undefined,
  ]);
  const rules = untaggedRules.flatMap((rule) => {
    const its = input.tags.get(rule.arn);
    return its === undefined ? [] : [{ ...rule, tags: its }];
  });
  return [{ ...listener, attributes, certificates, tags, rules }];
}

async function targetGroupsOf(
  context: AwsContext,
  input: {
    readonly found: readonly Found<TargetGroup>[];
    readonly tags: ReadonlyMap<string, Tags>;
    readonly depth: ObservationDepth;
  },
  { signal }: Signalled,
): Promise<readonly ObservedTargetGroup[]> {
  const all = input.found.map(async ({ item, tags: itsTags }): Promise<readonly ObservedTargetGroup[]> => {
    const tags = itsTags ?? input.tags.get(item.TargetGroupArn ?? '');
    if (tags === undefined) return [];
    const attributes = input.depth.targetGroupAttributes.has(item.TargetGroupName ?? '')
      ? await targetGroupAttributes(context, item.TargetGroupArn as TargetGroupArn, { signal })
      : undefined;
    // Nobody else looks after the one target of such a group, and there are few.
    const targets =
      item.TargetType === 'alb'
        ? await observeTargets(context, item.TargetGroupArn as TargetGroupArn, { signal })
        : undefined;
    return [observedTargetGroup(item, { attributes, tags, targets })];
  });
  return (await Promise.all(all)).flat().toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
