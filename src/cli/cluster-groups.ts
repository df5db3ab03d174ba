// The groups of a cluster with what AWS has of them, planned: reads only, for the commands that look at both.

import { type Aws, createAws } from '../aws/aws.ts';
import { findVpcId } from '../aws/facts/vpc.ts';
import type { Inventory } from '../core/domain/observation.ts';
import type { Config } from '../config/load.ts';
import type { ClusterObject } from '../core/domain/cluster.ts';
import { clusterUidOf, otherClusterOf } from '../core/domain/cluster-uid.ts';
import type { CoreConfig } from '../core/domain/config.ts';
import type { FieldPath, Settled } from '../core/domain/drift.ts';
import { backendSecurityGroupId } from '../core/domain/desired-group.ts';
import type { GroupKey } from '../core/domain/ids.ts';
import { emptyObservedGroup, type ObservedGroup } from '../core/domain/observed-group.ts';
import { type Snapshot, withObjects } from '../core/domain/snapshot.ts';
import { groupModel } from '../core/model/group.ts';
import { allGroupKeys } from '../core/model/membership.ts';
import { factsQuery, type GroupPlan, planGroup } from '../core/pipeline.ts';
import { nothing } from '../engine/inventory.ts';
import { adoptedArn, depthFor, withLoadBalancers } from '../engine/observation.ts';
import { findChangeLog, type Kept } from '../kube/change-log.ts';
import { ClusterWatch } from '../kube/cluster-watch.ts';
import { loadKubeConfig } from '../kube/kube-config.ts';
import { kubeTransport } from '../kube/transport.ts';
import { orAborted } from '../lib/abort.ts';
import { systemClock } from '../lib/clock.ts';
import { callsFor, vpcPlaces, withRegion } from '../controller/aws-calls.ts';
import { followSecrets } from '../controller/secrets.ts';
import { createLog } from '../telemetry/log.ts';
import { isOfGroup, noSuchGroup } from './of-group.ts';
import { UserError } from './user-error.ts';

export type PlannedGroup = { readonly planned: GroupPlan; readonly observed: ObservedGroup };

export type ClusterGroups = {
  readonly aws: Aws;
  readonly config: CoreConfig;
  readonly snapshot: Snapshot;
  readonly inventory: Inventory;
  /** What the controller keeps for people. */
  readonly kept: Kept;
  /** In order of key. */
  readonly groups: readonly PlannedGroup[];
};

export type ClusterOptions = {
  /** Only this group; undefined: all. */
  readonly group: string | undefined;
  /** Nothing is planned. */
  readonly unplanned?: true;
  /** Objects that the cluster does not have, or has otherwise. */
  readonly also?: readonly ClusterObject[];
  /** Takes every difference for drift; absent: what the controller says has drifted. */
  readonly settled?: 'everything';
  /** How the cluster is seen; by default as it is. */
  readonly view?: (snapshot: Snapshot, config: CoreConfig) => Snapshot;
  readonly signal: AbortSignal;
};

/** A watch would wait for ever; a person at a terminal would not. */
const patienceMs = 30_000;

/** Reads cluster and AWS, does `work` with what was found, and lets go of both. */
export async function withClusterGroups<T>(
  given: Config,
  { group, unplanned, also = [], settled, view = (snapshot) => snapshot, signal }: ClusterOptions,
  work: (groups: ClusterGroups) => Promise<T>,
): Promise<T> {
  const config = await withRegion(given, { signal });
  const clock = systemClock;
  const access = await loadKubeConfig({ kubeconfig: config.kube.kubeconfig, clock });
  const namespace = config.kube.leaderElection.namespace ?? access.namespace;
  const transport = kubeTransport(access);
  const watch = new ClusterWatch({
    transport,
    clock,
    log: createLog('silent'),
    watchNamespace: config.kube.watchNamespace,
    pods: config.core.policy.compatibility === 'albc' ? 'all' : 'gated',
  });
  watch.start();
  try {
    await firstLists(watch, signal);
    await followSecrets(watch, config, { clock, signal });
    const present = withObjects(watch.snapshot(), also);
    return await withAws(config, { snapshot: present, signal }, async (aws, core) => {
      const snapshot = view(present, core);
      const all = allGroupKeys(snapshot, core);
      const keys = unplanned === true ? [] : all.filter((key) => isOfGroup(key, group));
      if (group !== undefined && keys.length === 0) throw noSuchGroup(group, all);
      const inventory = await aws.inventory({ signal });
      const kept = await findChangeLog({ transport, namespace }, { signal });
      const settledOf = (key: GroupKey): Settled => settled ?? driftedIn(kept, key);
      const planOne = planner({ aws, config: core, snapshot, inventory, settledOf, signal });
      const knownIds = await idsOf(aws, core, signal);
      const groups: PlannedGroup[] = [];
      for (const key of keys) groups.push(await planOne(key, knownIds));
      return work({ aws, config: core, snapshot, inventory, groups, kept });
    });
  } finally {
    await watch.stop();
    await transport.close();
  }
}

/** Does `work` with the AWS of the configuration, whose region is known, and closes it. `snapshot`: where there is a cluster. */
export async function withAws<T>(
  config: Config,
  { snapshot, signal }: { readonly snapshot: Snapshot | undefined; readonly signal: AbortSignal },
  work: (aws: Aws, core: CoreConfig) => Promise<T>,
): Promise<T> {
  const clock = systemClock;
  const calls = callsFor(config, { clock, credentials: undefined, hooks: {} });
  try {
    const vpcId = await findVpcId(calls, vpcPlaces(config, snapshot), { signal });
    const core = { ...config.core, vpcId, clusterUid: snapshot && clusterUidOf(snapshot) };
    const { clusterName, backendSecurityGroup } = core;
    const aws = createAws({
      calls,
      clock,
      vpcId,
      clusterName,
      isOthers: (tags) => otherClusterOf(tags, core) !== undefined,
      backendSecurityGroup,
      byTaggingApi: core.featureGates.EnableRGTAPI,
      makesCertificates: core.featureGates.EnableCertificateManagement,
      limits: config.aws.limits,
    });
    return await work(aws, core);
  } finally {
    calls.close();
  }
}

/** The fields of a group that have drifted, as the controller says. */
export const driftedIn = ({ drift }: Pick<Kept, 'drift'>, key: GroupKey): ReadonlySet<FieldPath> =>
  new Set((drift[key] ?? []).map(({ path }) => path));

type KnownIds = Parameters<typeof planGroup>[0]['knownIds'];

async function idsOf(aws: Aws, { backendSecurityGroup }: CoreConfig, signal: AbortSignal): Promise<KnownIds> {
  const seen = await aws.observeNetwork({ instanceIds: [], podAddresses: [] }, { signal });
  const backendId = backendSecurityGroup ?? seen.backendSecurityGroup?.id;
  return new Map(backendId === undefined ? [] : [[backendSecurityGroupId, backendId] as const]);
}

function planner({
  aws,
  config,
  snapshot,
  inventory,
  settledOf,
  signal,
}: Omit<ClusterGroups, 'groups' | 'kept'> & {
  readonly settledOf: (key: GroupKey) => Settled;
  readonly signal: AbortSignal;
}) {
  return async (key: GroupKey, knownIds: KnownIds): Promise<PlannedGroup> => {
    const model = groupModel(snapshot, key, config);
    const adopted = adoptedArn(model, config, undefined);
    const listed = inventory.get(key);
    const observed =
      listed === undefined && adopted.length === 0
        ? emptyObservedGroup(key)
        : await aws.observeGroup(
            key,
            withLoadBalancers(listed ?? nothing, adopted),
            depthFor(model, config),
            { signal },
          );
    const facts = await aws.facts(
      { ...factsQuery({ snapshot, key, config, observed }), serviceQuotas: true },
      { signal },
    );
    const planned = planGroup({
      snapshot,
      key,
      config,
      observed,
      facts,
      previous: undefined,
      refused: new Map(),
      knownIds,
      drift: { settled: settledOf(key), resting: new Map() },
    });
    return { planned, observed };
  };
}

async function firstLists(watch: ClusterWatch, signal: AbortSignal): Promise<void> {
  const patience = AbortSignal.timeout(patienceMs);
  try {
    await orAborted(watch.ready(), AbortSignal.any([signal, patience]));
  } catch (error) {
    if (!patience.aborted) throw error;
    throw new UserError(watch.trouble()[0] ?? 'the API server did not answer in time');
  }
}
