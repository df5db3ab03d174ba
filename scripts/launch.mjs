// Starts a TypeScript entry point of this checkout on the pinned Node, installing the dependencies first if need be.
// This file is the only one that may run on the system's Node, so it sticks to what Node 18 understands.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const [entry, ...args] = process.argv.slice(2);
const minimum = [22, 19];

function fail(message) {
  console.error(`albatross: ${message}`);
  process.exit(1);
}

function isRecentEnough(version) {
  const [major, minor] = version.replace(/^v/, '').split('.').map(Number);
  return major > minimum[0] || (major === minimum[0] && minor >= minimum[1]);
}

/** Commands that are started together wait for the first one: two `npm ci` in one folder break each other. */
async function installDependencies() {
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  const stamp = join(root, 'node_modules', '.installed-for');
  const isDone = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;
  if (isDone()) return;
  let failed = false;
  await takeLock();
  try {
    if (isDone()) return;
    console.error('Installing dependencies (npm ci) …');
    if ((await npmCi()) === 0) writeFileSync(stamp, wanted);
    else failed = true;
  } finally {
    rmSync(lockFile, { force: true });
  }
  if (failed)
    fail(
      'npm ci failed, see above; check the network and that package-lock.json is unchanged, then try again',
    );
}

/** Outside node_modules, which npm ci empties. */
const lockFile = join(root, '.installing');

/** The file holds the processes that install; it counts for as long as one of them lives, so a killed one stops nobody. */
async function takeLock() {
  for (let waited = 0; ; waited += 1) {
    try {
      writeFileSync(lockFile, String(process.pid), { flag: 'wx' });
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (!isHeld()) rmSync(lockFile, { force: true });
    else if (waited === 0)
      console.error(`Waiting for another command that installs the dependencies (${lockFile}) …`);
    await sleep(200);
  }
}

function isHeld() {
  try {
    const owners = readFileSync(lockFile, 'utf8').split(' ').map(Number);
    // Made, and not written yet; or its owner died just then.
    if (owners[0] === 0) return Date.now() - statSync(lockFile).mtimeMs < 5000;
    return owners.some((pid) => pid !== process.pid && isAlive(pid));
  } catch {
    return false;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** The exit code of npm; its process is written into the lock, since it can outlive a launcher that is killed. */
function npmCi() {
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const ci = spawn(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (ci.pid !== undefined) writeFileSync(lockFile, `${process.pid} ${ci.pid}`);
  return new Promise((resolve) => {
    ci.on('error', () => resolve(1));
    ci.on('exit', resolve);
  });
}

function pinnedNode() {
  const executable = process.platform === 'win32' ? 'node.exe' : 'node';
  const packages = [
    `node-${process.platform.replace('win32', 'win')}-${process.arch}`,
    `node-bin-${process.platform}-${process.arch}`,
  ];
  for (const name of packages) {
    for (const path of [join('bin', executable), executable]) {
      const candidate = join(root, 'node_modules', name, path);
      if (existsSync(candidate)) return candidate;
    }
  }
  if (isRecentEnough(process.version)) return process.execPath;
  return fail(
    `Node ${process.version} is too old and no pinned Node 24 is packaged for ${process.platform}-${process.arch}; ` +
      `install Node ${minimum.join('.')} or newer and try again`,
  );
}

if (!entry) fail('usage: node scripts/launch.mjs ENTRY.ts [ARGUMENT …]');
await installDependencies();
const node = pinnedNode();
const path = [dirname(node), join(root, 'node_modules', '.bin'), process.env.PATH].join(
  process.platform === 'win32' ? ';' : ':',
);
const child = spawn(
  node,
  ['--disable-warning=ExperimentalWarning', '--enable-source-maps', join(root, entry), ...args],
  {
    stdio: 'inherit',
    env: { ...process.env, PATH: path },
  },
);
// Ctrl-C reaches the child through the terminal's process group; a plain kill of the launcher must be passed on.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  });
}
child.on('exit', (code, signal) => process.exit(signal ? 130 : (code ?? 1)));
child.on('error', (error) => fail(`cannot start ${node}: ${error.message}`));
