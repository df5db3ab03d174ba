// `albatross plan -f`: manifests against an empty AWS, offline.

import { readFile } from 'node:fs/promises';
import type { CoreConfig } from '../core/domain/config.ts';
import type { Quota } from '../core/domain/facts.ts';
import { emptyObservedGroup } from '../core/domain/observed-group.ts';
import { type Snapshot, snapshotOf } from '../core/domain/snapshot.ts';
import { groupModel } from '../core/model/group.ts';
import { allGroupKeys } from '../core/model/membership.ts';
import { factsQuery, planGroup } from '../core/pipeline.ts';
import { networkPlan } from '../core/plan/network.ts';
import { decodeManifests, manifestProblemText, readManifests } from '../kube/manifest-files.ts';
import { fileTrouble } from '../lib/file-trouble.ts';
import { whyNotOurs } from '../core/model/not-ours.ts';
import { assumedFacts, parseFacts } from './assumed-facts.ts';
import { assumedObjects } from './assumed-objects.ts';
import { assumedTargetGroups } from './assumed-target-groups.ts';
import { planBindings } from './binding-plans.ts';
import type { Planned } from './plan-output.ts';
import { UserError } from './user-error.ts';

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
  const given = factsFile === undefined ? {} : parseFacts(factsFile, await readFacts(factsFile));
  const read = await readManifests(paths);
  const decoded = decodeManifests(read.manifests);
  const assumed = assumedObjects(decoded.objects, config);
  const snapshot = snapshotOf(assumed.objects);
  const assumptions = [...assumed.assumptions];
  const groups = allGroupKeys(snapshot, config).map((key) => {
    const observed = emptyObservedGroup(key);
    const model = groupModel(snapshot, key, config);
    const { facts, assumptions: more } = assumedFacts(
      model,
      factsQuery({ snapshot, key, config, observed }),
      { given, config },
    );
    assumptions.push(...more);
    return planGroup({
      snapshot,
      key,
      config,
      observed,
      facts: { ...facts, quotas },
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
  const problems = [...read.problems, ...decoded.problems];
  const complaints = problems.filter(({ severity }) => severity === 'error').map(manifestProblemText);
  const notices = [
    ...problems.filter(({ severity }) => severity === 'warning').map(manifestProblemText),
    ...notPlanned(snapshot, config),
  ];
  const observed = groups.map(({ desired: { key } }) => [key, emptyObservedGroup(key)] as const);
  const seen = { groups: new Map(observed), network: emptyNetwork, quotas, regionUse: undefined };
  return { groups, bindings, network, seen, assumptions, complaints, notices, snapshot };
}

const emptyNetwork = {
  backendSecurityGroup: undefined,
  endpointGroups: new Map(),
  securityGroups: new Map(),
};

async function readFacts(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new UserError(`--facts “${file}” cannot be read: ${fileTrouble(error)}`, 2);
  }
}

/** The Ingresses of the files that are in no plan, and why. */
function notPlanned(snapshot: Snapshot, config: CoreConfig): readonly string[] {
  return [...snapshot.ingresses.values()].flatMap((ingress) => {
    const why = whyNotOurs(ingress, snapshot, config);
    const { namespace, name } = ingress.meta;
    return why === undefined ? [] : [`Ingress ${namespace}/${name} is not ours: ${why}`];
  });
}
