// `albatross plan -f`: manifests against an empty AWS, offline.

import { readFile } from 'node:fs/promises';
import type { CoreConfig } from '../core/domain/config.ts';
import type { Quota } from '../core/domain/facts.ts';
import type { ClusterObject, Ingress, IngressClass } from '../core/domain/cluster.ts';
import { emptyObservedGroup } from '../core/domain/observed-group.ts';
import { type Snapshot, snapshotOf } from '../core/domain/snapshot.ts';
import { groupModel } from '../core/model/group.ts';
import { allGroupKeys } from '../core/model/membership.ts';
import { factsQuery, planGroup } from '../core/pipeline.ts';
import { networkPlan } from '../core/plan/network.ts';
import { decodeManifests, manifestProblemText, readManifests } from '../kube/manifest-files.ts';
import { assumedFacts, parseFacts } from './assumed-facts.ts';
import { assumedTargetGroups } from './assumed-target-groups.ts';
import { planBindings } from './binding-plans.ts';
import type { Planned } from './plan-output.ts';

/** Plans everything that the files ask for. */
export async function planFiles(
  paths: readonly string[],
  {
    config,
    factsFile,
    quotas = [],
  }: {
    readonly config: CoreConfig;
    readonly factsFile: string | undefined;
    readonly quotas?: readonly Quota[];
  },
): Promise<Planned & { readonly snapshot: Snapshot }> {
  const given = factsFile === undefined ? {} : parseFacts(factsFile, await readFile(factsFile, 'utf8'));
  const read = await readManifests(paths);
  const decoded = decodeManifests(read.manifests);
  const missing = missingClasses(decoded.objects, config);
  const snapshot = snapshotOf([...missing, ...decoded.objects.map(withUid)]);
  const assumptions = missing.map(
    ({ meta, controller }) => `IngressClass ${meta.name} exists, with controller ${controller}`,
  );
  if (decoded.objects.some(({ kind, meta }) => kind === 'Service' && meta.uid === '')) {
    assumptions.push(
      'Services have other UIDs in the cluster, so the names of target groups end differently there',
    );
  }
  const groups = allGroupKeys(snapshot, config).map((key) => {
    const observed = emptyObservedGroup(key);
    const model = groupModel(snapshot, key, config);
    const assumed = assumedFacts(model, factsQuery({ snapshot, key, config, observed }), { given, config });
    assumptions.push(...assumed.assumptions);
    const facts = { ...assumed.facts, quotas };
    return planGroup({
      snapshot,
      key,
      config,
      observed,
      facts,
      previous: undefined,
      refused: new Map(),
      knownIds: new Map(),
    });
  });
  const assume = (line: string): void => void assumptions.push(line);
  const bindings = await planBindings({
    aws: assumedTargetGroups({ given, snapshot, config, quotas, assume }),
    config,
    snapshot,
    // Those of Ingresses do not exist yet.
    ownerOf: () => undefined,
    signal: new AbortController().signal,
  });
  const isEmpty = snapshot.endpointSlices.size + snapshot.nodes.size === 0;
  if (isEmpty && groups.length + bindings.length > 0)
    assumptions.push('nothing runs yet: without EndpointSlices and Nodes in the files there are no targets');
  const needs = new Map([
    ...groups.map(({ desired }) => [desired.key, desired.network] as const),
    ...bindings.map(({ plan, needs: own }) => [plan.key, own] as const),
  ]);
  const network = networkPlan({ needs, observed: emptyNetwork, complete: true, config, alone: false });
  const complaints = [...read.problems, ...decoded.problems].map(manifestProblemText);
  const observed = groups.map(({ desired: { key } }) => [key, emptyObservedGroup(key)] as const);
  const seen = { groups: new Map(observed), network: emptyNetwork, quotas, regionUse: undefined };
  return { groups, bindings, network, seen, assumptions, complaints, snapshot };
}

const emptyNetwork = {
  backendSecurityGroup: undefined,
  endpointGroups: new Map(),
  securityGroups: new Map(),
};

/** Two Services that differ in the end of their names only are told apart by their UIDs. */
function withUid<T extends ClusterObject>(object: T): T {
  const { kind, meta } = object;
  const uid = meta.uid === '' ? `${kind}/${meta.namespace}/${meta.name}` : meta.uid;
  return { ...object, meta: { ...meta, uid } };
}

/** Manifests of an application seldom hold the IngressClass; the ones that are named are taken for ours. */
function missingClasses(objects: readonly ClusterObject[], { policy }: CoreConfig): readonly IngressClass[] {
  const present = new Set(objects.filter(({ kind }) => kind === 'IngressClass').map(({ meta }) => meta.name));
  const ingresses = objects.filter((object): object is Ingress => object.kind === 'Ingress');
  const named = ingresses.flatMap(({ className }) =>
    className === undefined || present.has(className) ? [] : [className],
  );
  return [...new Set(named)].map((name) => ({
    kind: 'IngressClass',
    meta: {
      namespace: '',
      name,
      uid: '',
      resourceVersion: '',
      generation: 1,
      annotations: {},
      labels: {},
      finalizers: [],
      creationTimestamp: '',
    },
    controller: policy.controllers[0] ?? '',
    isDefault: false,
    parameters: undefined,
  }));
}
