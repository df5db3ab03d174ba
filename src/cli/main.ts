#!/usr/bin/env node
// The command line: one file a subcommand. A mistake in it is one clear line and exit code 2, a failure exit code 1.

import { program } from './program.ts';
import { ending } from './user-error.ts';

// `albatross … | head` closes our output early: that ends us, and is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

try {
  await program().parseAsync();
} catch (error) {
  const { text, exitCode } = ending(error);
  if (text !== undefined) console.error(text);
  process.exitCode = exitCode;
}
