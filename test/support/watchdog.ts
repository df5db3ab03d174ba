// Ends processes and removes a folder, whatever becomes of the process that asked for it.

import { type ChildProcess, spawn } from 'node:child_process';

export type Watchdog = {
  /** Has this child killed at the end. */
  watch(child: ChildProcess): void;
  /** Ends it all now; safe to call twice. */
  stop(): Promise<void>;
};

/**
 * Starts a shell that is told process ids and does its work when its input ends: by stop(), or because the system closed
 * the pipe of a parent that died. It has a session of its own, so that Ctrl-C in a terminal does not end it early.
 */
export function startWatchdog(folder: string): Watchdog {
  const script = [
    'while read -r pid; do pids="$pids $pid"; done',
    '[ -n "$pids" ] && kill -9 $pids 2>/dev/null',
    'rm -rf "$0" 2>/dev/null || { sleep 1; rm -rf "$0"; }',
  ].join('\n');
  const shell = spawn('sh', ['-c', script, folder], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  const ended = new Promise<void>((resolve) => shell.once('exit', () => resolve()));
  shell.unref();
  unref(shell.stdin);
  return {
    watch: (child) => void shell.stdin.write(`${child.pid}\n`),
    stop() {
      shell.ref();
      shell.stdin.end();
      return ended;
    },
  };
}

/** A child's pipes are sockets and would keep this process alive; their declared type does not say so. */
function unref(stream: unknown): void {
  if (typeof stream !== 'object' || stream === null || !('unref' in stream)) return;
  if (typeof stream.unref === 'function') stream.unref();
}
