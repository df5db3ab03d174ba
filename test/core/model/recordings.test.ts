import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ClusterObject } from '../../../src/core/domain/cluster.ts';
import { type CoreConfig, policies } from '../../../src/core/domain/config.ts';
import { snapshotOf } from '../../../src/core/domain/snapshot.ts';
import { groupModel } from '../../../src/core/model/group.ts';
import { allGroupKeys } from '../../../src/core/model/membership.ts';
import { parseManifests } from '../../../src/kube/manifest.ts';
import { decodeManifests } from '../../../src/kube/manifest-files.ts';
import { coreConfig } from '../../support/core-config.ts';
import { albcClass } from './model-of.ts';

type Recorded = {
  readonly steps: readonly {
    readonly file: string;
    readonly events?: readonly {
      readonly object: string;
      readonly reason: string;
      readonly message: string;
    }[];
  }[];
};

const cases = join(import.meta.dirname, '../../recordings/cases');
const folders = existsSync(cases) ? readdirSync(cases).toSorted() : [];

/** Found out by asking AWS or reading Secrets, which the model does not do, or about what is not built yet. */
const notOurs =
  /auto-discover subnets|subnets? |security groups:|TrustStores|searching TargetGroup|certificate found|secrets? |missing client|WebACL|shield|acm-cert|NLB|frontend|client_routing_policy|EIP|unknown scheme: public|resolve healthCheckPort|healthCheckProtocol must.*hproto|compute listenPort config/;
/** The reader of YAML takes the name `n` for a boolean. */
const unreadable = new Set(['Ingress web/n']);

function configOf(folder: string): CoreConfig {
  const world = join(folder, 'world.json');
  const parsed = existsSync(world) ? (JSON.parse(readFileSync(world, 'utf8')) as { flags?: string[] }) : {};
  const config = coreConfig({ policy: policies.albc });
  const flag = (name: string): string | undefined =>
    parsed.flags?.find((text) => text.startsWith(`--${name}=`))?.slice(name.length + 3);
  const isOn = (name: string, otherwise: boolean): boolean => (flag(name) ?? String(otherwise)) === 'true';
  return {
    ...config,
    externalManagedTags: flag('external-managed-tags')?.split(',') ?? [],
    enableBackendSecurityGroup: isOn('enable-backend-security-group', true),
    tolerateNonExistentBackendAction: isOn('tolerate-non-existent-backend-action', true),
    tolerateNonExistentBackendService: isOn('tolerate-non-existent-backend-service', true),
    featureGates: {
      ...config.featureGates,
      EnableIPTargetType: flag('feature-gates') !== 'EnableIPTargetType=false',
    },
  };
}

/** `object message` of each event that the model makes of a first step. */
function eventsOf(objects: readonly ClusterObject[], config: CoreConfig): readonly string[] {
  const snapshot = snapshotOf([albcClass, ...objects]);
  return allGroupKeys(snapshot, config).flatMap((key) => {
    const model = groupModel(snapshot, key, config);
    const first = model.problems.find((problem) => problem.severity === 'error');
    if (first === undefined || first.albcEvent === 'none') return [];
    const start = first.albcEvent === 'FailedLoadGroupID' ? 'failed load groupID' : 'Failed build model';
    return model.held.map((member) => `Ingress ${member.id} ${start} due to ${first.albcMessage}`);
  });
}

test('with ALBC’s policy the first error of a group is the one that ALBC names, in its words', () => {
  assert.ok(folders.length > 0, 'the recordings are missing');
  let compared = 0;
  for (const name of folders) {
    const folder = join(cases, name);
    const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Recorded;
    const [step] = expected.steps;
    if (step === undefined) continue;
    const wanted = (step.events ?? [])
      .filter(({ object, reason }) => object.startsWith('Ingress') && /BuildModel|LoadGroupID/.test(reason))
      .filter(({ object, message }) => !notOurs.test(message) && !unreadable.has(object))
      .map(({ object, message }) => `${object} ${message}`);
    if (wanted.length === 0) continue;
    const text = readFileSync(join(folder, step.file), 'utf8');
    const { objects } = decodeManifests(parseManifests(step.file, text).manifests);
    const found = new Set(
      eventsOf(objects, configOf(folder)).map((line) => line.replaceAll(/0xc[0-9a-f]+/g, '$(pointer)')),
    );
    for (const line of wanted)
      assert.ok(found.has(line), `${name}: ${line}\nfound:\n${[...found].join('\n')}`);
    compared += wanted.length;
  }
  assert.ok(compared > 100, `${compared} events compared`);
});
