// The commands as processes, against the local AWS and the local Kubernetes API: what they print, and their exit codes.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { endpointsAt } from '../../src/sandbox/controller-flags.ts';
import { ingress, services, yaml } from '../scenario/manifests.ts';
import { eventually } from '../support/eventually.ts';
import { type LocalController, withController } from '../support/local-controller.ts';

const main = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');
const before = yaml(
  ...services('shop', 'web'),
  ingress('site', { annotations: { 'group.name': 'shop' }, rules: [['a.example.com', '/', 'web']] }),
);

type Ran = { readonly code: number; readonly out: string; readonly err: string };
type Run = (command: string, options?: RunOptions) => Promise<Ran>;
type RunOptions = {
  readonly env?: Readonly<Record<string, string>>;
  readonly without?: readonly string[];
  readonly flags?: Readonly<Record<string, string>>;
};

/** Runs `albatross COMMAND` with the options of this world. */
function runner(t: TestContext, { world }: LocalController): Run {
  const folder = mkdtempSync(join(tmpdir(), 'albatross-commands-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, world.kube.kubeconfig());
  const all: Readonly<Record<string, string>> = {
    kubeconfig,
    'cluster-name': 'test',
    'aws-region': 'us-west-2',
    'aws-vpc-id': world.id('vpc'),
    'aws-api-endpoints': endpointsAt(world.aws.url),
  };
  const credentials = { AWS_ACCESS_KEY_ID: 'AKIDTEST', AWS_SECRET_ACCESS_KEY: 'test' };
  return (command, { env = credentials, without = [], flags = {} } = {}) =>
    new Promise((resolve) => {
      const options = Object.entries({ ...all, ...flags })
        .filter(([name]) => !without.includes(name))
        .map(([name, value]) => `--${name}=${value}`);
      const child = execFile(
        process.execPath,
        [main, ...command.split(' '), ...options],
        { env: { PATH: process.env['PATH'], HOME: folder, AWS_EC2_METADATA_DISABLED: 'true', ...env } },
        (_error, out, err) => resolve({ code: child.exitCode ?? -1, out, err }),
      );
    });
}

test('Ask 6.5: orphans lists what no Ingress stands for, and deletes nothing', (t) =>
  withController({ before }, async (local) => {
    await local.rest();
    const run = runner(t, local);
    assert.deepEqual(await run('orphans'), { code: 0, out: 'No orphans.\n', err: '' });
    const { aws } = local.world;
    await aws.call('elbv2', 'CreateTargetGroup', {
      Name: 'k8s-left',
      Protocol: 'HTTP',
      Port: 80,
      VpcId: local.world.id('vpc'),
      Tags: [
        { Key: 'elbv2.k8s.aws/cluster', Value: 'test' },
        { Key: 'ingress.k8s.aws/stack', Value: 'gone/site' },
      ],
    });
    const mark = aws.trace.mark;
    const { code, out } = await run('orphans');
    assert.equal(code, 0);
    assert.match(out, /^Group gone\/site, with the name of this cluster and no UID/);
    assert.match(out, /\n {2}target group arn:\S+\/k8s-left\//);
    const [first] = JSON.parse((await run('orphans --json')).out) as readonly { group: string }[];
    assert.equal(first?.group, 'gone/site');
    assert.deepEqual(aws.trace.writes(mark), []);
  }));

test('Ask 5.2, Ask 12.6: drift lists targets that are missing and those of others; with --foreign=remove these are differences', (t) =>
  withController({ before, flags: { 'audit-interval': '1s', drift: 'report' } }, async (local) => {
    await local.rest();
    const run = runner(t, local);
    assert.deepEqual(await run('drift'), { code: 0, out: 'Nothing differs in 1 group.\n', err: '' });
    const { call, state } = local.world.aws;
    const [group] = [...state.targetGroups.values()];
    assert.ok(group);
    const [first] = group.targets.values();
    await call('elbv2', 'RegisterTargets', {
      TargetGroupArn: group.arn,
      Targets: [{ Id: '10.0.9.9', Port: 8080 }],
    });
    await eventually(
      () => assert.ok(state.tags.get(group.arn)?.current.has('albatross.dev/foreign-targets')),
      10_000,
    );
    await call('elbv2', 'DeregisterTargets', {
      TargetGroupArn: group.arn,
      Targets: [{ Id: first?.id, Port: first?.port }],
    });
    const { code, out } = await run('drift', { flags: { drift: 'report' } });
    assert.equal(code, 1);
    assert.match(
      out,
      new RegExp(
        `shop +targetGroup.targets .*target ${first?.id}:8080 +Pod shop/web-\\d +\\(absent\\) +report`,
      ),
    );
    assert.match(out, /Not ours, left alone:\n {2}shop: target 10\.0\.9\.9:8080 of target group k8s-/);
    const strict = await run('drift', { flags: { foreign: 'remove' } });
    assert.match(strict.out, /target 10\.0\.9\.9:8080 +\(absent\) +registered +repair/);
    await local.restart({ flags: { 'audit-interval': '1s', foreign: 'remove' } });
    await eventually(
      () =>
        assert.ok(
          [...group.targets.values()].every(
            ({ id, deregisteredAt }) => id !== '10.0.9.9' || deregisteredAt !== undefined,
          ),
        ),
      10_000,
    );
  }));

test('Ask 1.3: limits of a cluster count the targets that are registered, and everybody’s security groups', (t) =>
  withController({ before }, async (local) => {
    await local.rest();
    const { code, out } = await runner(t, local)('limits');
    assert.equal(code, 0);
    const { size } = local.world.aws.state.securityGroups;
    assert.match(
      out,
      new RegExp(`security groups of region us-west-2 +${size} +${size} +2500 .*L-E79EC296 +Service Quotas`),
    );
    assert.match(out, /targets of load balancer k8s-shop-\S+ +2 +2 +1000/);
    assert.match(out, /targets of target group k8s-shop-\S+ +2 +2 +1000/);
    assert.doesNotMatch(out, / \? /);
  }));

test('bad input: what cannot be used is answered with a sentence, the next step and an exit code, and no stack', (t) =>
  withController({ before }, async (local) => {
    await local.rest();
    const run = runner(t, local);
    const cases: readonly (readonly [string, RunOptions, number, RegExp])[] = [
      ...[
        'plan',
        'drift',
        'limits',
        'explain http://a.example.com/',
        'explain http://a.example.com/ --live',
      ].map(
        (command) =>
          [`${command} --group nosuch`, {}, 2, /there is no group “nosuch”; there are shop/] as const,
      ),
      ['drift', { without: ['aws-region'] }, 1, /region.*--aws-region/s],
      ['drift', { env: {} }, 1, /credentials/i],
      ['orphans', { flags: { kubeconfig: '/nonexistent' } }, 1, /\/nonexistent/],
      ['drift', { flags: { drift: 'sometimes' } }, 2, /sometimes.*repair, report, ignore/s],
      ['limits', { flags: { 'aws-vpc-id': 'nosuch' } }, 2, /nosuch/],
    ];
    for (const [command, options, code, words] of cases)
      await t.test(`${command} ${JSON.stringify(options)}`, async () => {
        const { code: got, out, err } = await run(command, options);
        assert.match(err, words);
        assert.doesNotMatch(err, /\n\s+at /);
        assert.deepEqual([got, out], [code, '']);
      });
    local.world.aws.faults.add({ operation: 'DescribeLoadBalancers', action: { kind: 'deny' } });
    const { code, err } = await run('drift');
    assert.equal(code, 1);
    assert.match(err, /DescribeLoadBalancers/);
    assert.doesNotMatch(err, /\n\s+at /);
  }));
