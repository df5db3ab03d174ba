// The folder for everything that is expensive to make and is kept between runs.

import { readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export type Progress = (line: string) => void;

/** `$XDG_CACHE_HOME/albatross`, or `~/.cache/albatross`. */
export function cacheRoot(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'albatross');
}

/**
 * Takes a lock that holds for all processes of this machine, and returns what gives it back. The lock file holds its
 * owner's process id, so that a lock whose owner died is taken over. While it waits it says so once.
 */
export async function lock(path: string, progress: Progress): Promise<() => Promise<void>> {
  for (let waited = 0; ; waited += 1) {
    if (await create(path)) return () => rm(path, { force: true });
    const owner = Number(await readFile(path, 'utf8').catch(() => ''));
    if (owner > 0 && !isAlive(owner)) await rm(path, { force: true });
    else if (waited === 0) progress(`waiting for process ${owner}, which does this already …`);
    await sleep(500);
  }
}

async function create(path: string): Promise<boolean> {
  try {
    await writeFile(path, `${process.pid}`, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
