import type { Endpoint, Node, Taint } from '../domain/cluster.ts';
import type { CoreConfig } from '../domain/config.ts';
import type { TargetsIntent } from '../domain/group-model.ts';
import { type NamespacedName, namespacedName } from '../domain/ids.ts';
import { matchesLabels } from '../domain/label-selector.ts';
import type { Problem } from '../domain/problem.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import type { DesiredTarget } from '../domain/target.ts';
import type { Selection } from './selection.ts';
import { withSilent } from './silence.ts';

/**
 * Nodes as targets on the node port. Nodes that are Ready, and those whose state is unknown when it is that of too
 * many (fail open: the API server may be the one who is cut off). Cordoned nodes stay: their pods still serve.
 *
 * A node whose providerID names no EC2 instance is left out with a warning (`TargetUnusable`); ALBC stops for all.
 */
export function instanceTargets(intent: TargetsIntent, snapshot: Snapshot, config: CoreConfig): Selection {
  const port = intent.servicePort.nodePort;
  if (port === undefined) return { value: [], unready: [], leaving: [], problems: [] };
  const local = localNodes(intent, snapshot, config);
  const isIn = (names: ReadonlySet<string> | undefined) => (node: Node) =>
    isEligible(node, intent) && (names === undefined || names.has(node.meta.name));
  const among = (names: ReadonlySet<string> | undefined) => [...snapshot.nodes.values()].filter(isIn(names));
  const eligible = among(local?.serving);
  const suitable = eligible.filter(({ taints }) => !taints.some(isLeaving));
  const reporting = suitable.filter((node) => node.ready === 'True');
  const silent = suitable.filter((node) => node.ready === 'Unknown');
  const chosen = withSilent({ reporting, silent }, snapshot, config);
  const targetsOf = (nodes: readonly Node[]): readonly DesiredTarget[] =>
    nodes.flatMap((node) => {
      const instance = instanceId(node);
      return instance === undefined ? [] : [target(node, instance, port)];
    });
  return {
    value: targetsOf(chosen),
    unready: targetsOf([
      ...eligible.filter((node) => !chosen.includes(node)),
      ...among(local?.waiting ?? new Set()),
    ]),
    leaving: targetsOf(among(local?.ending ?? new Set()).filter((node) => !chosen.includes(node))),
    problems: chosen.filter((node) => instanceId(node) === undefined).map(badProviderId),
  };
}

/** Labels by which nodes take no traffic from load balancers: Kubernetes' own ones, whatever their value. */
const excludingLabels = [
  'node-role.kubernetes.io/master',
  'node.kubernetes.io/exclude-from-external-load-balancers',
  'alpha.service-controller.kubernetes.io/exclude-balancer',
];

/** Nodes without an EC2 instance in this VPC. ALBC lets hybrid ones through and then fails on their providerID. */
const computeTypesWithoutInstance = ['fargate', 'hybrid'];

function isEligible({ meta }: Node, intent: TargetsIntent): boolean {
  const { labels } = meta;
  return (
    !excludingLabels.some((label) => label in labels) &&
    !computeTypesWithoutInstance.includes(labels['eks.amazonaws.com/compute-type'] ?? '') &&
    matchesLabels({ matchLabels: intent.nodeLabels, matchExpressions: intent.nodeExpressions ?? [] }, labels)
  );
}

/** Taints of the two autoscalers on nodes that they are about to remove. */
export function isLeaving({ key, effect }: Taint): boolean {
  if (key === 'ToBeDeletedByClusterAutoscaler') return true;
  return key === 'karpenter.sh/disrupted' && effect === 'NoSchedule';
}

type LocalNodes = {
  readonly serving: ReadonlySet<string>;
  /** Where nothing serves at all: nodes of pods that are not ready. Their state alone empties no target group. */
  readonly waiting: ReadonlySet<string>;
  /** Nodes of pods that end and still serve. */
  readonly ending: ReadonlySet<string>;
};

/** Whether only nodes with an endpoint of the Service take its requests. ALBC leaves that to the health check. */
export function isLocal(
  { service }: Pick<TargetsIntent, 'service'>,
  { services }: Pick<Snapshot, 'services'>,
  { policy }: Pick<CoreConfig, 'policy'>,
): boolean {
  const found = services.get(namespacedName(service.namespace, service.name));
  return policy.compatibility !== 'albc' && found?.externalTrafficPolicy === 'Local';
}

/**
 * With externalTrafficPolicy Local a node without an endpoint of the Service drops what it gets, so only nodes with one
 * are registered: with a ready one, else with a terminating one that still serves (as kube-proxy chooses).
 */
function localNodes(intent: TargetsIntent, snapshot: Snapshot, config: CoreConfig): LocalNodes | undefined {
  const id: NamespacedName = namespacedName(intent.service.namespace, intent.service.name);
  if (!isLocal(intent, snapshot, config)) return undefined;
  const endpoints = (snapshot.endpointSlices.get(id) ?? []).flatMap((slice) => slice.endpoints);
  const ready = endpoints.filter((endpoint) => endpoint.ready);
  const serving = ready.length > 0 ? ready : endpoints.filter((endpoint) => endpoint.serving);
  const waiting = serving.length > 0 ? [] : endpoints.filter((endpoint) => !endpoint.terminating);
  const nodesOf = (some: readonly Endpoint[]) => new Set(some.map(({ nodeName }) => nodeName ?? ''));
  const ending = endpoints.filter((endpoint) => endpoint.terminating && endpoint.serving);
  return { serving: nodesOf(serving), waiting: nodesOf(waiting), ending: nodesOf(ending) };
}

/** `aws:///us-west-2a/i-0123456789abcdef0` → `i-0123456789abcdef0`. */
export function instanceId({ providerId }: Node): string | undefined {
  const last = providerId.split('/').at(-1) ?? '';
  return last.startsWith('i-') ? last : undefined;
}

function target({ meta }: Node, id: string, port: number): DesiredTarget {
  const object = { kind: 'Node', id: namespacedName('', meta.name), uid: meta.uid } as const;
  return { id, port, availabilityZone: undefined, object };
}

function badProviderId({ meta, providerId }: Node): Problem {
  const has = providerId === '' ? 'no providerID' : `the providerID "${providerId}"`;
  return {
    kind: 'problem',
    code: 'TargetUnusable',
    severity: 'warning',
    scope: 'member',
    object: { apiVersion: 'v1', kind: 'Node', namespace: '', name: meta.name, uid: meta.uid },
    path: 'spec.providerID',
    message: `Node ${meta.name} has ${has}, so it cannot be registered as an instance target; aws:///<zone>/i-… is expected`,
    hint: 'Let the AWS cloud provider set it, keep the node out with the label node.kubernetes.io/exclude-from-external-load-balancers, or use target-type ip',
  };
}
