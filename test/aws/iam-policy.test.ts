import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { renderIamPolicy } from '../../scripts/iam-policy.ts';
import { operations } from '../../src/aws/ports.ts';

const services = {
  '@aws-sdk/client-elastic-load-balancing-v2': 'elasticloadbalancing',
  '@aws-sdk/client-ec2': 'ec2',
  '@aws-sdk/client-acm': 'acm',
  '@aws-sdk/client-resource-groups-tagging-api': 'tag',
  '@aws-sdk/client-route-53': 'route53',
  '@aws-sdk/client-shield': 'shield',
  '@aws-sdk/client-wafv2': 'wafv2',
  '../waf-classic.ts': 'waf-regional',
} as const;

/** IAM actions of the commands that src/aws imports. */
function importedActions(): readonly string[] {
  const root = join(import.meta.dirname, '../../src/aws');
  const actions = globSync('**/*.ts', { cwd: root }).flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    const imports = text.matchAll(
      /import (type )?\{([^}]*)\} from '(@aws-sdk\/[^']+|\.\.\/waf-classic\.ts)'/g,
    );
    return [...imports].flatMap(([, isType, names = '', module = '']) => {
      assert.ok(module in services, `${file} imports ${module}, which has no place in the policy`);
      const service = services[module as keyof typeof services];
      const commands = names.matchAll(/(type )?(\$?\w+)Command\b(?! as)/g);
      return isType === undefined ? [...commands].map(([, , name]) => `${service}:${name}`) : [];
    });
  });
  return [...new Set(actions)].toSorted();
}

const policy = JSON.parse(renderIamPolicy()) as {
  readonly Statement: readonly { readonly Sid: string; readonly Action: readonly string[] }[];
};
const allowed = policy.Statement.filter(
  ({ Sid }) => !['ServiceLinkedRole', 'WebAclOfLoadBalancer'].includes(Sid),
).flatMap(({ Action }) => Action);

test('the table of operations lists what the code imports and nothing more', () => {
  const listed = Object.entries(operations).flatMap(([service, rules]) =>
    Object.keys(rules).map((operation) => `${service}:${operation}`),
  );
  assert.deepEqual(listed.toSorted(), importedActions());
});

test('the policy allows every call that the code makes and nothing more', () => {
  assert.deepEqual([...new Set(allowed)].toSorted(), importedActions());
});

test('no statement of the policy is empty, and every one has an id of its own', () => {
  assert.ok(policy.Statement.every(({ Action }) => Action.length > 0));
  assert.equal(new Set(policy.Statement.map(({ Sid }) => Sid)).size, policy.Statement.length);
});

test('OPS-17: the policy of another partition has its ARNs and nothing else', () => {
  const ours = renderIamPolicy();
  const theirs = renderIamPolicy('aws-us-gov');
  assert.doesNotMatch(theirs, /arn:aws:/);
  assert.equal(theirs.replaceAll('arn:aws-us-gov:', 'arn:aws:'), ours);
});
