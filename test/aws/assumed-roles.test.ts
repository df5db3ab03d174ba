import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isKind } from '../../src/aws/errors.ts';
import type { TargetGroupArn } from '../../src/core/domain/ids.ts';
import type { ControlPlane } from '../../src/simulator/aws/control-plane.ts';
import { localAws } from './local-aws.ts';

const role = { arn: 'arn:aws:iam::210987654321:role/targets', externalId: 'shop' };

async function createTargetGroup(account: ControlPlane, VpcId: string): Promise<TargetGroupArn> {
  const wanted = { Name: 'theirs', Protocol: 'HTTP', Port: 80, VpcId, TargetType: 'ip' };
  const { TargetGroups } = (await account.call('elbv2', 'CreateTargetGroup', wanted)) as {
    readonly TargetGroups: readonly [{ readonly TargetGroupArn: TargetGroupArn }];
  };
  return TargetGroups[0].TargetGroupArn;
}

test('TGB-19: a target group of another account is read and filled as its role, whose credentials are kept', async (t) => {
  const { aws, account, clock, settled, signal, id } = localAws(t);
  // The SDK compares the end of credentials with the time of day.
  await clock.advance(Date.now());
  account.state.roles.set(role.arn, { externalId: role.externalId });
  const arn = await createTargetGroup(account, id('vpc'));
  const query = { arn, name: undefined, role };
  assert.equal((await settled(aws.targetGroup(query, { signal })))?.targetType, 'ip');
  const operation = {
    kind: 'registerTargets',
    targetGroup: arn,
    targets: [{ id: '10.0.96.7', port: 8080, availabilityZone: undefined }],
    role,
  };
  await settled(
    aws.handlers.registerTargets(
      operation as never,
      ((known: unknown) => known) as never,
      { signal } as never,
    ),
  );
  const seen = await settled(aws.observeTargets(arn, { signal, role }));
  assert.deepEqual(
    seen.map((target) => target.id),
    ['10.0.96.7'],
  );
  const counts = account.trace.entries().filter(({ operation: name }) => name === 'AssumeRole').length;
  assert.equal(counts, 1);
});

test('TGB-19: a wrong external id and a missing one are refused, and the refusal names the role', async (t) => {
  const { aws, account, settled, signal, id } = localAws(t);
  account.state.roles.set(role.arn, { externalId: role.externalId });
  const arn = await createTargetGroup(account, id('vpc'));
  for (const externalId of ['other', undefined]) {
    const query = { arn, name: undefined, role: { ...role, externalId } };
    const error = await settled(aws.targetGroup(query, { signal }).catch((thrown: unknown) => thrown));
    assert.ok(isKind(error, 'denied'), String(error));
    assert.match(error.message, /sts:AssumeRole on resource: arn:aws:iam::210987654321:role\/targets/);
  }
});
