import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

type Entry = { readonly optionalDependencies?: Readonly<Record<string, string>> };

// A registry mirror that lacks a package for another platform makes npm leave it out of the lock file, and then `npm ci`
// refuses the lock file on every machine. "npm install" against the public registry puts it right.
test('package-lock.json names the packages of every platform, so that npm ci takes it', () => {
  const file = join(import.meta.dirname, '..', '..', 'package-lock.json');
  const { packages } = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, Entry> };
  const missing = Object.entries(packages).flatMap(([path, entry]) =>
    Object.keys(entry.optionalDependencies ?? {}).filter(
      (name) => !(`node_modules/${name}` in packages) && !(`${path}/node_modules/${name}` in packages),
    ),
  );
  assert.deepEqual(missing, []);
});
