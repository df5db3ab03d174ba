// A real Kubernetes control plane for tests: etcd, API server, controller manager, scheduler, and kwok in the place of the
// kubelets. Everything listens on 127.0.0.1 on free ports and lives in one temporary folder. A watchdog kills the
// processes and removes the folder on stop(), and also when this process dies without calling it.

import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { type Binaries, buildBinaries, findBinaries } from './binaries.ts';
import { kubeconfigText } from './kubeconfig.ts';
import { type NodeSpec, nodeManifest } from './nodes.ts';

export type Cluster = {
  /** Base URL of the API server, without a trailing slash. */
  readonly url: string;
  /** PEM file that the API server's certificate is verified with. */
  readonly caFile: string;
  /** kubeconfig file of a member of system:masters. */
  readonly adminKubeconfig: string;
  /** Bearer token of the same user, for requests made by hand. */
  readonly adminToken: string;
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

type Place = { readonly folder: string; readonly binaries: Binaries; readonly watchdog: ChildProcess };

const startDeadlineMs = 60_000;

/** Starts a control plane: 3 to 5 s. Needs the executables (see binaries.ts), which it builds when they are missing. */
export async function startCluster(options: { readonly signal?: AbortSignal } = {}): Promise<Cluster> {
  options.signal?.throwIfAborted();
  const binaries = findBinaries() ?? (await buildBinaries((line) => console.error(`control plane: ${line}`)));
  const folder = await mkdtemp(join(tmpdir(), 'albatross-cluster-'));
  const place = { folder, binaries, watchdog: startWatchdog(folder) };
  const stop = once(() => stopWatchdog(place.watchdog));
  options.signal?.addEventListener('abort', () => void stop(), { once: true });
  try {
    return await startComponents(place, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startComponents(place: Place, stop: () => Promise<void>): Promise<Cluster> {
  const { folder } = place;
  const [etcdPort, peerPort, apiPort] = await freePorts(3);
  const url = `https://127.0.0.1:${apiPort}`;
  const caFile = join(folder, 'apiserver.crt');
  const adminToken = randomBytes(16).toString('hex');
  const adminKubeconfig = join(folder, 'admin.kubeconfig');
  const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  await writeFile(join(folder, 'sa.key'), keys.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  await writeFile(join(folder, 'sa.pub'), keys.publicKey.export({ type: 'spki', format: 'pem' }));
  await writeFile(join(folder, 'tokens.csv'), `${adminToken},admin,admin,system:masters\n`);
  await writeFile(adminKubeconfig, kubeconfigText({ url, caFile, token: adminToken }));

  const etcd = start(place, 'etcd', etcdArguments(folder, Number(etcdPort), Number(peerPort)));
  const api = start(place, 'kube-apiserver', apiServerArguments(folder, Number(etcdPort), Number(apiPort)));
  await untilReady({ url, caFile, token: adminToken, children: [etcd, api], folder });
  start(place, 'kube-controller-manager', [
    ...clientArguments(adminKubeconfig),
    `--service-account-private-key-file=${join(folder, 'sa.key')}`,
    `--root-ca-file=${caFile}`,
  ]);
  start(place, 'kube-scheduler', clientArguments(adminKubeconfig));
  start(place, 'kwok', [
    `--kubeconfig=${adminKubeconfig}`,
    `--config=${join(import.meta.dirname, 'stages.yaml')}`,
    '--manage-all-nodes=true',
    '--node-lease-duration-seconds=40',
  ]);
  const cluster = clusterOf(place, { url, caFile, adminToken, adminKubeconfig }, stop);
  await untilDefaultServiceAccount(cluster);
  return cluster;
}

type Access = Pick<Cluster, 'url' | 'caFile' | 'adminToken' | 'adminKubeconfig'>;

function clusterOf(place: Place, access: Access, stop: () => Promise<void>): Cluster {
  const { folder, binaries } = place;
  const kubectl = (args: readonly string[], input?: string) =>
    runKubectl(
      binaries.kubectl,
      [`--kubeconfig=${access.adminKubeconfig}`, `--cache-dir=${join(folder, 'kubectl')}`, ...args],
      input,
    );
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
    stop,
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

function etcdArguments(folder: string, clientPort: number, peerPort: number): readonly string[] {
  const client = `http://127.0.0.1:${clientPort}`;
  const peer = `http://127.0.0.1:${peerPort}`;
  return [
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    '--unsafe-no-fsync',
    '--log-level=warn',
  ];
}

function apiServerArguments(folder: string, etcdPort: number, port: number): readonly string[] {
  return [
    `--etcd-servers=http://127.0.0.1:${etcdPort}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    // Without these two files the server makes a certificate of its own, apiserver.crt, in this folder.
    `--cert-dir=${folder}`,
    `--token-auth-file=${join(folder, 'tokens.csv')}`,
    '--authorization-mode=RBAC',
    // The "kubernetes" Service would need an advertised address that is not a loopback one.
    '--endpoint-reconciler-type=none',
    '--service-cluster-ip-range=10.96.0.0/16',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${join(folder, 'sa.pub')}`,
    `--service-account-signing-key-file=${join(folder, 'sa.key')}`,
    '--enable-priority-and-fairness=false',
    '--profiling=false',
  ];
}

function clientArguments(kubeconfig: string): readonly string[] {
  // Port 0 means that no metrics or health port is opened.
  return [
    `--kubeconfig=${kubeconfig}`,
    '--leader-elect=false',
    '--secure-port=0',
    '--kube-api-qps=500',
    '--kube-api-burst=1000',
  ];
}

function start(place: Place, name: keyof Binaries, args: readonly string[]): ChildProcess {
  const child = spawn(place.binaries[name], args, {
    cwd: place.folder,
    // kwok and kubectl read configuration below HOME.
    env: { PATH: process.env['PATH'], HOME: place.folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log = createWriteStream(logFile(place.folder, name));
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  // The children end with the watchdog: they must not keep a test process alive that forgot to call stop().
  child.unref();
  for (const stream of [child.stdout, child.stderr])
    if (stream && 'unref' in stream) (stream.unref as () => void)();
  place.watchdog.stdin?.write(`${child.pid}\n`);
  return child;
}

function logFile(folder: string, name: string): string {
  return join(folder, `${name}.log`);
}

/**
 * A shell that is told the process ids and does its work when its input ends: by stop(), or because the system closed the
 * pipe of a parent that died. In a session of its own, so that Ctrl-C in a terminal does not end it early.
 */
function startWatchdog(folder: string): ChildProcess {
  const script = [
    'while read -r pid; do pids="$pids $pid"; done',
    '[ -n "$pids" ] && kill -9 $pids 2>/dev/null',
    'rm -rf "$0" 2>/dev/null || { sleep 1; rm -rf "$0"; }',
  ].join('\n');
  const child = spawn('sh', ['-c', script, folder], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  child.unref();
  if (child.stdin && 'unref' in child.stdin) (child.stdin.unref as () => void)();
  return child;
}

async function stopWatchdog(watchdog: ChildProcess): Promise<void> {
  const ended = new Promise<void>((resolve) => watchdog.once('exit', () => resolve()));
  watchdog.ref();
  watchdog.stdin?.end();
  await ended;
}

type Probe = {
  readonly url: string;
  readonly caFile: string;
  readonly token: string;
  readonly children: readonly ChildProcess[];
  readonly folder: string;
};

async function untilReady(probe: Probe): Promise<void> {
  const deadline = Date.now() + startDeadlineMs;
  while (Date.now() < deadline) {
    const dead = probe.children.find((child) => child.exitCode !== null);
    if (dead !== undefined)
      throw new Error(`${dead.spawnfile} ended with ${dead.exitCode}:\n${await logTails(probe.folder)}`);
    if (await isReady(probe)) return;
    await sleep(50);
  }
  throw new Error(
    `the API server was not ready in ${startDeadlineMs / 1000} s:\n${await logTails(probe.folder)}`,
  );
}

async function isReady({ url, caFile, token }: Probe): Promise<boolean> {
  const ca = await readFile(caFile, 'utf8').catch(() => undefined);
  if (ca === undefined) return false;
  const dispatcher = new Agent({ connect: { ca } });
  try {
    const response = await request(`${url}/readyz`, {
      dispatcher,
      headers: { authorization: `Bearer ${token}` },
    });
    await response.body.dump();
    return response.statusCode === 200;
  } catch {
    return false;
  } finally {
    await dispatcher.destroy();
  }
}

/** Pods are refused until the controller manager has made the default ServiceAccount of their namespace. */
async function untilDefaultServiceAccount(cluster: Cluster): Promise<void> {
  await cluster.kubectl(['wait', '--for=create', '--timeout=30s', '-n', 'default', 'serviceaccount/default']);
}

async function logTails(folder: string): Promise<string> {
  const names = ['etcd', 'kube-apiserver'];
  const logs = await Promise.all(
    names.map((name) => readFile(logFile(folder, name), 'utf8').catch(() => '')),
  );
  return logs
    .map((log, index) => `--- ${names[index]}\n${log.trim().split('\n').slice(-8).join('\n')}`)
    .join('\n');
}

async function runKubectl(file: string, args: readonly string[], input?: string): Promise<string> {
  const child = spawn(file, args, { env: { PATH: process.env['PATH'] }, stdio: ['pipe', 'pipe', 'pipe'] });
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  // kubectl may end without having read its input; its exit code tells what is wrong.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input ?? '');
  const code = await new Promise<number | null>((resolve, reject) =>
    child.on('error', reject).on('close', resolve),
  );
  if (code === 0) return Buffer.concat(output).toString();
  throw new Error(`kubectl ${args.slice(2).join(' ')}: ${Buffer.concat(errors).toString().trim()}`);
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve, reject) =>
        server.once('error', reject).listen(0, '127.0.0.1', resolve),
      );
      return server;
    }),
  );
  return Promise.all(
    servers.map(async (server) => {
      const address = server.address();
      await new Promise((resolve) => server.close(resolve));
      if (address === null || typeof address === 'string') throw new Error('a TCP server has no port');
      return address.port;
    }),
  );
}

function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    running ??= work();
    return running;
  };
}
