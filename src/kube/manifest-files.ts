// Manifests from files and folders, as kubectl reads them: the offline source of `albatross plan -f` and of the sandbox.

import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import type { ClusterObject } from '../core/domain/cluster.ts';
import { fileTrouble } from '../lib/file-trouble.ts';
import { DecodeError } from './decode/decode-error.ts';
import { decodeObject } from './decode/decode-object.ts';
import { type Manifest, type ManifestProblem, parseManifests } from './manifest.ts';

export type Manifests = {
  /** In the order of the given paths, then of file names, then of appearance. */
  readonly manifests: readonly Manifest[];
  readonly problems: readonly ManifestProblem[];
};

export type DecodedManifests = {
  readonly objects: readonly ClusterObject[];
  /** Manifests of kinds that the core does not read (Deployments, ConfigMaps …). */
  readonly others: readonly Manifest[];
  readonly problems: readonly ManifestProblem[];
};

const extensions: ReadonlySet<string> = new Set(['.yaml', '.yml', '.json']);
const kustomizations: ReadonlySet<string> = new Set([
  'kustomization.yaml',
  'kustomization.yml',
  'Kustomization',
]);

/**
 * Reads every manifest of the files and (with subfolders) folders given. Folders yield their .yaml, .yml and .json
 * files; dot files are passed over, and a kustomization is passed over with a warning, because it is not applied.
 * Whatever cannot be read or parsed is a problem, and the rest is returned all the same.
 */
export async function readManifests(paths: readonly string[]): Promise<Manifests> {
  const manifests: Manifest[] = [];
  const problems: ManifestProblem[] = [];
  for (const path of paths) {
    for (const found of await filesOf(path)) {
      if (typeof found !== 'string') {
        problems.push(found);
        continue;
      }
      const parsed = await readManifestFile(found);
      if (found === path && parsed.manifests.length + parsed.problems.length === 0)
        problems.push({ severity: 'warning', file: path, message: 'no Kubernetes object in this file' });
      manifests.push(...parsed.manifests);
      problems.push(...parsed.problems);
    }
  }
  return { manifests, problems };
}

/** Decodes manifests for the core; one that does not decode is a problem at its line, and the others go on. */
export function decodeManifests(manifests: readonly Manifest[]): DecodedManifests {
  const objects: ClusterObject[] = [];
  const others: Manifest[] = [];
  const problems: ManifestProblem[] = [];
  for (const manifest of manifests) {
    try {
      const object = decodeObject(manifest.raw);
      if (object === undefined) others.push(manifest);
      else objects.push(object);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      problems.push({ severity: 'error', ...manifest.locate(error.path), message: error.message });
    }
  }
  return { objects, others, problems };
}

/** `file:line:column: message`, which editors and terminals turn into a link. */
export function manifestProblemText(problem: ManifestProblem): string {
  const place = problem.line === undefined ? '' : `:${problem.line}:${problem.column ?? 1}`;
  return `${problem.file}${place}: ${problem.severity === 'warning' ? 'warning: ' : ''}${problem.message}`;
}

async function readManifestFile(file: string): Promise<Manifests> {
  try {
    return parseManifests(file, await readFile(file, 'utf8'));
  } catch (error) {
    return { manifests: [], problems: [unreadable(file, error)] };
  }
}

async function filesOf(path: string): Promise<readonly (string | ManifestProblem)[]> {
  try {
    const isFolder = (await stat(path)).isDirectory();
    if (!isFolder) return [path];
    const found = await filesIn(path);
    if (found.length > 0) return found;
    return [{ severity: 'warning', file: path, message: 'no .yaml, .yml or .json file in this folder' }];
  } catch (error) {
    return [unreadable(path, error)];
  }
}

async function filesIn(folder: string): Promise<readonly (string | ManifestProblem)[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const found: (string | ManifestProblem)[] = [];
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.name.startsWith('.')) continue;
    if (entry.isDirectory()) found.push(...(await filesIn(path)));
    else if (kustomizations.has(basename(path))) found.push(notApplied(path));
    else if (extensions.has(extname(path))) found.push(path);
  }
  return found;
}

function notApplied(file: string): ManifestProblem {
  const message =
    'a kustomization is not applied here; run `kubectl kustomize FOLDER > all.yaml` and give all.yaml instead';
  return { severity: 'warning', file, message };
}

const unreadable = (file: string, error: unknown): ManifestProblem => ({
  severity: 'error',
  file,
  message: `cannot be read: ${fileTrouble(error)}`,
});
