import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type DesiredSecurityGroup,
  type Known,
  type NetworkNeeds,
  type NetworkOpening,
  type SecurityGroupRule,
  backendSecurityGroupId,
} from '../../../src/core/domain/desired-group.ts';
import type { SecurityGroupFact } from '../../../src/core/domain/facts.ts';
import { type GroupKey, type SecurityGroupId, groupKey, resourceId } from '../../../src/core/domain/ids.ts';
import { type ObservedNetwork, sharedRuleDescription } from '../../../src/core/domain/network.ts';
import type { ObservedSecurityGroup } from '../../../src/core/domain/observed-group.ts';
import type { Operation } from '../../../src/core/domain/operation.ts';
import { networkPlan, networkQuery } from '../../../src/core/plan/network.ts';
import { coreConfig } from '../../support/core-config.ts';

const id = (text: string) => text as SecurityGroupId;
const tags = { 'elbv2.k8s.aws/cluster': 'demo-cluster', 'elbv2.k8s.aws/resource': 'backend-sg' };
const backend: DesiredSecurityGroup = {
  id: backendSecurityGroupId,
  name: 'k8s-traffic-democluster-36d0873f31',
  description: 'd',
  tags,
  ingress: [],
};
const shared: Known<SecurityGroupId> = { ref: backendSecurityGroupId, attribute: 'id' };

function opening(
  endpoints: string,
  ports: readonly number[],
  overrides: Partial<NetworkOpening> = {},
): NetworkOpening {
  return {
    targetType: 'instance',
    endpoints: endpoints.split(' '),
    ports,
    source: shared,
    targetGroup: resourceId('target-group', 'k8s-web-front-1'),
    object: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', namespace: 'web', name: 'site' },
    ...overrides,
  };
}

function needs(openings: readonly NetworkOpening[], overrides: Partial<NetworkNeeds> = {}): NetworkNeeds {
  return { backendSecurityGroup: backend, openings, partial: false, ownSources: [], ...overrides };
}
const byKey = (...list: readonly NetworkNeeds[]): ReadonlyMap<GroupKey, NetworkNeeds> =>
  new Map(list.map((need, index) => [groupKey(`group-${index}`), need]));

function securityGroup(name: string, ingress: readonly string[] = []): ObservedSecurityGroup {
  return {
    id: id(name),
    name,
    description: '',
    tags: name === 'sg-backend' ? tags : {},
    ingress: ingress.map((text, index) => ({ ...ruleOf(text), ruleId: `${name}-${index}` })),
  };
}

/** `30080-30090 sg-backend`, with `# text` for another description than ours. */
function ruleOf(text: string): SecurityGroupRule {
  const [rule = '', description = sharedRuleDescription] = text.split(' # ');
  const [ports = '', source = ''] = rule.split(' ');
  const [fromPort = 0, toPort = 0] = ports.split('-').map(Number);
  return {
    protocol: 'tcp',
    fromPort,
    toPort,
    source: source.includes('/') ? { kind: 'ipv4', cidr: source } : { kind: 'securityGroup', id: id(source) },
    description,
  };
}

const fact = (text: string, own: Readonly<Record<string, string>> = {}): SecurityGroupFact => ({
  id: id(text),
  name: text,
  tags: own,
});

/** Instances i-1, i-2 in sg-nodes; the shared group exists. */
function observedNetwork(
  ingress: readonly string[] = [],
  overrides: Partial<ObservedNetwork> = {},
): ObservedNetwork {
  return {
    backendSecurityGroup: securityGroup('sg-backend'),
    endpointGroups: new Map([
      ['i-1', [fact('sg-nodes')]],
      ['i-2', [fact('sg-nodes')]],
    ]),
    securityGroups: new Map([[id('sg-nodes'), securityGroup('sg-nodes', ingress)]]),
    ...overrides,
  };
}

type Words = Partial<Parameters<typeof networkPlan>[0]>;
const plan = (words: Words) =>
  networkPlan({
    needs: byKey(),
    observed: observedNetwork(),
    complete: true,
    config: coreConfig(),
    alone: true,
    ...words,
  });

const steps = (words: Words): readonly string[] =>
  plan(words).operations.map((operation) => {
    if (operation.kind === 'authorizeIngress') return `+ ${operation.rules.map(describe).join(', ')}`;
    return operation.kind === 'revokeIngress' ? `- ${operation.ruleIds.join(' ')}` : operation.kind;
  });

function describe({ fromPort, toPort, source }: SecurityGroupRule): string {
  assert.ok(source.kind === 'securityGroup');
  return `${fromPort}-${toPort} ${typeof source.id === 'string' ? source.id : 'new'}`;
}

test('the shared group is created first, and the rules wait for it', () => {
  const observed = observedNetwork([], { backendSecurityGroup: undefined });
  const words = { needs: byKey(needs([opening('i-1', [30080])])), observed };
  assert.deepEqual(steps(words), ['createSecurityGroup', '+ 30080-30080 new']);
  const [create, authorize] = plan(words).operations;
  assert.deepEqual(authorize?.dependsOn, [create?.id]);
  assert.ok(create?.kind === 'createSecurityGroup' && create.name === backend.name && create.tags === tags);
});

test('Ask 11.3: one rule spans the ports of all groups, and replaces the narrower one after it is there', () => {
  const words = {
    needs: byKey(needs([opening('i-1', [30080])]), needs([opening('i-1 i-2', [30090, 30085])])),
    observed: observedNetwork(['30080-30085 sg-backend']),
  };
  assert.deepEqual(steps(words), ['+ 30080-30090 sg-backend', '- sg-nodes-0']);
  const [authorize, revoke] = plan(words).operations;
  assert.deepEqual(revoke?.dependsOn, [authorize?.id]);
});

test('what is on its way out stays open as it is, and the ports between it and what is wanted stay shut', () => {
  const passing = opening('i-1', [8080], { passing: true });
  const both = byKey(needs([opening('i-1', [30080]), passing]));
  const before = observedNetwork(['8080-8080 sg-backend']);
  assert.deepEqual(steps({ needs: both, observed: before, complete: false }), ['+ 30080-30080 sg-backend']);
  const during = observedNetwork(['8080-8080 sg-backend', '30080-30080 sg-backend']);
  assert.deepEqual(steps({ needs: both, observed: during }), []);
  const after = byKey(needs([opening('i-1', [30080])]));
  assert.deepEqual(steps({ needs: after, observed: during }), ['- sg-nodes-0']);
  // Somebody shut it: it has requests still.
  assert.deepEqual(steps({ needs: both, observed: observedNetwork([]) }), [
    '+ 30080-30080 sg-backend, 8080-8080 sg-backend',
  ]);
  // A wider rule of ours may go when both are held by what comes in its place.
  const wide = observedNetwork(['1-9000 sg-backend']);
  const near = byKey(needs([opening('i-1', [8070, 8090]), passing]));
  assert.deepEqual(steps({ needs: near, observed: wide }), ['+ 8070-8090 sg-backend', '- sg-nodes-0']);
});

test('all TCP ports are one rule with --disable-restricted-sg-rules', () => {
  const config = coreConfig({ disableRestrictedSgRules: true });
  assert.deepEqual(steps({ needs: byKey(needs([opening('i-1', [30080])])), config }), [
    '+ 0-65535 sg-backend',
  ]);
});

test('nothing is revoked without proof: what is missing is granted beside what is there', () => {
  const wanted = byKey(needs([opening('i-1', [30085])]));
  const observed = observedNetwork(['30080-30090 sg-backend']);
  assert.deepEqual(steps({ needs: wanted, observed, complete: false }), []);
  assert.deepEqual(steps({ needs: wanted, observed }), ['+ 30085-30085 sg-backend', '- sg-nodes-0']);
  const wider = byKey(needs([opening('i-1', [30099])]));
  assert.deepEqual(steps({ needs: wider, observed, complete: false }), ['+ 30099-30099 sg-backend']);
});

test('while a member is held only what a wider rule contains goes', () => {
  const wider = needs([opening('i-1', [30099])], { partial: true });
  const observed = observedNetwork(['30080-30090 sg-backend', '30085-30090 sg-backend']);
  assert.deepEqual(steps({ needs: byKey(wider), observed }), [
    '+ 30080-30099 sg-backend',
    '- sg-nodes-0 sg-nodes-1',
  ]);
  const none = needs([], { partial: true, backendSecurityGroup: undefined });
  assert.deepEqual(steps({ needs: byKey(none), observed }), []);
});

test('while a member is held the addresses go that no binding asks for any more, unless one is unclear', () => {
  const held = needs([opening('i-1', [30_080])], { partial: true });
  const ended = needs([], { ownSources: [{ cidr: '10.0.0.0/8' }] });
  const observed = observedNetwork(['30080-30080 sg-backend', '8080-8080 10.0.0.0/8']);
  assert.deepEqual(steps({ needs: byKey(held, ended), observed }), ['- sg-nodes-1']);
  const unclear = needs([], { unclear: [{ cidr: '10.0.0.0/8' }] });
  assert.deepEqual(steps({ needs: byKey(held, ended, unclear), observed }), []);
  const unseen = needs([opening('i-9', [30_080])]);
  assert.deepEqual(steps({ needs: byKey(held, ended, unseen), observed }), []);
});

test("rules of other people, and of a user's binding from another source, stay", () => {
  const observed = observedNetwork([
    '22-22 sg-bastion # ssh',
    '80-80 sg-backend # mine',
    '8080-8080 sg-extra',
  ]);
  assert.deepEqual(steps({ observed, needs: byKey(needs([])) }), []);
  const same = observedNetwork(['30080-30080 sg-backend # by hand']);
  assert.deepEqual(steps({ observed: same, needs: byKey(needs([opening('i-1', [30080])])) }), []);
});

test("a group's own security group is a source once it exists, and its old rules go", () => {
  const own = { ref: resourceId('security-group', 'k8s-web-site'), attribute: 'id' } as const;
  const alone = { backendSecurityGroup: undefined };
  const observed = observedNetwork(['30080-30080 sg-own'], alone);
  assert.deepEqual(
    steps({ observed, needs: byKey(needs([opening('i-1', [1], { source: own })], alone)) }),
    [],
  );
  const gone = needs([], { ...alone, ownSources: [id('sg-own')] });
  assert.deepEqual(steps({ observed, needs: byKey(gone) }), ['- sg-nodes-0']);
  const present = needs([opening('i-1', [30080, 30081], { source: id('sg-own') })], alone);
  assert.deepEqual(steps({ observed, needs: byKey(present) }), ['+ 30080-30081 sg-own', '- sg-nodes-0']);
});

test('the shared group goes after its last rule, when it is ours and nobody needs it', () => {
  const observed = observedNetwork(['30080-30080 sg-backend']);
  assert.deepEqual(steps({ observed }), ['- sg-nodes-0', 'deleteSecurityGroup']);
  const [revoke, remove] = plan({ observed }).operations;
  assert.deepEqual(remove?.dependsOn, [revoke?.id]);
  assert.deepEqual(steps({ observed, complete: false }), []);
  assert.deepEqual(steps({ observed, config: coreConfig({ clusterName: 'other' }) }), ['- sg-nodes-0']);
  const config = coreConfig({ backendSecurityGroup: 'sg-backend' });
  assert.deepEqual(steps({ observed, config }), ['- sg-nodes-0']);
  assert.deepEqual(steps({ observed, needs: byKey(needs([])) }), ['- sg-nodes-0']);
});

test('tags that the shared group lacks are added', () => {
  const wanted = { ...backend, tags: { ...tags, team: 'core' } };
  const [operation] = plan({ needs: byKey(needs([], { backendSecurityGroup: wanted })) }).operations;
  assert.deepEqual(operation?.kind === 'setSecurityGroupTags' && operation.add, { team: 'core' });
});

test('of several security groups on an interface the tagged one is opened, else the groups are named', () => {
  const cluster = { 'kubernetes.io/cluster/demo-cluster': 'owned' };
  const wanted = byKey(needs([opening('i-1', [30080])]));
  const withGroups = (...groups: readonly SecurityGroupFact[]) =>
    observedNetwork(['1-9 sg-backend'], { endpointGroups: new Map([['i-1', groups]]) });
  const one = withGroups(fact('sg-a'), fact('sg-b', cluster));
  const [authorize] = plan({ needs: wanted, observed: one }).operations;
  assert.equal(authorize?.kind === 'authorizeIngress' && authorize.securityGroup, 'sg-b');
  for (const groups of [
    [fact('sg-a'), fact('sg-b')],
    [fact('sg-a', cluster), fact('sg-b', cluster)],
  ]) {
    const { operations, problems } = plan({ needs: wanted, observed: withGroups(...groups) });
    assert.deepEqual(operations, []);
    assert.deepEqual(
      problems.map(({ code }) => code),
      ['SecurityGroupAmbiguous'],
    );
    assert.match(
      problems[0]?.message ?? '',
      /Ingress web\/site: instance i-1 has 2 security groups, sg-a \(sg-a\), sg-b \(sg-b\)/,
    );
  }
  const flag = coreConfig({ serviceTargetEniSecurityGroupTags: { role: 'pods' } });
  const narrowed = withGroups(fact('sg-a', cluster), fact('sg-b', { ...cluster, role: 'pods' }));
  assert.deepEqual(plan({ needs: wanted, observed: narrowed, config: flag }).problems, []);
});

test('an endpoint whose interface is not found is told, and until then nothing is revoked', () => {
  const { operations, problems } = plan({
    needs: byKey(needs([opening('i-9', [30080])])),
    observed: observedNetwork(['30080-30090 sg-backend']),
  });
  assert.deepEqual(operations, []);
  assert.deepEqual(
    problems.map(({ code, severity }) => [code, severity]),
    [['TargetUnusable', 'warning']],
  );
});

test('NET-16: the query lists each endpoint once, nodes and pods apart, and the nodes that may carry pods', () => {
  const pods = opening('10.0.0.2 10.0.0.1', [8080], { targetType: 'ip', nodeAddresses: ['10.0.9.9'] });
  assert.deepEqual(
    networkQuery(byKey(needs([opening('i-2 i-1', [1]), pods]), needs([opening('i-1', [2])]))),
    {
      instanceIds: ['i-1', 'i-2'],
      podAddresses: ['10.0.0.1', '10.0.0.2'],
      nodeAddresses: ['10.0.9.9'],
    },
  );
});

let next = 0;

// AWS after some operations; the shared group's id is assigned at its creation.
function applied(observed: ObservedNetwork, operations: readonly Operation[]): ObservedNetwork {
  let backendSecurityGroup = observed.backendSecurityGroup;
  const groups = new Map(observed.securityGroups);
  for (const operation of operations) {
    if (operation.kind === 'createSecurityGroup') backendSecurityGroup = securityGroup('sg-backend');
    if (operation.kind === 'deleteSecurityGroup') backendSecurityGroup = undefined;
    if (operation.kind !== 'authorizeIngress' && operation.kind !== 'revokeIngress') continue;
    const group = operation.securityGroup as SecurityGroupId;
    const before = groups.get(group) ?? securityGroup(group);
    const added = operation.kind === 'authorizeIngress' ? operation.rules : [];
    const removed = operation.kind === 'revokeIngress' ? operation.ruleIds : [];
    const ingress = [
      ...before.ingress.filter(({ ruleId }) => !removed.includes(ruleId)),
      ...added.map((rule) => ({
        ...rule,
        source: {
          kind: 'securityGroup',
          id: id(describe(rule).replace('new', 'sg-backend').split(' ')[1] ?? ''),
        } as const,
        ruleId: `${group}-new-${next++}`,
      })),
    ];
    groups.set(group, { ...before, ingress });
  }
  return { ...observed, backendSecurityGroup, securityGroups: groups };
}

function isGranted(group: string, port: number, { securityGroups }: ObservedNetwork): boolean {
  const rules = securityGroups.get(id(group))?.ingress ?? [];
  return rules.some(
    ({ fromPort, toPort, source }) =>
      source.kind === 'securityGroup' && source.id === 'sg-backend' && fromPort <= port && toPort >= port,
  );
}

const port = fc.integer({ min: 30000, max: 30020 });
const endpointGroups = new Map(['i-1', 'i-2', 'i-3'].map((each, index) => [each, [fact(`sg-${index % 2}`)]]));
const anyNeeds = fc
  .array(
    fc.record({
      openings: fc.array(
        fc.tuple(
          fc.constantFrom('i-1', 'i-2', 'i-3', 'i-1 i-3'),
          fc.array(port, { minLength: 1 }),
          fc.constantFrom({}, {}, { passing: true as const }),
        ),
      ),
      partial: fc.boolean(),
    }),
  )
  .map((list) =>
    byKey(
      ...list.map(({ openings, partial }) =>
        needs(
          openings.map(([each, ports, passing]) => opening(each, ports, passing)),
          { partial },
        ),
      ),
    ),
  );
const anyObserved = fc
  .tuple(fc.boolean(), fc.array(fc.tuple(fc.constantFrom('sg-0', 'sg-1'), port, fc.nat(9)), { maxLength: 6 }))
  .map(([hasBackend, rules]): ObservedNetwork => {
    const mine = hasBackend ? rules : [];
    const ingressOf = (group: string) => [
      ...new Set(
        mine.filter(([each]) => each === group).map(([, from, more]) => `${from}-${from + more} sg-backend`),
      ),
    ];
    return {
      backendSecurityGroup: hasBackend ? securityGroup('sg-backend') : undefined,
      endpointGroups,
      securityGroups: new Map(
        ['sg-0', 'sg-1'].map((group) => [id(group), securityGroup(group, ingressOf(group))]),
      ),
    };
  });

test('Ask 11.1, Ask 11.2, Trap 7: whatever groups need is granted at every step from when it is first granted, and then the plan is empty', () => {
  fc.assert(
    fc.property(anyNeeds, anyObserved, fc.boolean(), (wanted, observed, complete) => {
      const { operations } = plan({ needs: wanted, observed, complete });
      const after = applied(observed, operations);
      assert.deepEqual(steps({ needs: wanted, observed: after, complete }), []);
      const grants = [...wanted.values()].flatMap(({ openings }) =>
        openings.flatMap(({ endpoints, ports }) =>
          endpoints.flatMap((each) =>
            ports.map((number) => [endpointGroups.get(each)?.[0]?.id ?? '', number] as const),
          ),
        ),
      );
      for (const [group, number] of grants) {
        assert.ok(isGranted(group, number, after));
        let before = isGranted(group, number, observed);
        for (const index of operations.keys()) {
          const now = isGranted(group, number, applied(observed, operations.slice(0, index + 1)));
          assert.ok(now || !before, 'a port that was open and is needed was closed on the way');
          before = now;
        }
      }
    }),
  );
});

test('Ask 11.1, Trap 7: without a complete view nothing that was granted is taken away', () => {
  fc.assert(
    fc.property(anyNeeds, anyObserved, (wanted, observed) => {
      const kinds = plan({ needs: wanted, observed, complete: false }).operations.map(({ kind }) => kind);
      assert.ok(!kinds.includes('revokeIngress') && !kinds.includes('deleteSecurityGroup'));
    }),
  );
});

const grantsOf = (wanted: ReturnType<typeof byKey>): readonly (readonly [string, number])[] =>
  [...wanted.values()].flatMap(({ openings }) =>
    openings.flatMap(({ endpoints, ports }) =>
      endpoints.flatMap((each) =>
        ports.map((number) => [endpointGroups.get(each)?.[0]?.id ?? '', number] as const),
      ),
    ),
  );

test('Ask 11.4: however needs change from pass to pass, with and without a whole view, every port that is needed is open after every call', () => {
  const passes = fc.array(fc.tuple(anyNeeds, fc.boolean()), { minLength: 2, maxLength: 5 });
  fc.assert(
    fc.property(passes, anyObserved, (all, first) => {
      let now = first;
      for (const [wanted, complete] of all) {
        const needed = grantsOf(wanted);
        const wasOpen = needed.filter(([group, number]) => isGranted(group, number, now));
        for (const operation of plan({ needs: wanted, observed: now, complete }).operations) {
          now = applied(now, [operation]);
          for (const [group, number] of wasOpen) assert.ok(isGranted(group, number, now), operation.id);
        }
        for (const [group, number] of needed) assert.ok(isGranted(group, number, now));
      }
    }),
  );
});
