import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { nearest } from '../../../src/core/annotations/nearest.ts';
import { renderAnnotationsPage } from '../../../src/core/annotations/page.ts';
import {
  annotationTable,
  entryOf,
  ownEntryOf,
  ownTable,
  suggestKey,
} from '../../../src/core/annotations/table.ts';

test('every key is described once', () => {
  const keys = annotationTable.map(({ key }) => key);
  assert.equal(new Set(keys).size, keys.length);
  assert.equal(keys.length, 72);
});

test('a member of a family is found by its beginning, the beginning alone is not one', () => {
  assert.equal(entryOf('actions.maintenance')?.key, 'actions.<name>');
  assert.equal(entryOf('target-control-port.front.80')?.key, 'target-control-port.<service>.<port>');
  assert.equal(entryOf('actions.'), undefined);
  assert.equal(entryOf('Scheme'), undefined);
});

test('an unknown key is answered with the known one that was meant, if one is near', () => {
  const meant: readonly (readonly [string, string | undefined])[] = [
    ['shceme', 'scheme'],
    ['subnet', 'subnets'],
    ['listen-port', 'listen-ports'],
    ['certificate-arns', 'certificate-arn'],
    ['healthcheck-intervall-seconds', 'healthcheck-interval-seconds'],
    ['action.page', 'actions.page'],
    ['group-name', 'group.name'],
    ['listener-attributes', 'listener-attributes.<protocol>-<port>'],
    ['something-else-entirely', undefined],
  ];
  for (const [written, known] of meant) assert.equal(suggestKey(written), known, written);
});

test('annotations of our own are known by their prefix, and a wrong one is answered with the one that was meant', () => {
  assert.equal(ownEntryOf('albatross.dev/allow-replacement').entry?.key, 'allow-replacement');
  assert.equal(ownEntryOf('albatross.dev/allow-replacment').meant, 'albatross.dev/allow-replacement');
  assert.deepEqual(ownEntryOf('alb.ingress.kubernetes.io/scheme'), { entry: undefined, meant: undefined });
});

/** Tags, finalizers, labels and the controller's name. */
const notAnnotations = [
  'adopted',
  'alb',
  'applied',
  'cluster-uid',
  'foreign-targets',
  'ingress',
  'oidc-secret',
  'resources',
  'retired-at',
];

test('each annotation of our own that the core reads is described', () => {
  const root = join(import.meta.dirname, '..', '..', '..', 'src', 'core');
  const read = globSync('**/*.ts', { cwd: root }).flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/'albatross\.dev\/([a-z-]+)'/g)].map(
      ([, key]) => key,
    ),
  );
  const known = [...ownTable.map(({ key }) => key), ...notAnnotations];
  assert.ok(read.length > 0);
  assert.deepEqual(
    [...new Set(read)].filter((key) => !known.includes(key ?? '')),
    [],
  );
});

test('of equally near candidates the first is taken', () => {
  assert.equal(nearest('bat', ['cat', 'hat']), 'cat');
  assert.equal(nearest('x', ['abc']), undefined);
});

test('the page has every annotation with its example', () => {
  const page = renderAnnotationsPage();
  for (const { key, example } of annotationTable) {
    assert.ok(page.includes(`### \`${key}\``), key);
    assert.ok(page.includes(example.replaceAll("'", "''")), key);
  }
  for (const { key } of ownTable) assert.ok(page.includes(`### \`albatross.dev/${key}\``), key);
});
