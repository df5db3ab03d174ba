import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Policy, policies } from '../../../src/core/domain/config.ts';
import type { Drift } from '../../../src/core/domain/drift.ts';
import type { GroupModel, HeldMember, LeavingMember } from '../../../src/core/domain/group-model.ts';
import { operationId, resourceId } from '../../../src/core/domain/ids.ts';
import type { ObservedGroup, ObservedTargetGroup } from '../../../src/core/domain/observed-group.ts';
import type { Because, Operation } from '../../../src/core/domain/operation.ts';
import type { Outcome } from '../../../src/core/domain/outcome.ts';
import type { Plan } from '../../../src/core/domain/plan.ts';
import type { Problem } from '../../../src/core/domain/problem.ts';
import { snapshotOf } from '../../../src/core/domain/snapshot.ts';
import { readFailureEvents } from '../../../src/core/report/events.ts';
import { finalizersToAdd } from '../../../src/core/report/finalizers.ts';
import { groupReport, type GroupReportInput } from '../../../src/core/report/group-report.ts';
import { renderProblemsPage } from '../../../src/core/report/problems-page.ts';
import { usage } from '../../../src/core/limits/rows.ts';
import { ingress } from '../../support/builders.ts';
import { member, model, nothingObserved, observedLoadBalancer, ref } from '../desired/models.ts';

const listener = (port: number): ObservedGroup['loadBalancers'][number]['listeners'][number] => ({
  arn: `arn:listener/${port}` as never,
  port,
  protocol: 'HTTP',
  defaultActions: [],
  sslPolicy: undefined,
  defaultCertificate: undefined,
  certificates: undefined,
  mutualAuthentication: undefined,
  attributes: undefined,
  tags: {},
  rules: [],
});
const serving: ObservedGroup = {
  ...nothingObserved,
  loadBalancers: [
    observedLoadBalancer({ dnsName: 'LB-1.Example', listeners: [listener(443), listener(80)] }),
  ],
};
const targetGroupOf = (resource: string): ObservedTargetGroup =>
  ({
    arn: `arn:${resource}`,
    name: resource,
    tags: { 'ingress.k8s.aws/resource': resource },
  }) as unknown as ObservedTargetGroup;

const site = member('web/site');
const other = member('web/other');
const plan: Plan = { key: nothingObserved.key, operations: [], held: [], problems: [], foreign: [] };

function report(
  overrides: Partial<GroupReportInput> & { readonly compatibility?: Policy['compatibility'] } = {},
) {
  const { compatibility = 'none', ...input } = overrides;
  return groupReport({
    model: model({ members: [site] }),
    problems: [],
    plan,
    outcomes: [],
    drift: { repaired: [], open: [] },
    observed: serving,
    certain: true,
    snapshot: snapshotOf([ingress('web/site'), ingress('web/other')]),
    firstSuccess: false,
    prompted: true,
    policy: policies[compatibility],
    ...input,
  });
}

const told = (overrides: Parameters<typeof report>[0]): readonly string[] =>
  report(overrides).events.map(({ object, reason, message }) => `${object.name} ${reason}: ${message}`);

const problem = (overrides: Partial<Problem> = {}): Problem => ({
  kind: 'problem',
  code: 'AnnotationInvalid',
  severity: 'error',
  scope: 'member',
  object: other.ref,
  path: '',
  message: 'it is wrong',
  hint: 'Mend it',
  albcMessage: 'in their words',
  ...overrides,
});
const held = (problems: readonly Problem[] = [problem()]): HeldMember => ({ ...other, problems });
const twoMembers: GroupModel = model({ members: [site], held: [held()] });

const operation = (
  kind: 'createRule' | 'deleteTargetGroup' | 'registerTargets',
  because: Partial<Because> = {},
): Operation => {
  const subject = resourceId('rule', '1');
  return {
    kind,
    id: operationId(kind, subject),
    subject,
    because: { reason: 'missing', text: 'wanted', ...because },
    dependsOn: [],
  } as unknown as Operation;
};
const done = (what: Operation): Outcome => ({ kind: 'done', operation: what, attributes: {} });
const failed = (what: Operation): Outcome => ({
  kind: 'failed',
  operation: what,
  refusal: {
    kind: 'denied',
    code: 'AccessDenied',
    action: 'a:B',
    message: 'create rule 1: not allowed',
    requestId: undefined,
    retryAfterMs: undefined,
  },
});

test('members get the name and all ports of a load balancer that listens, once', () => {
  const [patch, ...more] = report().statusPatches;
  assert.deepEqual(patch?.loadBalancers, [{ hostname: 'lb-1.example', ports: [80, 443] }]);
  assert.equal(more.length, 0);
  const known = { ...ingress('web/site'), status: patch?.loadBalancers ?? [] };
  assert.deepEqual(report({ snapshot: snapshotOf([known]) }).statusPatches, []);
});

test('ANN-66: a named network load balancer stays named while it is there, until the plan moves that name', () => {
  const network = (scheme: 'internal' | 'internet-facing') =>
    observedLoadBalancer({ type: 'network', scheme, dnsName: scheme, listeners: [listener(80)] });
  const [old, next] = [network('internal'), network('internet-facing')];
  const wanted = { scheme: 'internet-facing' } as GroupModel['frontendNlb'];
  const fronts = (status: Plan['status'], networks = [old, next], named = 'internal') => {
    const known = { ...ingress('web/site'), status: [{ hostname: named, ports: [] }] };
    const [patch] = report({
      model: model({ members: [site], frontendNlb: wanted }),
      plan: { ...plan, ...(status && { status }) },
      observed: { ...serving, loadBalancers: [...serving.loadBalancers, ...networks] },
      snapshot: snapshotOf([known]),
    }).statusPatches;
    return patch?.loadBalancers.slice(1).map(({ hostname }) => hostname);
  };
  assert.deepEqual(fronts(undefined), ['internal']);
  assert.deepEqual(fronts('afterAll'), ['internal']);
  assert.deepEqual(fronts('frontendAfterAll'), ['internet-facing']);
  assert.deepEqual(fronts(undefined, [next]), ['internet-facing']);
  assert.deepEqual(fronts(undefined, [old, next], 'another'), ['internet-facing']);
});

test('a status is neither set before there is a listener nor cleared when there is none', () => {
  assert.deepEqual(report({ observed: nothingObserved }).statusPatches, []);
  const bare = { ...serving, loadBalancers: [observedLoadBalancer()] };
  assert.deepEqual(report({ observed: bare }).statusPatches, []);
});

test('a held member keeps its status and gets a finalizer only for what is in AWS, except as ALBC does it', () => {
  assert.deepEqual(
    report({ model: twoMembers }).statusPatches.map(({ object }) => object.name),
    ['site'],
  );
  const names = (policy: Policy, group: GroupModel) =>
    finalizersToAdd(group, nothingObserved, policy).map((change) => change.member.id);
  assert.deepEqual(names(policies.none, twoMembers), ['web/site']);
  assert.deepEqual(
    finalizersToAdd(twoMembers, serving, policies.none).map((change) => change.member.id),
    ['web/site', 'web/other'],
  );
  assert.deepEqual(names(policies.albc, twoMembers), ['web/site', 'web/other']);
  const classless = model({
    members: [],
    held: [held([problem({ code: 'ClassInvalid', albcEvent: 'FailedLoadGroupID' })])],
  });
  assert.deepEqual(names(policies.albc, classless), []);
});

test('a leaving member goes when AWS has nothing of it, and the last one with the load balancer', () => {
  const leaving: LeavingMember = { ...other, proof: 'deleted' };
  const released = (overrides: Partial<GroupReportInput>) =>
    report({ model: model({ members: [site], leaving: [leaving] }), ...overrides }).finalizersToRemove.map(
      (change) => change.member.id,
    );
  assert.deepEqual(released({}), ['web/other']);
  assert.deepEqual(
    released({ observed: { ...serving, targetGroups: [targetGroupOf('web/other-front:80')] } }),
    [],
  );
  assert.deepEqual(
    released({ observed: { ...serving, targetGroups: [targetGroupOf('web/site-front:80')] } }),
    ['web/other'],
  );
  assert.deepEqual(released({ outcomes: [failed(operation('deleteTargetGroup'))] }), []);
  assert.deepEqual(released({ outcomes: [failed(operation('createRule'))] }), ['web/other']);
  assert.deepEqual(released({ certain: false }), []);
  const last = model({ members: [], leaving: [leaving] });
  assert.deepEqual(released({ model: last }), []);
  assert.deepEqual(released({ model: last, observed: nothingObserved }), ['web/other']);
});

test('a member whose name begins as another one’s is not held up by its target groups', () => {
  const web: LeavingMember = { ...member('web/site-a'), proof: 'deleted' };
  const longer = member('web/site-a-b');
  const observed = { ...serving, targetGroups: [targetGroupOf('web/site-a-b-front:80')] };
  const { finalizersToRemove } = report({ model: model({ members: [longer], leaving: [web] }), observed });
  assert.deepEqual(
    finalizersToRemove.map((change) => change.member.id),
    ['web/site-a'],
  );
});

test('an error is told to the member that made it, with the next step; its neighbour succeeds', () => {
  assert.deepEqual(
    told({ model: twoMembers, problems: [problem()], outcomes: [done(operation('createRule'))] }),
    [
      'other FailedBuildModel: it is wrong. Mend it (ALBC: in their words)',
      'site SuccessfullyReconciled: Successfully reconciled',
    ],
  );
});

test('an error of the group, or of a class, is told to every member', () => {
  const lines = told({ model: twoMembers, problems: [problem({ scope: 'group' })] });
  assert.deepEqual(
    lines.map((line) => line.split(' ')[0]),
    ['site', 'other'],
  );
});

test('as ALBC, the first error is on every member in its words, and nobody succeeds', () => {
  const problems = [problem(), problem({ albcMessage: 'a later one' }), problem({ severity: 'warning' })];
  assert.deepEqual(told({ compatibility: 'albc', model: twoMembers, problems }), [
    'site FailedBuildModel: Failed build model due to in their words',
    'other FailedBuildModel: Failed build model due to in their words',
  ]);
});

test('OPS-06: as ALBC, a refusal is told to those that stay and keeps the status back; what becomes of targets is not theirs', () => {
  const leaving: LeavingMember = { ...other, proof: 'deleted' };
  const group = model({ members: [site], leaving: [leaving] });
  const as = (kind: Parameters<typeof operation>[0]) =>
    report({ compatibility: 'albc', model: group, outcomes: [failed(operation(kind))] });
  const names = ({ events }: ReturnType<typeof report>): readonly string[] =>
    events.map(({ object, reason }) => `${object.name} ${reason}`);
  assert.deepEqual(names(as('deleteTargetGroup')), ['site FailedDeployModel']);
  assert.deepEqual(as('createRule').statusPatches, []);
  assert.deepEqual(names(as('registerTargets')), ['site SuccessfullyReconciled']);
  assert.equal(as('registerTargets').statusPatches.length, 1);
});

test('GRP-07: as ALBC, a protected member that is deleted is told to the others of its group', () => {
  const protectedOne: HeldMember = {
    ...other,
    problems: [problem({ code: 'DeletionHeld' })],
    isDeleting: true,
  };
  const events = told({
    compatibility: 'albc',
    model: model({ members: [], held: [{ ...site, problems: [] }, protectedOne] }),
    problems: protectedOne.problems,
  });
  assert.deepEqual(events, ['site FailedBuildModel: Failed build model due to in their words']);
});

test('OPS-06: as ALBC, what cannot be read while the model is built is told as such', () => {
  const refusal = {
    kind: 'denied',
    code: 'UnauthorizedOperation',
    action: 'ec2:DescribeSubnets',
    message: 'no',
    requestId: 'r-1',
    status: 403,
    retryAfterMs: undefined,
  } as const;
  const group = model({ members: [site] });
  const [event] = readFailureEvents(group, refusal, policies.albc);
  assert.equal(event?.reason, 'FailedBuildModel');
  assert.match(
    event?.message ?? '',
    /^Failed build model due to couldn't auto-discover subnets: operation error EC2/,
  );
  const [later] = readFailureEvents(group, { ...refusal, action: 'ec2:DescribeInstances' }, policies.albc);
  assert.equal(later?.reason, 'FailedDeployModel');
});

test('an unusable class or group name is told on its own Ingress alone', () => {
  const problems = [
    problem({
      code: 'GroupNameInvalid',
      albcEvent: 'FailedLoadGroupID',
      albcMessage: 'invalid ingress group: no',
    }),
  ];
  assert.deepEqual(told({ compatibility: 'albc', model: twoMembers, problems }), [
    'other FailedLoadGroupID: failed load groupID due to invalid ingress group: no',
  ]);
});

test('a warning carries its code as the reason, and ALBC has none', () => {
  const problems = [problem({ severity: 'warning', object: site.ref })];
  assert.deepEqual(told({ problems }), [
    'site AnnotationInvalid: it is wrong. Mend it (ALBC: in their words)',
  ]);
  assert.deepEqual(told({ problems, compatibility: 'albc' }), [
    'site SuccessfullyReconciled: Successfully reconciled',
  ]);
});

test('a refusal is told to the member that the operation was for, and only that one does not succeed', () => {
  const both = model({ members: [site, other] });
  const outcomes = [failed(operation('createRule', { object: other.ref }))];
  assert.deepEqual(told({ model: both, outcomes }), [
    'other FailedDeployModel: create rule 1: not allowed (AccessDenied)',
    'site SuccessfullyReconciled: Successfully reconciled',
  ]);
  assert.equal(
    told({ model: both, outcomes, compatibility: 'albc' }).filter((line) =>
      line.includes('FailedDeployModel'),
    ).length,
    2,
  );
});

test('success is told on a change and on the first one; as ALBC, whenever somebody prompted the run', () => {
  assert.deepEqual(told({}), []);
  assert.equal(told({ firstSuccess: true }).length, 1);
  assert.equal(told({ outcomes: [done(operation('createRule'))] }).length, 1);
  assert.equal(told({ compatibility: 'albc' }).length, 1);
  assert.equal(told({ compatibility: 'albc', prompted: false }).length, 0);
});

const drift: Drift = {
  path: 'rule/1 path',
  field: 'rule.actions',
  subject: resourceId('rule', '1'),
  resource: 'arn:rule',
  what: 'path',
  wanted: '/a',
  found: '/b',
  mode: 'repair',
  object: ref('web/site'),
};

test('Ask 12.3: each drift is told with before and after: put back, left alone, put back too often; nothing of what is ignored', () => {
  const gone = { ...drift, what: 'exists', wanted: 'lb', found: '', field: 'loadBalancer.exists' } as const;
  const rests = { count: 3, until: 0, forMs: 600_000 };
  assert.deepEqual(
    told({
      drift: {
        repaired: [drift],
        open: [
          { ...drift, mode: 'report' },
          { ...drift, mode: 'ignore' },
          { ...drift, rests },
        ],
      },
    }),
    [
      'site DriftRepaired: rule/1 was changed in AWS by somebody else: put back path from /b to /a',
      'site DriftFound: rule/1 was changed in AWS by somebody else: path is /b and should be /a; it is left so, as albatross.dev/drift or --drift says',
      'site DriftFlaps: rule/1: path is /b and should be /a; it was put back 3 times and changed again each time, so somebody else keeps it so. It is left alone for 10 minutes; stop whoever changes it, or leave it to them with albatross.dev/drift: "rule.actions=ignore"',
    ],
  );
  const [again] = told({
    drift: { repaired: [{ ...gone, subject: resourceId('load-balancer', 'lb-1') }], open: [] },
  });
  assert.match(again ?? '', /it was deleted and is made again, with another DNS name/);
});

test('usage counts what AWS counts, against the limit in force', () => {
  const quotas = [{ name: 'rules-per-application-load-balancer', limit: 150, source: 'api' }] as const;
  const rows = usage(serving, quotas);
  assert.deepEqual(rows.slice(0, 2), [
    { quota: 'rules-per-application-load-balancer', used: 0, limit: 150 },
    { quota: 'listeners-per-application-load-balancer', used: 2, limit: 50 },
  ]);
});

test('the reference page has every problem', () => {
  assert.match(renderProblemsPage(), /\| `RuleShadowed` \| A rule can never match/);
});
