import { watch } from 'node:fs';
import { dirname } from 'node:path';
import { statSync } from 'node:fs';
import { type Manifests, readManifests } from '../kube/manifest-files.ts';

/** An editor writes a file in several steps; they count as one change. */
const settleMs = 150;

/**
 * Reads manifests again whenever a file below `paths` changes, until the signal is aborted. The folder around a single
 * file is watched, because editors replace files rather than write them.
 */
export function watchManifests(
  paths: readonly string[],
  onChange: (manifests: Manifests) => void,
  signal: AbortSignal,
): void {
  let pending: NodeJS.Timeout | undefined;
  const reread = () => {
    clearTimeout(pending);
    pending = setTimeout(() => {
      void readManifests(paths).then((manifests) => {
        if (!signal.aborted) onChange(manifests);
      });
    }, settleMs);
  };
  for (const path of paths) {
    const isFolder = statSync(path).isDirectory();
    watch(isFolder ? path : dirname(path), { recursive: isFolder, signal }, reread);
  }
  signal.addEventListener('abort', () => clearTimeout(pending), { once: true });
}
