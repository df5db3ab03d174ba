import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseAllDocuments } from 'yaml';

type Webhook = {
  readonly name: string;
  readonly failurePolicy: string;
  readonly rules: readonly { readonly apiGroups: readonly string[]; readonly resources: readonly string[] }[];
  readonly namespaceSelector?: {
    readonly matchExpressions: readonly { readonly operator: string; readonly values: readonly string[] }[];
  };
};

test('trap 19: the shipped webhooks fail open, and the one for pods leaves our own namespace alone', () => {
  const file = join(import.meta.dirname, '../../deploy/webhooks/configurations.yaml');
  const webhooks = parseAllDocuments(readFileSync(file, 'utf8')).flatMap(
    (document) => (document.toJS() as { webhooks: readonly Webhook[] }).webhooks,
  );
  assert.deepEqual([...new Set(webhooks.map(({ failurePolicy }) => failurePolicy))], ['Ignore']);
  const ofCore = webhooks.filter(({ rules }) => rules.some(({ apiGroups }) => apiGroups.includes('')));
  assert.deepEqual(
    ofCore.map(({ name }) => name),
    ['mpod.elbv2.k8s.aws'],
  );
  for (const { namespaceSelector } of ofCore) {
    const [own] = namespaceSelector?.matchExpressions ?? [];
    assert.deepEqual([own?.operator, own?.values], ['NotIn', ['albatross-system']]);
  }
});
