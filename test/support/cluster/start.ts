// A real Kubernetes control plane for tests: etcd, API server, controller manager, scheduler, and kwok in the place of the
// kubelets. Everything listens on 127.0.0.1 on free ports and lives in one temporary folder. A watchdog kills the
// processes and removes the folder on stop(), and also when this process dies without calling it.

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { apiServerArguments, clientArguments, etcdArguments, kwokArguments } from './arguments.ts';
import { buildBinaries, findBinaries } from './binaries.ts';
import { type Place, startComponent, untilReady } from './component.ts';
import { freePorts } from '../free-ports.ts';
import { kubeconfigText } from './kubeconfig.ts';
import { type NodeSpec, nodeManifest } from './nodes.ts';
import { run } from '../run.ts';
import { startWatchdog } from '../watchdog.ts';

export type Cluster = {
  /** Base URL of the API server, without a trailing slash. */
  readonly url: string;
  /** PEM file that the API server's certificate is verified with. */
  readonly caFile: string;
  /** kubeconfig file of a member of system:masters. */
  readonly adminKubeconfig: string;
  /** Bearer token of the same user, for requests made by hand. */
  readonly adminToken: string;
  /** File with what was asked for in the name of the ServiceAccounts of deploy/, a JSON object a line. */
  readonly auditLog: string;
  /** Runs kubectl as the administrator and returns what it printed; throws with its complaint when it fails. */
  kubectl(args: readonly string[], input?: string): Promise<string>;
  /** `kubectl apply` of one or more YAML documents. */
  apply(yaml: string): Promise<void>;
  /** A kubeconfig file for a bearer token; the RBAC rules of the token's user apply to it. */
  tokenKubeconfig(token: string): Promise<string>;
  /** A kubeconfig file for an existing ServiceAccount, with a token that the API server issued. */
  serviceAccountKubeconfig(namespace: string, name: string): Promise<string>;
  /** Creates nodes and waits until they are Ready. */
  addNodes(nodes: readonly NodeSpec[]): Promise<void>;
  /** Kills everything and removes the temporary folder. Safe to call twice. */
  stop(): Promise<void>;
};

/** Starts a control plane: 3 to 5 s. Builds the executables first when they are missing (see binaries.ts). */
export async function startCluster(options: { readonly signal?: AbortSignal } = {}): Promise<Cluster> {
  options.signal?.throwIfAborted();
  const binaries = findBinaries() ?? (await buildBinaries((line) => console.error(`control plane: ${line}`)));
  const folder = await mkdtemp(join(tmpdir(), 'albatross-cluster-'));
  const place = { folder, binaries, watchdog: startWatchdog(folder) };
  options.signal?.addEventListener('abort', () => void place.watchdog.stop(), { once: true });
  try {
    return await startComponents(place);
  } catch (error) {
    await place.watchdog.stop();
    throw error;
  }
}

async function startComponents(place: Place): Promise<Cluster> {
  const { folder } = place;
  const [etcdPort = 0, peerPort = 0, apiPort = 0] = await freePorts(3);
  const access = await writeAccess(folder, `https://127.0.0.1:${apiPort}`);
  const kubeconfig = access.adminKubeconfig;
  const etcd = startComponent(place, 'etcd', etcdArguments(folder, etcdPort, peerPort));
  const api = startComponent(place, 'kube-apiserver', apiServerArguments(folder, etcdPort, apiPort));
  await untilReady(place, access, [etcd, api]);
  startComponent(place, 'kube-controller-manager', [
    ...clientArguments(kubeconfig),
    `--service-account-private-key-file=${join(folder, 'sa.key')}`,
    `--root-ca-file=${access.caFile}`,
  ]);
  startComponent(place, 'kube-scheduler', clientArguments(kubeconfig));
  startComponent(place, 'kwok', kwokArguments(kubeconfig));
  const cluster = clusterOf(place, access);
  // Pods are refused until the controller manager has made the default ServiceAccount of their namespace.
  await cluster.kubectl(['wait', '--for=create', '--timeout=30s', '-n', 'default', 'serviceaccount/default']);
  return cluster;
}

type Access = Pick<Cluster, 'url' | 'caFile' | 'adminToken' | 'adminKubeconfig' | 'auditLog'>;

/** Writes what the components authenticate with. */
async function writeAccess(folder: string, url: string): Promise<Access> {
  const caFile = join(folder, 'apiserver.crt');
  const adminToken = randomBytes(16).toString('hex');
  const adminKubeconfig = join(folder, 'admin.kubeconfig');
  const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  await writeFile(join(folder, 'sa.key'), keys.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  await writeFile(join(folder, 'sa.pub'), keys.publicKey.export({ type: 'spki', format: 'pem' }));
  await writeFile(join(folder, 'tokens.csv'), `${adminToken},admin,admin,system:masters\n`);
  await writeFile(adminKubeconfig, kubeconfigText({ url, caFile, token: adminToken }));
  return { url, caFile, adminToken, adminKubeconfig, auditLog: join(folder, 'audit.log') };
}

function clusterOf(place: Place, access: Access): Cluster {
  const { folder, binaries } = place;
  const common = [`--kubeconfig=${access.adminKubeconfig}`, `--cache-dir=${join(folder, 'kubectl')}`];
  const kubectl = (args: readonly string[], input = '') =>
    run(binaries.kubectl, [...common, ...args], {
      title: `kubectl ${args.join(' ')}`,
      env: { PATH: process.env['PATH'] },
      input,
    });
  let written = 0;
  const tokenKubeconfig = async (token: string) => {
    written += 1;
    const path = join(folder, `token-${written}.kubeconfig`);
    await writeFile(path, kubeconfigText({ url: access.url, caFile: access.caFile, token }));
    return path;
  };
  return {
    ...access,
    kubectl,
    tokenKubeconfig,
    stop: () => place.watchdog.stop(),
    async apply(yaml) {
      await kubectl(['apply', '-f', '-'], yaml);
    },
    async serviceAccountKubeconfig(namespace, name) {
      return tokenKubeconfig((await kubectl(['create', 'token', '-n', namespace, name])).trim());
    },
    async addNodes(nodes) {
      await kubectl(['create', '-f', '-'], nodes.map(nodeManifest).join('---\n'));
      const names = nodes.map(({ name }) => `node/${name}`);
      await kubectl(['wait', '--for=condition=Ready', '--timeout=30s', ...names]);
    },
  };
}
