// Accepted members become one load balancer with its listeners. Nothing can disagree here any more.

import type { CoreConfig } from '../domain/config.ts';
import type {
  ListenerIntent,
  LoadBalancerIntent,
  RuleIntent,
  SecurityGroupSelection,
  SubnetSelection,
  TargetGroupRef,
} from '../domain/group-model.ts';
import { type Action, redirectPlaceholders } from '../domain/rule.ts';
import { classListenerAttributes } from './accept.ts';
import { addOnsOf } from './add-ons.ts';
import { replacementConsent } from './consent.ts';
import { mapOf, type LoadBalancerDraft } from './load-balancer.ts';
import type { MemberDraft } from './member-draft.ts';
import { listenerRules, type PlacedRule } from './listener-rules.ts';
import { withDefaultTags } from './tags.ts';

const everybody = ['0.0.0.0/0', '::/0'] as const;

/** Settings of the whole load balancer; with no member at all, those of an empty one. */
export function mergedLoadBalancer(drafts: readonly MemberDraft[], config: CoreConfig): LoadBalancerIntent {
  const first = <T>(pick: (draft: LoadBalancerDraft) => T | undefined): T | undefined =>
    drafts.map((draft) => pick(draft.loadBalancer)).find((value) => value !== undefined);
  const firstParams = drafts[0]?.params;
  const subnets: SubnetSelection = first((draft) => draft.subnets) ?? { kind: 'discover' };
  const capacityUnits = firstParams?.capacityUnits ?? first((draft) => draft.capacityUnits);
  return {
    name: first((draft) => draft.name),
    scheme: first((draft) => draft.scheme) ?? config.defaultLoadBalancerScheme,
    ipAddressType: first((draft) => draft.ipAddressType) ?? 'ipv4',
    subnets,
    securityGroups: securityGroupsOf(first, config),
    attributes: {
      ...Object.assign({}, ...drafts.map((draft) => draft.loadBalancer.attributes)),
      ...mapOf(firstParams?.loadBalancerAttributes ?? []),
    },
    customerOwnedIpv4Pool: first((draft) => draft.customerOwnedIpv4Pool),
    ipamPoolId: firstParams?.ipamPoolId ?? first((draft) => draft.ipamPoolId),
    capacityUnits: config.featureGates.LBCapacityReservation ? capacityUnits : undefined,
    ...addOnsOf(
      drafts.map(({ loadBalancer, member }) => ({ ...loadBalancer, member: member.ref })),
      config,
    ),
    ...replacementConsent(drafts, 'loadBalancer'),
    tags: mergedTags(drafts, config),
  };
}

function securityGroupsOf(
  first: <T>(pick: (draft: LoadBalancerDraft) => T | undefined) => T | undefined,
  config: CoreConfig,
): SecurityGroupSelection {
  const idsOrNames = first((draft) => draft.securityGroups);
  if (idsOrNames === undefined) return { kind: 'managed' };
  const asked = first((draft) => draft.manageBackendRules);
  return {
    kind: 'given',
    idsOrNames,
    manageBackendRules: asked ?? config.enableManageBackendSecurityGroupRules,
  };
}

function mergedTags(drafts: readonly MemberDraft[], config: CoreConfig): Readonly<Record<string, string>> {
  return withDefaultTags(Object.assign({}, ...drafts.map((draft) => draft.tags)), config);
}

export type MergedListener = { readonly listener: ListenerIntent; readonly placed: readonly PlacedRule[] };

/** The HTTPS port that every HTTP listener redirects to, as some member asks. */
export function redirectPort(drafts: readonly MemberDraft[]): number | undefined {
  return drafts.map((draft) => draft.loadBalancer.sslRedirectPort).find((port) => port !== undefined);
}

/** All listeners, in order of port. */
export function mergedListeners(
  drafts: readonly MemberDraft[],
  config: CoreConfig,
): readonly MergedListener[] {
  const ports = new Map(
    drafts.flatMap((draft) => draft.listen.ports.map((entry) => [entry.port, entry.protocol])),
  );
  const sorted = [...ports].toSorted(([a], [b]) => a - b);
  return sorted.map(([port, protocol]) => {
    const onPort = drafts.filter((draft) => draft.listen.ports.some((entry) => entry.port === port));
    return mergedListener({ port, protocol }, { onPort, redirectTo: redirectPort(drafts), config });
  });
}

type ListenerInput = {
  readonly onPort: readonly MemberDraft[];
  readonly redirectTo: number | undefined;
  readonly config: CoreConfig;
};

function mergedListener(
  entry: { readonly port: number; readonly protocol: 'HTTP' | 'HTTPS' },
  { onPort, redirectTo, config }: ListenerInput,
): MergedListener {
  const isSecure = entry.protocol === 'HTTPS';
  const secured = isSecure ? onPort : [];
  const onlyRedirects = !isSecure && redirectTo !== undefined;
  const placed = onlyRedirects ? [] : listenerRules(onPort, entry, config);
  const firstOf = <T>(pick: (draft: MemberDraft) => T | undefined): T | undefined =>
    onPort.map(pick).find((value) => value !== undefined);
  const inboundCidrs =
    onPort.map((draft) => draft.listen.inboundCidrs).find((cidrs) => cidrs.length > 0) ?? [];
  const prefixLists = onPort.map((draft) => draft.listen.prefixLists).find((lists) => lists.length > 0) ?? [];
  return {
    placed,
    listener: {
      ...entry,
      certificates: secured.flatMap(certificatesOf),
      discoverCertificatesFor: discovered(secured),
      sslPolicy: isSecure
        ? (firstOf((draft) => draft.listen.sslPolicy) ?? config.defaultSslPolicy)
        : undefined,
      mutualAuthentication: isSecure
        ? firstOf((draft) => draft.listen.mutualAuthentication.get(entry.port))
        : undefined,
      inboundCidrs: inboundCidrs.length + prefixLists.length === 0 ? everybody : inboundCidrs,
      prefixLists,
      attributes: {
        ...Object.assign({}, ...onPort.map((draft) => draft.listenerAttributes.get(entry.port) ?? {})),
        ...classListenerAttributes(onPort, entry.port),
      },
      defaultActions: onlyRedirects ? [redirectAction(redirectTo)] : defaultActions(onPort, isSecure),
      rules: placed.map((rule) => ruleIntent(rule, config)),
      tags: mergedTags(onPort, config),
    },
  };
}

/** Given ones go before one that is made. */
function certificatesOf({ listen, member: { ref: member } }: MemberDraft): ListenerIntent['certificates'] {
  if (listen.certificateArns.length > 0)
    return listen.certificateArns.map((arn) => ({ kind: 'given', arn, member }));
  return listen.request === undefined ? [] : [{ kind: 'requested', member }];
}

function discovered(onPort: readonly MemberDraft[]): ListenerIntent['discoverCertificatesFor'] {
  return onPort
    .filter((draft) => certificatesOf(draft).length === 0)
    .flatMap((draft) => draft.listen.hosts.map((host) => ({ host, member: draft.member.ref })));
}

function redirectAction(port: number): Action<TargetGroupRef> {
  return {
    kind: 'redirect',
    ...redirectPlaceholders,
    protocol: 'HTTPS',
    port: String(port),
    statusCode: 'HTTP_301',
  };
}

function defaultActions(
  onPort: readonly MemberDraft[],
  isSecure: boolean,
): readonly Action<TargetGroupRef>[] {
  const found = onPort.map((draft) => draft.defaultAction).find((action) => action !== undefined);
  if (found !== undefined) return isSecure ? [...found.authentication, ...found.actions] : found.actions;
  return [{ kind: 'fixed-response', statusCode: '404', contentType: 'text/plain', messageBody: undefined }];
}

function ruleIntent({ draft, rule, actions }: PlacedRule, config: CoreConfig): RuleIntent {
  return {
    conditions: rule.conditions,
    actions,
    transforms: rule.transforms,
    member: draft.member.ref,
    path: rule.path,
    tags: withDefaultTags(draft.tags, config),
  };
}
