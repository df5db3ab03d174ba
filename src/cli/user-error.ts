import { CommanderError } from 'commander';
import { AwsError } from '../aws/errors.ts';
import { KubeError } from '../kube/kube-error.ts';
import { LeadershipLostError } from '../kube/lease.ts';
import { fileTrouble } from '../lib/file-trouble.ts';
import { ListenError } from '../telemetry/http.ts';

/** A mistake of the person at the keyboard: printed as it is, without a stack. */
export class UserError extends Error {
  readonly exitCode: number;

  /** 2: the command line is wrong; 1: it is right, and what it asked for failed. */
  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message);
    this.name = 'UserError';
    this.exitCode = exitCode;
  }
}

/** What to print for an error that ended a command, and the exit code. Only bugs show a stack. */
export function ending(error: unknown): { readonly text: string | undefined; readonly exitCode: number } {
  if (error instanceof CommanderError) {
    // Commander has printed it; help and version are no errors.
    return { text: undefined, exitCode: error.exitCode === 0 ? 0 : 2 };
  }
  if (error instanceof UserError) return { text: `albatross: ${error.message}`, exitCode: error.exitCode };
  if (expected.some((kind) => error instanceof kind) || isSystemError(error)) {
    return { text: `albatross: ${messageOf(error)}`, exitCode: 1 };
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { text: `albatross: internal error, please report it\n${stack}`, exitCode: 1 };
}

/** Failures of the world, whose messages say it all. */
const expected = [KubeError, AwsError, LeadershipLostError, ListenError];

function messageOf(error: unknown): string {
  if (isSystemError(error) && 'path' in error && typeof error.path === 'string')
    return `${error.path}: ${fileTrouble(error)}`;
  return error instanceof Error ? error.message : String(error);
}

/** A file that is missing, a port in use: named by the system well enough. */
function isSystemError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && 'syscall' in error;
}
