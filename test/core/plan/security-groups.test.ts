import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policies } from '../../../src/core/domain/config.ts';
import type { DesiredGroup, SecurityGroupRule } from '../../../src/core/domain/desired-group.ts';
import { resourceId, type SecurityGroupId } from '../../../src/core/domain/ids.ts';
import { emptyObservedGroup, type ObservedGroup } from '../../../src/core/domain/observed-group.ts';
import { groupPlan } from '../../../src/core/plan/group.ts';
import { emptyGroup, groupModel } from '../../support/arbitrary-group.ts';
import { coreConfig } from '../../support/core-config.ts';
import { desiredLoadBalancer } from '../desired/models.ts';

const ours = policies.none.clientRuleDescription;
const from = (port: number, description: string): SecurityGroupRule => ({
  protocol: 'tcp',
  fromPort: port,
  toPort: port,
  source: { kind: 'ipv4', cidr: '0.0.0.0/0' },
  description,
});
const found = (...rules: readonly SecurityGroupRule[]): ObservedGroup => ({
  ...emptyObservedGroup(emptyGroup.key),
  securityGroups: [
    {
      id: 'sg-m' as SecurityGroupId,
      name: 'm',
      description: '',
      tags: {},
      ingress: rules.map((rule) => ({ ...rule, ruleId: `tcp/${rule.fromPort}` })),
    },
  ],
});
const wanting = (ports: readonly number[], held: readonly string[] = []): DesiredGroup => ({
  ...emptyGroup,
  model: groupModel(held),
  loadBalancer: desiredLoadBalancer('m'),
  securityGroups: [
    {
      id: resourceId('security-group', 'm'),
      name: 'm',
      description: '',
      tags: {},
      ingress: ports.map((port) => from(port, ours)),
    },
  ],
});

function plan(
  observed: ObservedGroup,
  desired: DesiredGroup,
  given: { readonly previous?: DesiredGroup; readonly config?: ReturnType<typeof coreConfig> } = {},
) {
  const { operations, foreign } = groupPlan({
    desired,
    observed,
    config: given.config ?? coreConfig(),
    previous: given.previous,
    complete: true,
    quotas: [],
    knownIds: new Map(),
  });
  return { revoked: operations.flatMap((one) => (one.kind === 'revokeIngress' ? one.ruleIds : [])), foreign };
}

const observed = found(from(80, ours), from(81, ours), from(82, ''), from(83, 'our office'));

test('Ask 5: rules that others added to a security group of ours stay and are listed; ours go, known by their description', () => {
  assert.deepEqual(plan(observed, wanting([80])), {
    revoked: ['tcp/81'],
    foreign: [
      'rule tcp 82 from 0.0.0.0/0 of security group m',
      'rule tcp 83 from 0.0.0.0/0 of security group m',
    ],
  });
});

test('a rule without a description is ours when it was wanted before: ALBC makes such rules', () => {
  assert.deepEqual(plan(observed, wanting([80]), { previous: wanting([80, 82]) }).revoked, [
    'tcp/81',
    'tcp/82',
  ]);
});

test('while a member is held, what the security group lets in stays', () => {
  assert.deepEqual(plan(observed, wanting([80], ['other'])).revoked, []);
});

test('Ask 5: under ALBC’s preset, and with --foreign=remove, every other rule goes', () => {
  for (const policy of [policies.albc, { ...policies.none, foreign: 'remove' as const }]) {
    const all = plan(observed, wanting([80]), { config: coreConfig({ policy }) });
    assert.deepEqual(all, { revoked: ['tcp/81', 'tcp/82', 'tcp/83'], foreign: [] });
  }
});
