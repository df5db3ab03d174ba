// `npm run check`: everything that can be said about the code without running it. One line a step; what a step has to say
// follows when it fails.

import { spawn } from 'node:child_process';
import { join } from 'node:path';

type Step = { readonly name: string; readonly command: readonly string[] };

const steps: readonly Step[] = [
  { name: 'format', command: ['biome', 'format', '.'] },
  { name: 'types', command: ['tsc', '-p', 'tsconfig.json'] },
  {
    name: 'lint',
    command: ['oxlint', '--type-aware', '--report-unused-disable-directives', '--deny-warnings'],
  },
  { name: 'dead code', command: ['knip'] },
  { name: 'generated', command: ['node', join('scripts', 'generate.ts'), '--check'] },
];

const root = join(import.meta.dirname, '..');

async function run({ name, command }: Step): Promise<boolean> {
  const started = Date.now();
  const [file = '', ...args] = command;
  const program = file === 'node' ? process.execPath : join(root, 'node_modules', '.bin', file);
  const child = spawn(program, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name.padEnd(10)} ${seconds.padStart(5)} s`);
  if (code !== 0) console.log(`${output.trim()}\n`);
  return code === 0;
}

let ok = true;
for (const step of steps) ok = (await run(step)) && ok;
process.exitCode = ok ? 0 : 1;
