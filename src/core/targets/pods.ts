import ipaddr from 'ipaddr.js';
import type { Endpoint, Node, Pod } from '../domain/cluster.ts';
import type { CoreConfig, Policy } from '../domain/config.ts';
import type { VpcFact } from '../domain/facts.ts';
import type { TargetsIntent } from '../domain/group-model.ts';
import { namespacedName } from '../domain/ids.ts';
import { isTargetHealthGate } from '../domain/readiness-gate.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import type { DesiredTarget } from '../domain/target.ts';
import type { Selection } from './selection.ts';
import { withSilent } from './silence.ts';

type Context = { readonly vpc: VpcFact | undefined; readonly config: CoreConfig };

/** `reserve`: its node has stopped reporting, so nobody knows. */
type Standing = 'registered' | 'reserve' | 'out';

/**
 * Pod addresses of the Service port, from the slices of the target group's address family. Each slice has its own port
 * number: pods of one Service may give a named port different numbers.
 *
 * Endpoints that no pod stands behind are left out, as ALBC does: they can be any address, the cluster's API included.
 */
export function podTargets(intent: TargetsIntent, snapshot: Snapshot, context: Context): Selection {
  const service = namespacedName(intent.service.namespace, intent.service.name);
  const slices = snapshot.endpointSlices.get(service) ?? [];
  const family = intent.ipAddressType === 'ipv6' ? 'IPv6' : 'IPv4';
  const candidates = slices
    .filter(({ addressType }) => addressType === family)
    .flatMap(({ ports, endpoints }) => {
      const port = ports.find(({ name }) => name === intent.servicePort.name)?.port;
      return port === undefined ? [] : endpoints.map((endpoint) => ({ endpoint, port }));
    })
    .map((candidate) => ({ ...candidate, standing: standing(candidate.endpoint, snapshot, context.config) }));
  const of = (wanted: Standing): readonly DesiredTarget[] =>
    candidates
      .filter((candidate) => candidate.standing === wanted)
      .flatMap(({ endpoint, port }) => target(endpoint, port, { ...context, snapshot }));
  const found = { reporting: of('registered'), silent: of('reserve') };
  const value = withSilent(found, snapshot, context.config);
  // Single pods may say that they want no requests; when all do so at once, it is rather something that they share.
  const staying = value.length > 0 ? [] : candidates.filter(({ endpoint }) => !endpoint.terminating);
  const leaving = candidates.filter(({ endpoint }) => endpoint.terminating);
  const [unready = [], ending = []] = [staying, leaving].map((each) =>
    each.flatMap(({ endpoint, port }) => target(endpoint, port, { ...context, snapshot })),
  );
  return { value, unready, leaving: ending, problems: [] };
}

/**
 * A pod with a readiness gate is not ready before its target is healthy, so one that only waits for that is let in while
 * its node is fine. ALBC lets in every pod whose containers are ready. Of a pod that is not in the snapshot only the
 * node's silence can be told.
 */
function standing(endpoint: Endpoint, snapshot: Snapshot, { policy }: CoreConfig): Standing {
  if (endpoint.ready) return 'registered';
  const node = snapshot.nodes.get(namespacedName('', endpoint.nodeName ?? ''));
  if (node === undefined || endpoint.pod === undefined) return 'out';
  const pod = snapshot.pods.get(namespacedName(endpoint.pod.namespace, endpoint.pod.name));
  if (pod !== undefined && !isTrue(pod, 'ContainersReady')) return 'out';
  if (node.ready === 'Unknown') return 'reserve';
  const isFine = node.ready === 'True' && !endpoint.terminating;
  return isFine && pod !== undefined && isLetIn(pod, policy) ? 'registered' : 'out';
}

const isLetIn = (pod: Pod, { compatibility }: Policy): boolean =>
  compatibility === 'albc' || lacksOnlyHealth(pod);

/** Other gates are somebody's word that the pod must not be used yet. */
function lacksOnlyHealth(pod: Pod): boolean {
  const others = pod.readinessGates.filter((type) => !isTargetHealthGate(type));
  return others.length < pod.readinessGates.length && others.every((type) => isTrue(pod, type));
}

function isTrue({ conditions }: Pod, wanted: string): boolean {
  return conditions.some(({ type, status }) => type === wanted && status === 'True');
}

/** Only the first address counts: further ones are the same endpoint again (EndpointSlice API). */
function target(
  endpoint: Endpoint,
  port: number,
  { vpc, snapshot }: Context & { readonly snapshot: Snapshot },
): readonly DesiredTarget[] {
  const [id] = endpoint.addresses;
  if (id === undefined || endpoint.pod === undefined) return [];
  const { namespace, name, uid } = endpoint.pod;
  const node = snapshot.nodes.get(namespacedName('', endpoint.nodeName ?? ''));
  const object = { kind: 'Pod', id: namespacedName(namespace, name), uid } as const;
  if (vpc === undefined || isInside(id, vpc))
    return [{ id, port, availabilityZone: undefined, ...placeOf(node, id), object }];
  const nodeZone = node?.meta.labels['topology.kubernetes.io/zone'];
  return [{ id, port, availabilityZone: 'all', ...(nodeZone === undefined ? {} : { nodeZone }), object }];
}

/** The interface of a HyperPod node is in the VPC, and the instance behind it in an account of AWS (albc-behaviour §6.4). */
function placeOf(node: Node | undefined, id: string): Pick<DesiredTarget, 'nodeAddress'> {
  if (node?.meta.labels['sagemaker.amazonaws.com/compute-type'] !== 'hyperpod') return {};
  const isLike = (address: string): boolean => address.includes(':') === id.includes(':');
  const nodeAddress = node.internalIps.find(isLike) ?? node.internalIps[0];
  return nodeAddress === undefined ? {} : { nodeAddress };
}

/** An address outside the VPC must be registered with the zone `all` (RegisterTargets). */
function isInside(address: string, vpc: VpcFact): boolean {
  if (!ipaddr.isValid(address)) return true;
  const parsed = ipaddr.parse(address);
  return rangesOf(vpc).some(
    ([network, bits]) => network.kind() === parsed.kind() && parsed.match(network, bits),
  );
}

type Ranges = readonly (readonly [network: ReturnType<typeof ipaddr.parse>, bits: number])[];
/** One VPC is asked for each of thousands of pods. */
const parsedRanges = new WeakMap<VpcFact, Ranges>();

function rangesOf(vpc: VpcFact): Ranges {
  const known = parsedRanges.get(vpc);
  if (known !== undefined) return known;
  const ranges = [...vpc.cidrs, ...vpc.ipv6Cidrs].map((cidr) => ipaddr.parseCIDR(cidr));
  parsedRanges.set(vpc, ranges);
  return ranges;
}
