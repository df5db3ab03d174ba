import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planExitCode } from '../../src/cli/plan-exit.ts';
import type { Planned } from '../../src/cli/plan-output.ts';
import { type GroupKey, operationId, resourceId } from '../../src/core/domain/ids.ts';
import type { Operation } from '../../src/core/domain/operation.ts';
import { ref } from '../core/desired/models.ts';

const subject = resourceId('load-balancer', 'k8s-shop');
const operation = (kind: 'release' | 'deleteRule' | 'deregisterTargets' | 'setTags'): Operation =>
  ({
    kind,
    id: operationId(kind, subject),
    subject,
    because: { reason: 'unwanted', text: '' },
    dependsOn: [],
  }) as unknown as Operation;

const planned = (operations: readonly Operation[], isWrong = false): Planned => ({
  groups: [],
  bindings: [],
  network: { key: '(network)' as GroupKey, operations, held: [], problems: [], foreign: [] },
  seen: undefined as unknown as Planned['seen'],
  assumptions: [],
  complaints: isWrong ? [`${ref('shop/web').name} cannot be read`] : [],
  notices: [],
});

test('Ask 25.2: the exit code of a plan is that of the worst that it does, and a mistake comes first', () => {
  const cases: readonly (readonly [Planned, number])[] = [
    [planned([]), 0],
    [planned([operation('setTags')]), 3],
    [planned([operation('deregisterTargets')]), 3],
    [planned([operation('setTags'), operation('deleteRule')]), 4],
    [planned([operation('release')]), 4],
    [planned([operation('deleteRule')], true), 1],
  ];
  for (const [given, code] of cases) assert.equal(planExitCode(given), code);
});
