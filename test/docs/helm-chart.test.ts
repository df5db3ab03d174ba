import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse, parseAllDocuments } from 'yaml';
import { chartValues } from '../../scripts/helm-chart.ts';
import { options } from '../../src/config/options.ts';

const deploy = join(import.meta.dirname, '..', '..', 'deploy');
const read = (file: string): string => readFileSync(join(deploy, file), 'utf8');

/** The rules of every role of a file, whose template lines are left out. */
function rulesOf(file: string): readonly unknown[] {
  const text = read(file)
    .split('\n')
    .filter((line) => !line.includes('{{'))
    .join('\n');
  return parseAllDocuments(text)
    .map((document) => (document.toJS() as { readonly rules?: unknown } | null)?.rules)
    .filter((rules) => rules !== undefined);
}

test('OPS-18: every option has a value of the chart, but those that the chart decides', () => {
  const withValue = new Set(chartValues.map(({ option }) => option.name));
  const without = Object.values(options)
    .map(({ name }) => name)
    .filter((name) => !withValue.has(name));
  assert.deepEqual(without, [
    'kubeconfig',
    'enable-leader-election',
    'leader-election-id',
    'leader-election-namespace',
    'health-probe-bind-addr',
  ]);
  assert.equal(new Set(chartValues.map(({ path }) => path)).size, chartValues.length);
});

test('OPS-18: chart and kustomize base grant the same permissions', () => {
  const rules = rulesOf('helm/albatross/templates/rbac.yaml');
  assert.equal(rules.length, 2);
  assert.deepEqual(rules, rulesOf('base/rbac.yaml'));
});

test('OPS-18: the schema knows every value that values.yaml has', () => {
  const { properties } = JSON.parse(read('helm/albatross/values.schema.json')) as { properties: object };
  const values = parse(read('helm/albatross/values.yaml')) as object;
  assert.deepEqual(
    Object.keys(values).filter((key) => !Object.hasOwn(properties, key)),
    [],
  );
});
