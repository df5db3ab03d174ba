// `albatross plan` against a cluster and its AWS account: reads only, and says what the controller would do now.

import { createAws } from '../aws/aws.ts';
import { findVpcId } from '../aws/facts/vpc.ts';
import type { Config } from '../config/load.ts';
import { groupModel } from '../core/model/group.ts';
import { allGroupKeys } from '../core/model/membership.ts';
import { unknownNeeds } from '../core/desired/network-needs.ts';
import { networkPlan, networkQuery } from '../core/plan/network.ts';
import { factsQuery, type GroupPlan, planGroup } from '../core/pipeline.ts';
import type { ClusterObject } from '../core/domain/cluster.ts';
import { onlyQuotas } from '../core/domain/facts.ts';
import { backendSecurityGroupId } from '../core/domain/desired-group.ts';
import type { GroupKey } from '../core/domain/ids.ts';
import { emptyObservedGroup, type ObservedGroup } from '../core/domain/observed-group.ts';
import { withObjects } from '../core/domain/snapshot.ts';
import { depthFor } from '../engine/observation.ts';
import { ClusterWatch } from '../kube/cluster-watch.ts';
import { loadKubeConfig } from '../kube/kube-config.ts';
import { kubeTransport } from '../kube/transport.ts';
import { orAborted } from '../lib/abort.ts';
import { systemClock } from '../lib/clock.ts';
import { createLog } from '../telemetry/log.ts';
import { callsFor, followSecrets, vpcPlaces, withRegion } from '../main.ts';
import type { Planned } from './plan-output.ts';
import { UserError } from './user-error.ts';

/** A watch would wait for ever; a person at a terminal would not. */
const patienceMs = 30_000;

export async function planCluster(
  given: Config,
  {
    group,
    also = [],
    signal,
  }: {
    readonly group: string | undefined;
    /** Objects that the cluster does not have, or has otherwise. */
    readonly also?: readonly ClusterObject[];
    readonly signal: AbortSignal;
  },
): Promise<Planned> {
  const config = await withRegion(given, { signal });
  const clock = systemClock;
  const transport = kubeTransport(await loadKubeConfig({ kubeconfig: config.kube.kubeconfig, clock }));
  const watch = new ClusterWatch({
    transport,
    clock,
    log: createLog('silent'),
    watchNamespace: config.kube.watchNamespace,
    pods: config.core.policy.compatibility === 'albc' ? 'all' : 'gated',
  });
  const calls = callsFor(config, { clock, credentials: undefined, hooks: {} });
  watch.start();
  try {
    await firstLists(watch, signal);
    await followSecrets(watch, config, { clock, signal });
    const vpcId = await findVpcId(calls, vpcPlaces(config, watch.snapshot()), { signal });
    const core = { ...config.core, vpcId };
    const { clusterName, backendSecurityGroup } = core;
    const aws = createAws({
      calls,
      clock,
      vpcId,
      clusterName,
      backendSecurityGroup,
      byTaggingApi: core.featureGates.EnableRGTAPI,
      makesCertificates: core.featureGates.EnableCertificateManagement,
      limits: config.aws.limits,
    });
    const snapshot = withObjects(watch.snapshot(), also);
    const keys = allGroupKeys(snapshot, core).filter((key) => group === undefined || key === group);
    const inventory = await aws.inventory({ signal });
    const seen = await aws.observeNetwork({ instanceIds: [], podAddresses: [] }, { signal });
    const backendId = backendSecurityGroup ?? seen.backendSecurityGroup?.id;
    const knownIds = new Map(backendId === undefined ? [] : [[backendSecurityGroupId, backendId] as const]);
    const planOne = async (key: GroupKey): Promise<GroupPlan> => {
      const model = groupModel(snapshot, key, core);
      const resources = inventory.get(key);
      const observed =
        resources === undefined
          ? emptyObservedGroup(key)
          : await aws.observeGroup(key, resources, depthFor(model, core), { signal });
      observedGroups.set(key, observed);
      const facts = await aws.facts(factsQuery({ snapshot, key, config: core, observed }), { signal });
      return planGroup({
        snapshot,
        key,
        config: core,
        observed,
        facts,
        previous: undefined,
        refused: new Map(),
        knownIds,
      });
    };
    const groups: GroupPlan[] = [];
    const observedGroups = new Map<GroupKey, ObservedGroup>();
    for (const key of keys) groups.push(await planOne(key));
    // Groups in AWS that are not ours to plan, such as ALBC's beside us, still need what they have.
    const others = [...inventory.keys()].map((key) => [key, unknownNeeds] as const);
    const needs = new Map([
      ...others,
      ...groups.map(({ desired }) => [desired.key, desired.network] as const),
    ]);
    const observed = await aws.observeNetwork(networkQuery(needs), { signal });
    const network = networkPlan({
      needs,
      observed,
      complete: group === undefined,
      config: core,
      alone: false,
    });
    const { quotas, regionUse } = await aws.facts(onlyQuotas, { signal });
    const all = { groups: observedGroups, network: observed, quotas, regionUse };
    return { groups, network, seen: all, assumptions: [], complaints: [] };
  } finally {
    await watch.stop();
    calls.close();
    await transport.close();
  }
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
