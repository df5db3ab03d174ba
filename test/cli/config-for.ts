import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Config, loadConfig } from '../../src/config/load.ts';
import { endpointsAt } from '../../src/sandbox/controller-flags.ts';
import type { LocalWorld } from '../../src/sandbox/local-world.ts';

/** As a user gives it on the command line, for the cluster and the AWS of this world. */
export function configFor(
  t: TestContext,
  world: LocalWorld,
  flags: Readonly<Record<string, string>> = {},
): Config {
  const folder = mkdtempSync(join(tmpdir(), 'albatross-plan-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, world.kube.kubeconfig());
  process.env['AWS_ACCESS_KEY_ID'] ??= 'AKIDPLAN';
  process.env['AWS_SECRET_ACCESS_KEY'] ??= 'plan';
  const all = {
    ...flags,
    kubeconfig,
    'cluster-name': 'test',
    'aws-region': 'us-west-2',
    'aws-vpc-id': world.id('vpc'),
    'aws-api-endpoints': endpointsAt(world.aws.url),
  };
  const loaded = loadConfig({ flags: new Map(Object.entries(all)), env: {} });
  assert.equal(loaded.kind, 'config');
  return loaded.config;
}
