import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { renderIamPolicy } from '../../scripts/iam-policy.ts';
import { operations } from '../../src/aws/ports.ts';

const services = {
  '@aws-sdk/client-elastic-load-balancing-v2': 'elasticloadbalancing',
  '@aws-sdk/client-cloudtrail': 'cloudtrail',
  '@aws-sdk/client-ec2': 'ec2',
  '@aws-sdk/client-acm': 'acm',
  '@aws-sdk/client-resource-groups-tagging-api': 'tag',
  '@aws-sdk/client-route-53': 'route53',
  '@aws-sdk/client-service-quotas': 'servicequotas',
  '@aws-sdk/client-shield': 'shield',
  '@aws-sdk/client-sts': 'sts',
  '@aws-sdk/client-wafv2': 'wafv2',
  '../waf-classic.ts': 'waf-regional',
} as const;

/** IAM actions of the commands that src/aws imports. */
function importedActions(): readonly string[] {
  const root = join(import.meta.dirname, '../../src/aws');
  const actions = globSync('**/*.ts', { cwd: root }).flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    const imports = text.matchAll(
      /(?:import|const) (type )?\{([^}]*)\} (?:from|= await import\()\s*'(@aws-sdk\/[^']+|\.\.\/waf-classic\.ts)'/g,
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
  readonly Statement: readonly {
    readonly Sid: string;
    readonly Action: readonly string[];
    readonly Resource: string | readonly string[];
    readonly Condition?: object;
  }[];
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

test('OPS-19: the policy allows every call that the code makes and nothing more', () => {
  // Which roles may be assumed, and whether all that happens in the account may be seen, is the operator's word
  // (docs/target-group-bindings.md, docs/drift.md).
  const asked = ['sts:AssumeRole', 'cloudtrail:LookupEvents'];
  const others = importedActions().filter((action) => !asked.includes(action));
  assert.deepEqual([...new Set(allowed)].toSorted(), others);
});

test('no statement of the policy is empty, and every one has an id of its own', () => {
  assert.ok(policy.Statement.every(({ Action }) => Action.length > 0));
  assert.equal(new Set(policy.Statement.map(({ Sid }) => Sid)).size, policy.Statement.length);
});

test('OPS-19: only reads, WAF and Shield, whose resources are not ours, reach everything without a condition', () => {
  const unlimited = policy.Statement.filter(
    ({ Resource, Condition }) => Resource === '*' && Condition === undefined,
  );
  assert.deepEqual(
    unlimited.map(({ Sid }) => Sid),
    ['Read', 'AddOns'],
  );
});

/** Whether any statement lets an action reach a resource, its conditions apart. */
function reaches(action: string, arn: string): boolean {
  return policy.Statement.filter(({ Action }) => Action.includes(action)).some(({ Resource }) =>
    [Resource].flat().some((pattern) => new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(arn)),
  );
}

test('OPS-19: listeners, rules and rules of security groups reach the resources that AWS asks permission for', () => {
  const elb = 'arn:aws:elasticloadbalancing:us-west-2:111122223333:';
  const ec2 = 'arn:aws:ec2:us-west-2:111122223333:';
  const asked: readonly (readonly [string, string])[] = [
    ['elasticloadbalancing:CreateListener', `${elb}loadbalancer/app/k8s-shop/0123456789abcdef`],
    ['elasticloadbalancing:ModifyListener', `${elb}listener/app/k8s-shop/0123456789abcdef/fedcba9876543210`],
    ['elasticloadbalancing:CreateRule', `${elb}listener/app/k8s-shop/0123456789abcdef/fedcba9876543210`],
    ['elasticloadbalancing:DeleteRule', `${elb}listener-rule/app/k8s-shop/0123456789abcdef/fedcba98/00aa`],
    ['elasticloadbalancing:SetRulePriorities', `${elb}listener-rule/app/k8s-shop/0123/fedc/00aa`],
    ['ec2:AuthorizeSecurityGroupIngress', `${ec2}security-group/sg-1`],
    ['ec2:RevokeSecurityGroupIngress', `${ec2}security-group-rule/sgr-1`],
    ['ec2:CreateSecurityGroup', `${ec2}vpc/vpc-1`],
  ];
  assert.deepEqual(
    asked.filter(([action, arn]) => !reaches(action, arn)),
    [],
  );
  assert.ok(!reaches('elasticloadbalancing:CreateListener', `${elb}loadbalancer/gwy/other/0123`));
});

test('OPS-17: the policy of another partition has its ARNs and nothing else', () => {
  const ours = renderIamPolicy();
  const theirs = renderIamPolicy('full', 'aws-us-gov');
  assert.doesNotMatch(theirs, /arn:aws:/);
  assert.equal(theirs.replaceAll('arn:aws-us-gov:', 'arn:aws:'), ours);
});
