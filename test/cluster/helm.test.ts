// The Helm chart: what helm makes of values, and a whole life of an Ingress with the permissions that the chart grants.

import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { configFrom } from '../../src/cli/controller-options.ts';
import type { InProcessController } from '../../src/sandbox/in-process-controller.ts';
import type { RealWorld } from '../../src/sandbox/real-world.ts';
import { findBinaries } from '../support/cluster/binaries.ts';
import { sharedCluster } from '../support/cluster/shared.ts';
import type { Cluster } from '../support/cluster/start.ts';
import { eventually } from '../support/eventually.ts';
import { run } from '../support/run.ts';
import { app } from './support/manifests.ts';
import { nodes, startController, startWorld, targetsOf } from './support/real-controller.ts';
import { serviceAccountCalls } from './support/service-account-calls.ts';

const chart = join(import.meta.dirname, '..', '..', 'deploy', 'helm', 'albatross');
let folder: string;
let cluster: Cluster;

/** Runs helm with a home folder of its own, where it keeps what it knows of the API server. */
function runHelm(args: readonly string[]): Promise<string> {
  const env = { PATH: process.env['PATH'], HOME: folder, KUBECONFIG: cluster.adminKubeconfig };
  return run(findBinaries()?.helm ?? 'helm', args, { title: `helm ${args[0]}`, env });
}

async function helm(args: readonly string[], values: object): Promise<string> {
  const file = join(folder, 'values.json');
  await writeFile(file, JSON.stringify(values));
  return runHelm([...args, `--values=${file}`]);
}

type Manifest = {
  readonly kind: string;
  readonly data?: Readonly<Record<string, string>>;
  readonly webhooks?: readonly {
    readonly name: string;
    readonly clientConfig: { readonly service: object; readonly caBundle?: string };
  }[];
  readonly spec?: {
    readonly template: {
      readonly spec: { readonly containers: readonly { readonly args: readonly string[] }[] };
    };
  };
};

async function template(values: object): Promise<readonly Manifest[]> {
  const text = await helm(['template', 'albatross', chart, '--namespace=albatross-system'], values);
  return parseAllDocuments(text)
    .map((document) => document.toJS() as Manifest | null)
    .filter((manifest) => manifest !== null);
}

async function argumentsOf(values: object): Promise<readonly string[]> {
  const deployment = (await template(values)).find(({ kind }) => kind === 'Deployment');
  return deployment?.spec?.template.spec.containers[0]?.args ?? [];
}

/** Values as users of ALBC's chart have them. */
const albcValues = {
  clusterName: 'prod',
  region: 'eu-west-1',
  vpcId: 'vpc-0123456789abcdef0',
  compatibility: 'albc',
  createIngressClassResource: false,
  enableShield: false,
  enableWaf: false,
  enableWafv2: false,
  enableServiceMutatorWebhook: false,
  logLevel: 'debug',
  metricsBindAddr: ':9090',
  watchNamespace: 'shop',
  ingressMaxConcurrentReconciles: 10,
  defaultTags: { team: 'web', stage: 'prod' },
  externalManagedTags: ['billing', 'owner'],
  controllerConfig: { featureGates: { ListenerRulesTagging: false, EnableRGTAPI: true } },
  certDiscovery: { allowedCertificateAuthorityARNs: '' },
  serviceMonitor: { enabled: true },
};

suite('the Helm chart', () => {
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'albatross-helm-'));
    cluster = await sharedCluster();
  });
  after(async () => rm(folder, { recursive: true, force: true }));

  test('OPS-18: values of ALBC become the flags of the controller, which takes all of them', async () => {
    const [command, ...flags] = await argumentsOf(albcValues);
    assert.equal(command, 'run');
    const given = new Map(
      flags.map((flag) => {
        const [, name = '', value = ''] = /^--([^=]+)=(.*)$/.exec(flag) ?? [];
        return [name, value] as const;
      }),
    );
    assert.equal(given.get('default-tags'), 'stage=prod,team=web');
    assert.equal(given.get('external-managed-tags'), 'billing,owner');
    assert.equal(given.get('ingress-max-concurrent-reconciles'), '10');
    assert.equal(given.get('feature-gates'), 'EnableRGTAPI=true,ListenerRulesTagging=false');
    assert.equal(given.get('enable-shield'), 'false');
    assert.ok(!given.has('allowed-certificate-authority-arns'));
    const config = configFrom({ flags: given, env: {} });
    assert.equal(config.core.clusterName, 'prod');
  });

  test('OPS-18: lint and every kind of values give manifests', async () => {
    await helm(['lint', chart, '--strict'], { clusterName: 'prod' });
    const kinds = async (values: object) =>
      (await template({ clusterName: 'prod', ...values })).map(({ kind }) => kind).toSorted();
    const plain = await kinds({});
    assert.deepEqual(plain, [
      'ClusterRole',
      'ClusterRoleBinding',
      'Deployment',
      'IngressClass',
      'PodDisruptionBudget',
      'Role',
      'RoleBinding',
      'ServiceAccount',
    ]);
    assert.deepEqual(
      await kinds({ rbac: { create: false }, serviceAccount: { create: false }, replicaCount: 1 }),
      ['Deployment', 'IngressClass'],
    );
    const more = {
      ingressClassParams: { create: true, spec: { scheme: 'internal' } },
      serviceMonitor: { enabled: true },
      clusterSecretsPermissions: { allowAllSecrets: true },
    };
    assert.deepEqual(
      await kinds(more),
      [
        ...plain,
        'ClusterRole',
        'ClusterRoleBinding',
        'IngressClassParams',
        'Service',
        'ServiceMonitor',
      ].toSorted(),
    );
  });

  test('OPS-18: wrong values are told by name', async () => {
    await assert.rejects(template({}), /clusterName is empty: set it to the name of your cluster/);
    await assert.rejects(template({ clusterName: 'prod', replicas: 2 }), /replicas/);
    await assert.rejects(template({ clusterName: 'prod', defaultTargetType: 'pod' }), /defaultTargetType/);
    await assert.rejects(template({ clusterName: 'prod', enableShield: 'no' }), /enableShield/);
  });

  test('OPS-12: webhooks are off, and on request those of deploy/webhooks, with a certificate that fits their Service', async () => {
    const on = { clusterName: 'prod', ingressClass: 'web', webhook: { enabled: true } };
    const own = (await template(on)).filter(({ kind }) => /Webhook|Secret|^Service$/.test(kind));
    assert.deepEqual(own.map(({ kind }) => kind).toSorted(), [
      'MutatingWebhookConfiguration',
      'Secret',
      'Service',
      'ValidatingWebhookConfiguration',
    ]);
    const shipped = parseAllDocuments(
      readFileSync(join(chart, '../../webhooks/configurations.yaml'), 'utf8').replace('["alb"]', '["web"]'),
    ).map((document) => document.toJS() as Manifest);
    const [secret] = own.filter(({ kind }) => kind === 'Secret');
    const certificate = new X509Certificate(Buffer.from(secret?.data?.['tls.crt'] ?? '', 'base64'));
    assert.equal(
      certificate.checkHost('albatross-webhook.albatross-system.svc'),
      'albatross-webhook.albatross-system.svc',
    );
    for (const { kind, webhooks } of shipped) {
      const found = own.find((one) => one.kind === kind)?.webhooks ?? [];
      for (const { clientConfig } of found) assert.equal(clientConfig.caBundle, secret?.data?.['tls.crt']);
      const withoutBundle = found.map(({ clientConfig: { service }, ...rest }) => ({
        ...rest,
        clientConfig: { service },
      }));
      assert.deepEqual(new Set(withoutBundle), new Set(webhooks));
    }
    const taken = await cluster.kubectl(
      ['apply', '--dry-run=server', '-f', '-'],
      own
        .filter(({ kind }) => kind.endsWith('WebhookConfiguration'))
        .map((one) => JSON.stringify(one))
        .join('\n---\n'),
    );
    assert.match(taken, /albatross created \(server dry run\)\n.*albatross created/);
    assert.ok((await argumentsOf(on)).includes('--webhook-cert-dir=/webhook-certificate'));
  });

  test("OPS-12: the webhooks' certificate by cert-manager, or in a Secret that is given with its authority", async () => {
    const kinds = async (values: object) =>
      (await template({ clusterName: 'prod', ...values })).map(({ kind }) => kind);
    const byCertManager = await kinds({ webhook: { enabled: true }, enableCertManager: true });
    assert.ok(byCertManager.includes('Certificate') && byCertManager.includes('Issuer'));
    assert.ok(!byCertManager.includes('Secret'));
    const given = { enabled: true, secretName: 'mine', caBundle: 'QQ==' };
    const manifests = await template({ clusterName: 'prod', webhook: given });
    assert.ok(!manifests.some(({ kind }) => kind === 'Secret'));
    assert.ok(
      manifests
        .flatMap(({ webhooks = [] }) => webhooks)
        .every(({ clientConfig }) => clientConfig.caBundle === 'QQ=='),
    );
    await assert.rejects(
      template({ clusterName: 'prod', webhook: { ...given, caBundle: '' } }),
      /webhook.caBundle is empty/,
    );
  });

  test('OPS-12: an upgrade keeps the certificate that helm made', async () => {
    const release = ['kept', '--namespace=helm-kept'];
    const values = {
      clusterName: 'prod',
      createIngressClassResource: false,
      rbac: { create: false },
      replicaCount: 0,
      webhook: { enabled: true },
    };
    const certificate = () =>
      cluster.kubectl(
        'get secret -n helm-kept kept-albatross-webhook-tls -o jsonpath={.data.tls\\.crt}'.split(' '),
      );
    try {
      await helm(['install', ...release, chart, '--create-namespace'], values);
      const made = await certificate();
      assert.ok(made.length > 500);
      await helm(['upgrade', ...release, chart], values);
      assert.equal(await certificate(), made);
      const path = 'jsonpath={.webhooks[*].clientConfig.caBundle}';
      const trusted = await cluster.kubectl([
        ...'get validatingwebhookconfigurations kept-albatross -o'.split(' '),
        path,
      ]);
      assert.deepEqual(new Set(trusted.split(' ')), new Set([made]));
    } finally {
      await runHelm(['uninstall', ...release, '--ignore-not-found']);
      await cluster.kubectl(['delete', 'namespace', 'helm-kept', '--ignore-not-found', '--wait=false']);
    }
  });

  suite('installed', () => {
    let world: RealWorld;
    let controller: InProcessController;
    const release = ['chart', '--namespace=albatross-system'];
    const kubectl = (line: string) => cluster.kubectl(line.split(' '));

    before(async () => {
      await helm(['install', ...release, chart, '--create-namespace'], {
        clusterName: 'real',
        ingressClass: 'chart',
        ingressClassConfig: { default: true },
      });
      await cluster.addNodes(nodes);
      world = await startWorld(cluster);
      const kubeconfig = await cluster.serviceAccountKubeconfig('albatross-system', 'chart-albatross');
      controller = await startController(cluster, world, { kubeconfig });
    });
    after(async () => {
      await controller.stop();
      await world.close();
      await runHelm(['uninstall', ...release]);
      await cluster.kubectl(['delete', 'nodes', '--ignore-not-found', ...nodes.map(({ name }) => name)]);
    });

    test('OPS-18: an Ingress comes, is changed and goes with the permissions of the chart, none refused', async () => {
      const shop = { namespace: 'chart-shop', name: 'web' };
      const yaml = app(shop).replace('ingressClassName: alb', 'ingressClassName: chart');
      await cluster.apply(yaml);
      await eventually(() => assert.equal(targetsOf(world, 'chart-shop', 'web').length, 2));
      await kubectl('scale -n chart-shop deployment/web --replicas=3');
      await eventually(() => assert.equal(targetsOf(world, 'chart-shop', 'web').length, 3));
      await kubectl('delete ingress -n chart-shop web --timeout=60s');
      await eventually(() => assert.equal(world.aws.state.loadBalancers.size, 0));
      await kubectl('delete namespace chart-shop --timeout=90s');
      await controller.stop();
      const { forbidden } = serviceAccountCalls(cluster);
      assert.deepEqual(forbidden, []);
      assert.match(
        readFileSync(cluster.auditLog, 'utf8'),
        /system:serviceaccount:albatross-system:chart-albatross/,
      );
      assert.match(await kubectl('get lease -n albatross-system'), /aws-load-balancer-controller-leader/);
    });
  });
});
