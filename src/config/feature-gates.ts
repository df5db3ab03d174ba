// `--feature-gates=A=true,B=false`: ALBC's gates (albc-behaviour §9.2).

import type { FeatureGate } from '../core/domain/config.ts';
import { nearest } from '../lib/nearest.ts';
import { boolean, map, type Parsed } from './values.ts';

type Gate = { readonly fallback: boolean; readonly doc: string };

export const featureGates: Readonly<Record<FeatureGate, Gate>> = {
  ListenerRulesTagging: { fallback: true, doc: 'Tag listeners and rules.' },
  WeightedTargetGroups: { fallback: true, doc: 'Allow forward actions with several target groups.' },
  EndpointsFailOpen: {
    fallback: true,
    doc: 'Register endpoints that are not ready when no endpoint is ready.',
  },
  EnableIPTargetType: { fallback: true, doc: 'Allow target-type ip.' },
  EnableRGTAPI: {
    fallback: false,
    doc: 'Ask the Resource Groups Tagging API which resources are ours at a start, instead of reading the tags of every load balancer and target group.',
  },
  SubnetsClusterTagCheck: { fallback: true, doc: 'Leave subnets of other clusters out of discovery.' },
  SubnetDiscoveryByReachability: {
    fallback: true,
    doc: 'Discover subnets by their route tables when no subnet has a role tag.',
  },
  ALBSingleSubnet: { fallback: false, doc: 'Allow a load balancer in one subnet.' },
  LBCapacityReservation: { fallback: true, doc: 'Allow capacity reservations.' },
  EnhancedDefaultBehavior: {
    fallback: false,
    doc: 'An annotation that is taken away resets its setting (mutual authentication).',
  },
  EnableDefaultTagsLowPriority: { fallback: false, doc: 'Let annotations win over --default-tags.' },
  IngressPlanAnnotation: {
    fallback: false,
    doc: 'Write the desired state of each group into the annotation dry-run-plan of its first member.',
  },
  EnableCertificateManagement: {
    fallback: false,
    doc: 'Certificates are requested from ACM where Ingresses have create-acm-cert: true.',
  },
};

/** Gates of ALBC for things that this controller does not do; accepted so that its arguments carry over. */
const acceptedGates: readonly string[] = [
  'ALBTargetControlAgent',
  'ServiceTypeLoadBalancerOnly',
  'EnableServiceController',
  'EnableTCPUDPListener',
  'NLBHealthCheckAdvancedConfig',
  'NLBSecurityGroup',
  'NLBGatewayAPI',
  'ALBGatewayAPI',
  'GatewayListenerSet',
  'GlobalAcceleratorController',
];

export type FeatureGates = Readonly<Record<FeatureGate, boolean>>;

const isGate = (name: string): name is FeatureGate => Object.hasOwn(featureGates, name);

export function defaultFeatureGates(): FeatureGates {
  const entries = Object.entries(featureGates).map(([name, { fallback }]) => [name, fallback] as const);
  return Object.fromEntries(entries) as FeatureGates;
}

/** Every gate with its value: the given ones on top of the defaults. */
export function parseFeatureGates(text: string): Parsed<FeatureGates> {
  const pairs = map(text);
  if (pairs.kind === 'mistake') return pairs;
  const gates: Record<FeatureGate, boolean> = { ...defaultFeatureGates() };
  const mistakes: string[] = [];
  for (const [name, given] of Object.entries(pairs.value)) {
    const parsed = boolean(given);
    if (parsed.kind === 'mistake')
      mistakes.push(`gives ${name} the value “${given}”, which ${parsed.message}`);
    else if (isGate(name)) gates[name] = parsed.value;
    else if (!acceptedGates.includes(name)) mistakes.push(unknownGate(name));
  }
  return mistakes.length === 0
    ? { kind: 'value', value: gates }
    : { kind: 'mistake', message: mistakes.join('; and ') };
}

function unknownGate(name: string): string {
  const meant = nearest(name, [...Object.keys(featureGates), ...acceptedGates]);
  const known =
    meant === undefined ? `gates are ${Object.keys(featureGates).join(', ')}` : `did you mean ${meant}?`;
  return `names the unknown gate ${name} (${known})`;
}
