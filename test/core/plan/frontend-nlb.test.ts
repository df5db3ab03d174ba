import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policies } from '../../../src/core/domain/config.ts';
import { fixedAddresses } from '../../../src/core/plan/frontend-obstacles.ts';
import { coreConfig } from '../../support/core-config.ts';

type Addressed = { readonly subnets: readonly string[]; readonly allocationIds?: readonly string[] };

const problemOf = (found: Addressed, wanted: Addressed, compatibility: 'none' | 'albc' = 'none') =>
  fixedAddresses(
    { name: 'k8s-shop-nlb', ...found } as never,
    wanted as never,
    { config: coreConfig({ policy: policies[compatibility] }) } as never,
  );

test('ANN-70: other addresses for subnets in use are told, for AWS does not change them', () => {
  const subnets = ['subnet-1', 'subnet-2'];
  const found = { subnets, allocationIds: ['eipalloc-1', 'eipalloc-2'] };
  const other = { subnets, allocationIds: ['eipalloc-1', 'eipalloc-3'] };
  const problem = problemOf(found, other);
  assert.equal(problem?.code, 'ReplacementHeld');
  assert.match(problem.message, /asks for eipalloc-1, eipalloc-3, .* has eipalloc-1, eipalloc-2/);
  assert.match(problemOf(found, { subnets })?.message ?? '', /asks for none/);
  assert.match(problemOf({ subnets }, other)?.message ?? '', /has none/);
  for (const [says, one] of [
    [
      'the same in another order',
      { subnets: subnets.toReversed(), allocationIds: ['eipalloc-2', 'eipalloc-1'] },
    ],
    ['another subnet, which AWS judges', { subnets: ['subnet-1'], allocationIds: ['eipalloc-3'] }],
  ] as const)
    assert.equal(problemOf(found, one), undefined, says);
  assert.equal(problemOf(found, other, 'albc'), undefined, 'ALBC only looks at the subnets');
});
