import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { renderIngressClassParamsCrd, renderTargetGroupBindingCrd } from '../../scripts/crds.ts';
import { policies } from '../../src/core/domain/config.ts';
import { wish } from '../../src/simulator/aws/ids.ts';
import { recordingKnobs } from '../../src/simulator/aws/knobs.ts';
import type { World } from '../../src/simulator/aws/seed.ts';
import { type AwsSimulator, startAwsSimulator } from '../../src/simulator/aws/server.ts';
import { type KubeSimulator, startKubeSimulator } from '../../src/simulator/kube/simulator.ts';
import { serviceUid } from '../../src/simulator/kube/uuid.ts';
import { type PodAddress, roundRobin } from '../../src/simulator/kube/workload-objects.ts';
import type { OutsideCall, RecordedCase } from './cases.ts';
import { type Json, mapText } from './json.ts';
import { Placeholders } from './placeholders.ts';

/** ALBC's webhooks check the rest, in the cases that have them. */
const albcDefinitions = [
  renderIngressClassParamsCrd({ webhooks: true }),
  renderTargetGroupBindingCrd({ webhooks: true }),
].map((text): unknown => parse(text));

const recordings = join(import.meta.dirname, '..', 'recordings');

/** `none`: the same cases as our own defaults would have them. */
export type Preset = 'albc' | 'none';

/** What the classes of the recordings name as their controller. */
export const albcController = 'ingress.k8s.aws/alb';

export type RecordedWorld = {
  readonly preset: Preset;
  /** The text of a manifest whose classes are for the controller of this preset. */
  readonly answering: (text: string) => string;
  readonly aws: AwsSimulator;
  readonly kube: KubeSimulator;
  readonly placeholders: Placeholders;
  readonly nextAddress: () => PodAddress;
  /** Security groups that were there before the first step. */
  readonly seeded: ReadonlySet<string>;
  close(): Promise<void>;
};

/** A new account and a new cluster as every recording had them, with what the case changes. */
export async function startWorld(recorded: RecordedCase, preset: Preset): Promise<RecordedWorld> {
  const world = JSON.parse(readFileSync(join(recordings, 'world.json'), 'utf8')) as World;
  // The recordings' account had no quotas (test/recordings/README.md, "What comes from the emulator").
  const aws = await startAwsSimulator({ world, knobs: recordingKnobs });
  const kube = await startKubeSimulator({
    createNamespaces: true,
    uid: (kind, namespace, name) => (kind === 'Service' ? serviceUid(namespace, name) : undefined),
  });
  aws.state.shieldSubscribed = recorded.world.shield === 'ACTIVE';
  const placeholders = new Placeholders(aws.names, aws.state);
  const nodes = (world.nodes ?? []) as readonly (NonNullable<World['nodes']>[number] & {
    zone?: string;
    providerID?: string;
    labels?: Record<string, string>;
  })[];
  kube.store.apply([
    ...albcDefinitions,
    ...nodes.map((node) => nodeObject(node, placeholders)),
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'IngressClass',
      metadata: { name: 'alb' },
      spec: { controller: policies[preset].controllers[0] },
    },
  ]);
  const address = roundRobin(
    nodes.map(({ name, podIps = '' }) => ({ nodeName: name, ips: addresses(podIps) })),
  );
  let dealt = 0;
  const [controller = albcController] = policies[preset].controllers;
  const started = {
    preset,
    answering: (text: string) => text.replaceAll(albcController, controller),
    aws,
    kube,
    placeholders,
    nextAddress: () => address(dealt++),
    close: async () => {
      await kube.close();
      await aws.close();
    },
  };
  try {
    for (const outside of recorded.world.aws) await makeCall(started, outside);
  } catch (error) {
    await started.close();
    throw error;
  }
  return { ...started, seeded: new Set(aws.state.securityGroups.keys()) };
}

function nodeObject(
  node: {
    readonly name: string;
    readonly ip: string;
    readonly labels?: Record<string, string>;
    readonly providerID?: string;
  },
  placeholders: Placeholders,
): Record<string, unknown> {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: node.name, labels: node.labels ?? {} },
    spec: { providerID: placeholders.toIds(node.providerID ?? '') },
    status: {
      conditions: [{ type: 'Ready', status: 'True' }],
      addresses: [{ type: 'InternalIP', address: node.ip }],
    },
  };
}

/** `10.0.96.20 to 10.0.96.49, …` */
function addresses(range: string): readonly string[] {
  const match = /^(\d+\.\d+\.\d+\.)(\d+) to \d+\.\d+\.\d+\.(\d+)/.exec(range);
  if (match === null) return [];
  const [, network = '', first = '0', last = '0'] = match;
  return Array.from(
    { length: Number(last) - Number(first) + 1 },
    (_none, i) => `${network}${Number(first) + i}`,
  );
}

const idPrefixes: Readonly<Record<string, string>> = { CreateSubnet: 'subnet', CreateSecurityGroup: 'sg' };

/** A call that somebody else makes; `idBefore` and `idAfter` say where the id of what it makes has to sort. */
export async function makeCall(
  { aws, placeholders }: Pick<RecordedWorld, 'aws' | 'placeholders'>,
  outside: OutsideCall,
): Promise<void> {
  const { service, operation, as: name, result, idBefore, idAfter } = outside;
  const neighbour = idBefore ?? idAfter;
  if (neighbour !== undefined) {
    const [prefix = '', digits = ''] = placeholders.id(neighbour).split('-');
    // The ids of the seed begin with 8: a first digit below or above it sorts before or after all of them.
    wish(
      aws.state.ids,
      idPrefixes[operation] ?? prefix,
      `${prefix}-${idBefore === undefined ? '9' : '7'}${digits.slice(1)}`,
    );
  }
  const params = mapText(outside.params as Json, (text) => placeholders.toIds(text)) as Record<
    string,
    unknown
  >;
  const answer = await aws.call(service, operation, withLaunchGroups(aws, operation, params));
  if (name === undefined || result === undefined) return;
  let value: unknown = answer;
  for (const key of result.split('.')) value = (value as Record<string, unknown>)[key];
  placeholders.add(name, String(value));
}

/**
 * The recordings' account went on showing the interface of an instance in the security groups that the instance was
 * launched with, whatever ModifyNetworkInterfaceAttribute said.
 */
function withLaunchGroups(
  { state }: AwsSimulator,
  operation: string,
  params: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const { NetworkInterfaceId, Groups } = params;
  const found = state.networkInterfaces.get(String(NetworkInterfaceId));
  if (operation !== 'ModifyNetworkInterfaceAttribute' || found?.instanceId === undefined) return params;
  return { ...params, Groups: [...new Set([...(Groups as readonly string[]), ...found.groupIds])] };
}
