// `npm test`: everything that needs only Node, then the suites that need a real control plane and the Python emulators.
// What these need is fetched or built first; where that is impossible they are skipped with one line that says why.
//   npm test                       everything
//   npm test -- core/plan quota    only files whose path contains one of the words
//   npm test -- --no-skip          skipping is an error (also ALBATROSS_NO_SKIP=1)

import { spawn } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Progress } from '../test/support/cache.ts';
import { buildBinaries, buildObstacle, findBinaries } from '../test/support/cluster/binaries.ts';
import { findEmulators, installEmulators, installObstacle } from '../test/support/emulators/python.ts';
import type { TestResults } from './test-results.ts';

type Readiness =
  | { readonly kind: 'ready'; readonly env: Readonly<Record<string, string>> }
  | { readonly kind: 'skip'; readonly reason: string };

type Stage = {
  readonly name: string;
  readonly takes: (file: string) => boolean;
  readonly prepare: (progress: Progress) => Promise<Readiness>;
  readonly minutes: number;
  /** How many processes its files are dealt out to; one when absent. */
  readonly processes?: number;
};

const root = join(import.meta.dirname, '..');
const inFolder = (file: string, ...folders: string[]) =>
  folders.some((folder) => file.startsWith(`test/${folder}/`));

const stages: readonly Stage[] = [
  {
    name: 'node',
    takes: (file) => !inFolder(file, 'cluster', 'emulators'),
    prepare: () => Promise.resolve({ kind: 'ready', env: {} }),
    minutes: 15,
    // Two for each core: the files with servers and timers wait more than they compute.
    processes: Math.min(2 * availableParallelism(), 6),
  },
  { name: 'cluster', takes: (file) => inFolder(file, 'cluster'), prepare: prepareCluster, minutes: 15 },
  // The contract suite has run against the simulator by then; here it runs against the emulators too.
  {
    name: 'emulators',
    takes: (file) => inFolder(file, 'contract', 'emulators'),
    prepare: prepareEmulators,
    minutes: 15,
  },
];

async function prepareCluster(progress: Progress): Promise<Readiness> {
  const obstacle = findBinaries() === undefined ? await buildObstacle() : undefined;
  if (obstacle !== undefined) return { kind: 'skip', reason: obstacle };
  await buildBinaries(progress);
  return { kind: 'ready', env: {} };
}

async function prepareEmulators(progress: Progress): Promise<Readiness> {
  const obstacle = findEmulators() === undefined ? await installObstacle() : undefined;
  if (obstacle !== undefined) return { kind: 'skip', reason: obstacle };
  return { kind: 'ready', env: { ALBATROSS_EMULATORS: await installEmulators(progress) } };
}

const args = process.argv.slice(2);
const noSkip = args.includes('--no-skip') || process.env['ALBATROSS_NO_SKIP'] === '1';
const words = args.filter((arg) => !arg.startsWith('--'));
const scratch = mkdtempSync(join(tmpdir(), 'albatross-test-'));

/**
 * All files of a stage in a few processes, one unless the stage says otherwise: a process per file costs more than most
 * files' tests, and files of one process can share what is expensive.
 */
async function runFiles(
  stage: Stage,
  files: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<TestResults> {
  const count = Math.min(stage.processes ?? 1, files.length);
  const shares = Array.from({ length: count }, (_, share) =>
    files.filter((_file, index) => index % count === share),
  );
  const results = await Promise.all(shares.map((share, index) => runProcess(stage, share, index, env)));
  return results.reduce((sum, { passed, failed, skipped }) => ({
    passed: sum.passed + passed,
    failed: sum.failed + failed,
    skipped: sum.skipped + skipped,
  }));
}

async function runProcess(
  stage: Stage,
  files: readonly string[],
  index: number,
  env: Readonly<Record<string, string>>,
): Promise<TestResults> {
  const resultsFile = join(scratch, `${stage.name}-${index}.json`);
  const options = [
    '--disable-warning=ExperimentalWarning',
    '--enable-source-maps',
    '--test',
    '--test-isolation=none',
    '--test-timeout=120000',
    // A server or timer that a test forgot must not hold up the others' results.
    '--test-force-exit',
    `--test-reporter=${words.length > 0 ? 'spec' : 'dot'}`,
    '--test-reporter-destination=stdout',
    `--test-reporter=${join(root, 'scripts', 'test-results.ts')}`,
    `--test-reporter-destination=${resultsFile}`,
  ];
  const child = spawn(process.execPath, [...options, ...files], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: stage.minutes * 60_000,
    killSignal: 'SIGKILL',
  });
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) =>
    child.on('error', reject).on('close', (...ending) => resolve(ending)),
  );
  if (signal === 'SIGKILL') console.error(`${stage.name}: killed after ${stage.minutes} minutes`);
  const results = readResults(resultsFile);
  // A process that ends badly without a failed test (a crash, an error after the last test) has failed all the same.
  return code !== 0 && results.failed === 0 ? { ...results, failed: 1 } : results;
}

function readResults(file: string): TestResults {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as TestResults;
  } catch {
    // It ended before it could write them.
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

/** One stage to its end; the returned line says what happened. */
async function runStage(
  stage: Stage,
  files: readonly string[],
): Promise<{ readonly line: string; readonly ok: boolean }> {
  const started = Date.now();
  console.log(`\n── ${stage.name}: ${files.length} files`);
  const readiness = await stage
    .prepare((line) => console.log(`${stage.name}: ${line}`))
    .catch(
      (error: unknown): Readiness => ({
        kind: 'skip',
        reason: String(error).replaceAll('\n', ' ').slice(0, 300),
      }),
    );
  if (readiness.kind === 'skip') {
    const line = `skipped ${files.length} files: ${readiness.reason}`;
    return noSkip ? { line: `${line} (skipping is forbidden here)`, ok: false } : { line, ok: true };
  }
  const { passed, failed, skipped } = await runFiles(stage, files, readiness.env);
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  const line = `${passed} passed, ${failed} failed, ${skipped} skipped (${seconds} s)`;
  if (noSkip && skipped > 0) return { line: `${line}; skipping is forbidden here`, ok: false };
  return { line, ok: failed === 0 };
}

const all = globSync('test/**/*.test.ts', { cwd: root })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
  .toSorted();
if (all.length === 0) {
  console.error(`no test file's path contains ${words.join(' or ')}; see test/`);
  process.exit(1);
}
const lines: string[] = [];
let ok = true;
for (const stage of stages) {
  const files = all.filter(stage.takes);
  if (files.length === 0) continue;
  const result = await runStage(stage, files);
  lines.push(`${stage.name.padEnd(10)} ${result.line}`);
  ok &&= result.ok;
}
rmSync(scratch, { recursive: true, force: true });
console.log(`\n${lines.join('\n')}\n${ok ? 'PASSED' : 'FAILED'}`);
process.exitCode = ok ? 0 : 1;
