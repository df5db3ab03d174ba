// Starts a Python emulator of AWS on a free loopback port, for the contract suite.

import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { freePorts } from '../free-ports.ts';
import { startWatchdog } from '../watchdog.ts';

export type EmulatorName = 'moto' | 'ministack';

export type Emulator = {
  readonly name: EmulatorName;
  /** What to give the AWS SDK as endpoint, for every service. */
  readonly url: string;
  /** Ends the emulator; safe to call twice. A test process that dies ends it too. */
  stop(): Promise<void>;
};

type Program = {
  readonly file: string;
  readonly args: (port: number) => readonly string[];
  readonly health: string;
};

const programs: Readonly<Record<EmulatorName, Program>> = {
  moto: {
    file: 'moto_server',
    args: (port) => ['-H', '127.0.0.1', '-p', `${port}`],
    health: '/moto-api/data.json',
  },
  // Its own command listens on every address. A worker process would outlive the one that is ended.
  ministack: {
    file: 'hypercorn',
    args: (port) => ['--workers', '0', '--bind', `127.0.0.1:${port}`, 'ministack.app:app'],
    health: '/_ministack/health',
  },
};

const startDeadlineMs = 60_000;

/**
 * The folder of the emulators' programs, which `npm test` gives to its emulator stage; undefined in every other run, so that
 * tests which need them can leave them out.
 */
export function emulatorFolder(): string | undefined {
  return process.env['ALBATROSS_EMULATORS'] || undefined;
}

/** Starts one emulator with an empty state of its own: 2 to 4 s. `folder` is `emulatorFolder()`. */
export async function startEmulator(name: EmulatorName, folder: string): Promise<Emulator> {
  const { file, args, health } = programs[name];
  const home = await mkdtemp(join(tmpdir(), `albatross-${name}-`));
  const [port = 0] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const watchdog = startWatchdog(home);
  const log = openSync(join(home, 'log'), 'w');
  const child = spawn(join(folder, file), args(port), {
    cwd: home,
    env: { PATH: process.env['PATH'], HOME: home, GATEWAY_PORT: `${port}`, IOT_MTLS_ENABLED: '0' },
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  child.unref();
  watchdog.watch(child);
  try {
    await untilHealthy(`${url}${health}`, child, join(home, 'log'));
  } catch (error) {
    await watchdog.stop();
    throw error;
  }
  return { name, url, stop: () => watchdog.stop() };
}

async function untilHealthy(url: string, child: ChildProcess, log: string): Promise<void> {
  const deadline = Date.now() + startDeadlineMs;
  while (Date.now() < deadline && child.exitCode === null) {
    if (await answers(url)) return;
    await sleep(100);
  }
  const tail = readFileSync(log, 'utf8').trim().split('\n').slice(-10).join('\n');
  throw new Error(`${child.spawnfile} did not answer on ${url} (exit code ${child.exitCode}):\n${tail}`);
}

async function answers(url: string): Promise<boolean> {
  try {
    const { statusCode, body } = await request(url);
    await body.dump();
    return statusCode === 200;
  } catch {
    return false;
  }
}
