// The executables of a real Kubernetes control plane: found in KUBEBUILDER_ASSETS or in the cache, else built from the Go
// module proxy. No container engine is needed. Each executable enters the cache by one rename, so a build that is
// interrupted leaves nothing half-made and the next one goes on where it stopped.

import { createHash } from 'node:crypto';
import { accessSync, constants, readFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheRoot, lock, type Progress } from '../cache.ts';
import { run } from '../run.ts';

const KUBERNETES = '1.36.3';
const STAGING = '0.36.3';
const ETCD = '3.6.8';
const KWOK = '0.8.0';
const HELM = '4.3.1';

type Source = { readonly module: 'kubernetes' | 'kwok' | 'helm'; readonly package: string };

/** In building order: the API server first, since it compiles most of what the next ones share. */
const sources = {
  'kube-apiserver': { module: 'kubernetes', package: 'k8s.io/kubernetes/cmd/kube-apiserver' },
  'kube-controller-manager': {
    module: 'kubernetes',
    package: 'k8s.io/kubernetes/cmd/kube-controller-manager',
  },
  'kube-scheduler': { module: 'kubernetes', package: 'k8s.io/kubernetes/cmd/kube-scheduler' },
  kubectl: { module: 'kubernetes', package: 'k8s.io/kubernetes/cmd/kubectl' },
  etcd: { module: 'kubernetes', package: 'go.etcd.io/etcd/server/v3' },
  kwok: { module: 'kwok', package: 'sigs.k8s.io/kwok/cmd/kwok' },
  helm: { module: 'helm', package: 'helm.sh/helm/v4/cmd/helm' },
} as const satisfies Record<string, Source>;

type BinaryName = keyof typeof sources;
/** Absolute paths of the executables. */
export type Binaries = Readonly<Record<BinaryName, string>>;

const names = Object.keys(sources) as BinaryName[];
const linkerFlags = `-s -w -X k8s.io/component-base/version.gitVersion=v${KUBERNETES}`;

function cacheFolder(): string {
  const identity = JSON.stringify([
    KUBERNETES,
    STAGING,
    ETCD,
    KWOK,
    linkerFlags,
    process.platform,
    process.arch,
  ]);
  const hash = createHash('sha256').update(identity).digest('hex').slice(0, 12);
  return join(cacheRoot(), 'control-plane', `${KUBERNETES}-${hash}`);
}

/** Helm does not depend on the rest, so a new one of it builds nothing else again. */
function fileOf(name: BinaryName): string {
  return name === 'helm' ? `helm-${HELM}` : name;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The path of an executable that is already there; KUBEBUILDER_ASSETS (as in envtest) goes before the cache. */
function find(name: BinaryName): string | undefined {
  const assets = process.env['KUBEBUILDER_ASSETS'];
  const candidates = [...(assets ? [join(assets, name)] : []), join(cacheFolder(), fileOf(name))];
  return candidates.find(isExecutable);
}

/** All executables when each of them is already there, else undefined. Builds nothing. */
export function findBinaries(): Binaries | undefined {
  const found = names.map((name) => [name, find(name)] as const);
  return found.every(([, path]) => path !== undefined) ? (Object.fromEntries(found) as Binaries) : undefined;
}

/**
 * Why `buildBinaries` could not work here, as one line for a user, or undefined when it can.
 * The wanted Go version is the one of Kubernetes' own go.mod; Go itself says so when it is too old.
 */
export async function buildObstacle(): Promise<string | undefined> {
  if (process.platform === 'win32') return 'the control plane is not built on Windows; use WSL';
  const printed = await run('go', ['version'], { title: 'go version' }).catch(() => undefined);
  if (printed === undefined) {
    return 'Go is not on the PATH; install it (https://go.dev/dl) or set KUBEBUILDER_ASSETS and try again';
  }
  const [, minor = '0'] = /go1\.(\d+)/.exec(printed) ?? [];
  if (Number(minor) >= 21) return undefined;
  return `${printed.trim()} is too old: 1.21 is the first that fetches the Go version Kubernetes asks for`;
}

/**
 * Finds the executables and builds those that are missing: 6 to 7 minutes for all of them on two cores, with the lowest
 * priority. Concurrent callers, also in other processes, wait for the one that builds.
 */
export async function buildBinaries(progress: Progress): Promise<Binaries> {
  await mkdir(cacheFolder(), { recursive: true });
  const unlock = await lock(`${cacheFolder()}.lock`, progress);
  try {
    const missing = names.filter((name) => find(name) === undefined);
    for (const [index, name] of missing.entries()) {
      progress(`building ${name} (${index + 1} of ${missing.length}) …`);
      const started = Date.now();
      await build(name);
      progress(`built ${name} in ${Math.round((Date.now() - started) / 1000)} s`);
    }
  } finally {
    await unlock();
  }
  const binaries = findBinaries();
  if (binaries === undefined) throw new Error(`the build left no executables in ${cacheFolder()}`);
  return binaries;
}

async function build(name: BinaryName): Promise<void> {
  const source: Source = sources[name];
  // The lock makes the fixed name safe, and what an interrupted build left behind goes away.
  const folder = `${cacheFolder()}.build`;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  await writeFile(join(folder, 'go.mod'), await goMod(source.module, folder));
  const output = join(folder, name);
  await go(folder, ['build', '-trimpath', '-ldflags', linkerFlags, '-o', output, source.package]);
  await rename(output, join(cacheFolder(), fileOf(name)));
  await rm(folder, { recursive: true, force: true });
}

/**
 * A module that only requires what we build. `k8s.io/kubernetes` replaces its staging modules by folders of its own
 * repository, which the module proxy does not serve: they are replaced by the versions published for that release.
 */
async function goMod(module: Source['module'], folder: string): Promise<string> {
  if (module === 'kwok') return goModText(KWOK_GO, [`sigs.k8s.io/kwok v${KWOK}`], []);
  if (module === 'helm') return goModText(HELM_GO, [`helm.sh/helm/v4 v${HELM}`], []);
  const download = await go(folder, ['mod', 'download', '-json', `k8s.io/kubernetes@v${KUBERNETES}`]);
  const { GoMod: path } = JSON.parse(download) as { GoMod: string };
  const original = readFileSync(path, 'utf8');
  const staging = [...original.matchAll(/^\s*(k8s\.io\/\S+) => \.\/staging\//gm)].map(
    (match) => match[1] ?? '',
  );
  const goVersion = /^go (\S+)$/m.exec(original)?.[1] ?? '1.26.0';
  const required = [`k8s.io/kubernetes v${KUBERNETES}`, `go.etcd.io/etcd/server/v3 v${ETCD}`];
  return goModText(goVersion, required, staging);
}

/** The Go version of kwok's own go.mod. */
const KWOK_GO = '1.26.0';
/** The Go version of Helm's own go.mod. */
const HELM_GO = '1.26.0';

function goModText(goVersion: string, required: readonly string[], staging: readonly string[]): string {
  return [
    'module control-plane',
    `go ${goVersion}`,
    ...required.map((requirement) => `require ${requirement}`),
    ...staging.map((name) => `replace ${name} => ${name} v${STAGING}`),
    '',
  ].join('\n');
}

/** Go with the lowest priority: a build takes minutes of all cores. */
function go(folder: string, args: readonly string[]): Promise<string> {
  return run('nice', ['-n', '19', 'go', ...args], {
    title: `go ${args.slice(0, 2).join(' ')}`,
    cwd: folder,
    env: {
      ...process.env,
      GOFLAGS: `${process.env['GOFLAGS'] ?? ''} -mod=mod`.trim(),
      GOWORK: 'off',
      // Kubernetes asks for a recent Go; an older one fetches it, whatever the machine's setting says.
      GOTOOLCHAIN: 'auto',
      CGO_ENABLED: '0',
    },
  });
}
