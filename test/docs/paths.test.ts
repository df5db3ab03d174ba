import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '..', '..');
const pages = globSync(['*.md', '{docs,deploy,examples,localstack}/**/*.md', 'test/**/README.md'], {
  cwd: root,
});

/** Files and folders of this repository in back quotes; words in capitals stand for a name. */
const named = /`((?:src|test|docs|scripts|deploy|iam|examples|localstack|bench)\/[\w./-]+)`/g;
const linked = /\]\((?![a-z]+:|#)([^)#\s]+)/g;
const isPlaceholder = (path: string): boolean => /\/[A-Z-]+(\.\w+)?$/.test(path) && !path.endsWith('.md');

const found = (page: string, pattern: RegExp): readonly string[] =>
  [...readFileSync(join(root, page), 'utf8').matchAll(pattern)].map(([, path = '']) => path);

test('every file and folder that a page names is there', () => {
  const missing = pages.flatMap((page) => [
    ...found(page, linked).filter((path) => !existsSync(join(root, dirname(page), path))),
    ...found(page, named).filter((path) => !isPlaceholder(path) && !existsSync(join(root, path))),
  ]);
  assert.ok(pages.length > 30, `${pages.length} pages`);
  assert.deepEqual(missing, []);
});

/** ARCHITECTURE.md leaves `src/` and `src/core/` away, and a folder where it names several files of it. */
test('every source file that ARCHITECTURE.md names is there', () => {
  const files = globSync('{src,scripts,test}/**/*.ts', { cwd: root }).map((path) =>
    path.replaceAll('\\', '/'),
  );
  const paths = found('ARCHITECTURE.md', /`([\w/.-]+\.ts)`/g);
  assert.ok(paths.length > 30, `${paths.length} paths`);
  assert.deepEqual(
    paths.filter((path) => !files.some((file) => `/${file}`.endsWith(`/${path}`))),
    [],
  );
});
