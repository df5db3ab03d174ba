import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { test } from 'node:test';

const launcher = join(import.meta.dirname, '..', '..', 'scripts', 'launch.mjs');

/** Breaks, as npm ci does, when another one is at work in the same folder. */
const npm = `#!/bin/sh
mkdir at-work || exit 1
sleep 0.5
mkdir -p node_modules
echo installed >> installed
rmdir at-work
`;

/** A checkout without dependencies whose npm is the one above. */
async function withCheckout(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'albatross-launch-'));
  try {
    for (const name of ['scripts', 'bin']) await mkdir(join(folder, name));
    await copyFile(launcher, join(folder, 'scripts', 'launch.mjs'));
    await writeFile(join(folder, 'package-lock.json'), '{}');
    await writeFile(join(folder, 'entry.mjs'), '');
    await writeFile(join(folder, 'bin', 'npm'), npm);
    await chmod(join(folder, 'bin', 'npm'), 0o755);
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function launch(folder: string): Promise<number> {
  const child = spawn(process.execPath, [join(folder, 'scripts', 'launch.mjs'), 'entry.mjs'], {
    stdio: 'ignore',
    env: {
      ...process.env,
      PATH: [join(folder, 'bin'), dirname(process.execPath), process.env['PATH']].join(delimiter),
    },
  });
  const [code] = (await once(child, 'exit')) as [number];
  return code;
}

const onWindows = { skip: process.platform === 'win32' && 'the npm of this test is a shell script' };

test('commands that start together on a fresh clone install the dependencies once', onWindows, async () => {
  await withCheckout(async (folder) => {
    assert.deepEqual(await Promise.all([launch(folder), launch(folder), launch(folder)]), [0, 0, 0]);
    assert.equal(await readFile(join(folder, 'installed'), 'utf8'), 'installed\n');
  });
});

test('a command that was killed while it installed stops nobody', onWindows, async () => {
  await withCheckout(async (folder) => {
    const dead = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
    await once(dead, 'exit');
    await writeFile(join(folder, '.installing'), String(dead.pid));
    assert.equal(await launch(folder), 0);
    await assert.rejects(readFile(join(folder, '.installing')), /ENOENT/);
  });
});
