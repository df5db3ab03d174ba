// The Python environment of the AWS emulators (test/contract/requirements.txt), made once per version set in the cache.

import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheRoot, lock, type Progress } from '../cache.ts';
import { run } from '../run.ts';

const requirements = join(import.meta.dirname, '..', '..', 'contract', 'requirements.txt');

function environment(): string {
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  return join(cacheRoot(), 'emulators', hash);
}

/** Written last: an environment without it was interrupted and is made anew. */
const complete = (folder: string) => join(folder, '.complete');

/** The folder with `moto_server` and `ministack` when the environment is there, else undefined. */
export function findEmulators(): string | undefined {
  return existsSync(complete(environment())) ? join(environment(), 'bin') : undefined;
}

/** Why `installEmulators` could not work here, as one line for a user, or undefined when it can. */
export async function installObstacle(): Promise<string | undefined> {
  if (process.platform === 'win32') return 'the emulators are not run on Windows; use WSL';
  const title = 'python3';
  const version = await run('python3', ['--version'], { title }).catch(() => undefined);
  if (version === undefined) return 'python3 is not on the PATH; install it and try again';
  const usable = await run('python3', ['-c', 'import venv, ensurepip'], { title }).catch(() => undefined);
  if (usable !== undefined) return undefined;
  return `${version.trim()} has no venv module; install it (Debian: apt-get install python3-venv) and try again`;
}

/** Finds the environment or makes it (about 20 s); returns the folder with `moto_server` and `ministack`. */
export async function installEmulators(progress: Progress): Promise<string> {
  const folder = environment();
  await mkdir(join(cacheRoot(), 'emulators'), { recursive: true });
  const unlock = await lock(`${folder}.lock`, progress);
  try {
    if (findEmulators() === undefined) await install(folder, progress);
  } finally {
    await unlock();
  }
  return join(folder, 'bin');
}

async function install(folder: string, progress: Progress): Promise<void> {
  progress('installing moto and ministack …');
  // Programs of a virtual environment name its path, so it is made where it stays and not renamed into place.
  await rm(folder, { recursive: true, force: true });
  await run('python3', ['-m', 'venv', folder], { title: 'python3 -m venv' });
  const args = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements];
  await run(join(folder, 'bin', 'python'), args, { title: 'pip install' });
  await writeFile(complete(folder), '');
}
