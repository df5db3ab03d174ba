// Runs a program to its end.

import { spawn } from 'node:child_process';

export type RunOptions = {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** What the program reads from its standard input; nothing when absent. */
  readonly input?: string;
  /** How the error names the program and what it was to do. */
  readonly title: string;
};

/** What the program printed. Throws with its last complaints when it cannot start or ends with another code than 0. */
export async function run(file: string, args: readonly string[], options: RunOptions): Promise<string> {
  const child = spawn(file, args, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: options.env }),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  // A program may end without having read its input; its exit code tells what is wrong.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  const code = await new Promise<number | null>((resolve, reject) =>
    child.on('error', reject).on('close', resolve),
  );
  if (code === 0) return Buffer.concat(output).toString();
  const complaints = Buffer.concat(errors).toString().trim().split('\n').slice(-15).join('\n');
  throw new Error(`${options.title}: ${complaints || `ended with ${code}`}`);
}
