// Subnets of the load balancer (albc-behaviour §6.1): which ones are looked at, which are usable, one per zone.

import type { CoreConfig, Scheme } from '../domain/config.ts';
import type { SubnetFact } from '../domain/facts.ts';
import type { LoadBalancerIntent } from '../domain/group-model.ts';
import type { SubnetId } from '../domain/ids.ts';
import type { ObservedLoadBalancer } from '../domain/observed-group.ts';
import type { Checked, ObjectRef, Problem } from '../domain/problem.ts';
import { namedSubnets } from './subnets-named.ts';
import { choosePerZone } from './subnets-per-zone.ts';
import { type Refusal, countOf, subnetProblem } from './subnets-problem.ts';

/** What of a load balancer decides on its subnets; `type` is `application` where it is not said. */
export type SubnetsIntent = Pick<LoadBalancerIntent, 'scheme' | 'subnets' | 'ipAddressType'> & {
  readonly type?: 'network';
};

type Input = {
  readonly intent: SubnetsIntent;
  readonly subnets: readonly SubnetFact[];
  /** The group's load balancer as AWS has it, if it stays. */
  readonly existing: ObservedLoadBalancer | undefined;
  readonly config: CoreConfig;
  readonly object: ObjectRef;
};

/**
 * The subnets, each from another zone. Explicit ones keep the user's order, others are sorted by id. An existing load
 * balancer keeps its subnets while nobody names others: new subnets and lost tags must not move live traffic.
 *
 * On a problem (`SubnetsUnusable`, scope group) the value is what the load balancer has now, or nothing.
 */
export function chosenSubnets(input: Input): Checked<readonly SubnetId[]> {
  const result = choice(input);
  if (!('refused' in result)) return { value: result.map(({ id }) => id), problems: [] };
  const problem: Problem = subnetProblem(result.refused, input.object);
  return { value: input.existing?.subnets ?? [], problems: [problem] };
}

/** Whether the load balancer's present subnets are taken without looking at any. */
export function keepsSubnets(
  intent: SubnetsIntent,
  existing: ObservedLoadBalancer | undefined,
): existing is ObservedLoadBalancer {
  return intent.subnets.kind === 'discover' && existing !== undefined && existing.scheme === intent.scheme;
}

type Choice = readonly { readonly id: SubnetId }[] | Refusal;

function choice(input: Input): Choice {
  const { intent, subnets, existing } = input;
  const selection = intent.subnets;
  if (selection.kind === 'named') return namedSubnets(selection.idsOrNames, input);
  if (selection.kind === 'tagged') {
    const isTagged = hasTags(selection.tags);
    return among(isTagged, {
      ...input,
      lack: `the tags ${JSON.stringify(selection.tags)} of the IngressClassParams`,
    });
  }
  if (keepsSubnets(intent, existing)) return existing.subnets.map((id) => ({ id }));
  const isMeant = hasRole(intent.scheme);
  const lack = `the tag ${roleTag(intent.scheme)}=1`;
  return subnets.some(isMeant) ? among(isMeant, { ...input, lack }) : byRoutes({ ...input, lack });
}

/** Without role tags the route tables tell public subnets from private ones, where the gate allows it. */
function byRoutes(input: Input & { readonly lack: string }): Choice {
  const { scheme } = input.intent;
  if (!input.config.featureGates.SubnetDiscoveryByReachability) {
    const gate = 'and the feature gate SubnetDiscoveryByReachability is off';
    return among(() => false, { ...input, lack: `${input.lack}, ${gate}` });
  }
  const route = scheme === 'internal' ? 'a route table without' : 'a route table with';
  const lack = `${input.lack} as well as ${route} a route to an internet gateway`;
  return among(isReachable(scheme), { ...input, lack });
}

/** The choice among some of the VPC's subnets; a refusal also says how many others there are and what they lack. */
function among(
  isCandidate: (subnet: SubnetFact) => boolean,
  input: Input & { readonly lack: string },
): Choice {
  const candidates = input.subnets.filter(isCandidate);
  const chosen = choosePerZone(candidates, input);
  const others = input.subnets.length - candidates.length;
  if (!('refused' in chosen) || others === 0) return chosen;
  const text = `${chosen.refused.text}; ${countOf(others, 'other subnet')} of the VPC ${others === 1 ? 'lacks' : 'lack'} ${input.lack}`;
  return { refused: { ...chosen.refused, text } };
}

function roleTag(scheme: Scheme): string {
  return scheme === 'internal' ? 'kubernetes.io/role/internal-elb' : 'kubernetes.io/role/elb';
}

function hasRole(scheme: Scheme): (subnet: SubnetFact) => boolean {
  return ({ tags }) => ['', '1'].includes(tags[roleTag(scheme)] ?? 'absent');
}

function isReachable(scheme: Scheme): (subnet: SubnetFact) => boolean {
  return ({ routesToInternet }) => routesToInternet === (scheme === 'internet-facing');
}

/** EC2's filter semantics: every key must be there with one of its values; no values means any. */
function hasTags(wanted: Readonly<Record<string, readonly string[]>>): (subnet: SubnetFact) => boolean {
  return ({ tags }) =>
    Object.entries(wanted).every(([key, values]) => {
      const value = tags[key];
      return value !== undefined && (values.length === 0 || values.includes(value));
    });
}
