import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Command } from 'commander';
import { givenOptions, withControllerOptions } from '../../src/cli/controller-options.ts';

test('OPS-01: lists grow when their option is repeated; of anything else the last one counts', () => {
  const command = withControllerOptions(new Command());
  command.parse(
    [
      '--default-tags=a=b',
      '--default-tags=c=d',
      '--log-level=info',
      '--log-level',
      'debug',
      '--enable-shield',
    ],
    { from: 'user' },
  );
  const { flags } = givenOptions(command, {}, {});
  assert.deepEqual(Object.fromEntries(flags), {
    'default-tags': 'a=b,c=d',
    'log-level': 'debug',
    'enable-shield': 'true',
  });
});
