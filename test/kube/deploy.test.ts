import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { options } from '../../src/config/options.ts';
import type { BindAddress } from '../../src/config/values.ts';
import { Field } from '../../src/kube/decode/field.ts';
import { readManifests } from '../../src/kube/manifest-files.ts';

const deploy = join(import.meta.dirname, '../../deploy');

/** The objects of the base and the definitions, without the kustomizations. */
async function shipped() {
  const { manifests, problems } = await readManifests([join(deploy, 'base'), join(deploy, 'crds')]);
  return { manifests, errors: problems.filter(({ severity }) => severity === 'error') };
}

async function deployment(): Promise<Field> {
  const { manifests } = await shipped();
  return new Field(manifests.find(({ kind }) => kind === 'Deployment')?.raw).at('spec');
}

test('everything that is shipped can be read, and lives in the namespace of its own', async () => {
  const { manifests, errors } = await shipped();
  assert.deepEqual(errors, []);
  const places = manifests.map(({ kind, namespace }) => `${kind} ${namespace}`).toSorted();
  assert.deepEqual(places, [
    'ClusterRole ',
    'ClusterRoleBinding ',
    'CustomResourceDefinition ',
    'CustomResourceDefinition ',
    'Deployment albatross-system',
    'IngressClass ',
    'Namespace ',
    'Role albatross-system',
    'RoleBinding albatross-system',
    'ServiceAccount albatross-system',
  ]);
});

const portOf = (address: BindAddress): unknown => (address === 'off' ? undefined : address.port);

test('ports and variables of the Deployment are the ones that the options have', async () => {
  const [container] = (await deployment())
    .at('template')
    .at('spec')
    .at('containers')
    .list((item) => item);
  assert.ok(container);
  const ports = container
    .at('ports')
    .list((port) => [port.at('name').text(), port.at('containerPort').integer()]);
  assert.deepEqual(Object.fromEntries(ports), {
    metrics: portOf(options.metricsBindAddr.fallback),
    health: portOf(options.healthProbeBindAddr.fallback),
  });
  const names = container.at('env').list((variable) => variable.at('name').text());
  assert.ok(names.includes(options.clusterName.env?.[0] ?? ''));
  assert.ok(names.includes(options.leaderElectionNamespace.env?.[0] ?? ''));
});

test('the controller runs twice, without root, privileges or a writable file system', async () => {
  const spec = await deployment();
  assert.equal(spec.at('replicas').integer(), 2);
  const pod = spec.at('template').at('spec');
  assert.equal(pod.at('securityContext').at('runAsNonRoot').flag(false), true);
  const [security] = pod.at('containers').list((item) => item.at('securityContext'));
  assert.equal(security?.at('readOnlyRootFilesystem').flag(false), true);
  assert.equal(security?.at('allowPrivilegeEscalation').flag(true), false);
  assert.deepEqual(
    security
      ?.at('capabilities')
      .at('drop')
      .list((item) => item.text()),
    ['ALL'],
  );
});
