// Starts the control plane's programs and waits for the API server.

import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import type { Binaries } from './binaries.ts';
import type { Watchdog } from '../watchdog.ts';

/** What all components of one control plane share. */
export type Place = { readonly folder: string; readonly binaries: Binaries; readonly watchdog: Watchdog };

const startDeadlineMs = 60_000;

/** Starts one program, its output in `<name>.log`. It does not keep this process alive; the watchdog ends it. */
export function startComponent(place: Place, name: keyof Binaries, args: readonly string[]): ChildProcess {
  const log = openSync(logFile(place.folder, name), 'w');
  const child = spawn(place.binaries[name], args, {
    cwd: place.folder,
    // kwok reads configuration below HOME.
    env: { PATH: process.env['PATH'], HOME: place.folder },
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  child.unref();
  place.watchdog.watch(child);
  return child;
}

function logFile(folder: string, name: string): string {
  return join(folder, `${name}.log`);
}

type Server = { readonly url: string; readonly caFile: string; readonly adminToken: string };

/** Waits until the API server says that it is ready; throws with the ends of the logs when it cannot become so. */
export async function untilReady(
  { folder }: Place,
  server: Server,
  children: readonly ChildProcess[],
): Promise<void> {
  const deadline = Date.now() + startDeadlineMs;
  while (Date.now() < deadline) {
    const dead = children.find((child) => child.exitCode !== null);
    if (dead !== undefined)
      throw new Error(`${dead.spawnfile} ended with ${dead.exitCode}:\n${await logTails(folder)}`);
    if (await isReady(server)) return;
    await sleep(50);
  }
  throw new Error(`the API server was not ready in ${startDeadlineMs / 1000} s:\n${await logTails(folder)}`);
}

async function isReady({ url, caFile, adminToken }: Server): Promise<boolean> {
  const ca = await readFile(caFile, 'utf8').catch(() => undefined);
  if (ca === undefined) return false;
  const dispatcher = new Agent({ connect: { ca } });
  const headers = { authorization: `Bearer ${adminToken}` };
  try {
    const response = await request(`${url}/readyz`, { dispatcher, headers });
    await response.body.dump();
    return response.statusCode === 200;
  } catch {
    return false;
  } finally {
    await dispatcher.destroy();
  }
}

async function logTails(folder: string): Promise<string> {
  const tails = ['etcd', 'kube-apiserver'].map(async (name) => {
    const log = await readFile(logFile(folder, name), 'utf8').catch(() => '');
    return `--- ${name}\n${log.trim().split('\n').slice(-8).join('\n')}`;
  });
  return (await Promise.all(tails)).join('\n');
}
