import assert from 'node:assert/strict';
import { test } from 'node:test';
import { securityGroups } from '../../../src/core/desired/security-groups.ts';
import { backendSecurityGroupId } from '../../../src/core/domain/desired-group.ts';
import type { SecurityGroupFact } from '../../../src/core/domain/facts.ts';
import type { GroupModel, HeldMember, SecurityGroupSelection } from '../../../src/core/domain/group-model.ts';
import type { ResourceId, SecurityGroupId } from '../../../src/core/domain/ids.ts';
import { coreConfig } from '../../support/core-config.ts';
import {
  listener,
  loadBalancerIntent,
  member,
  model,
  nothingObserved,
  observedLoadBalancer,
  ref,
} from './models.ts';

const group = (id: string, name: string): SecurityGroupFact => ({
  id: id as SecurityGroupId,
  name: `group ${name}`,
  tags: { Name: name },
});
const facts = [group('sg-3', 'twin'), group('sg-2', 'twin'), group('sg-1', 'one')];

function choose(
  words: Partial<Parameters<typeof securityGroups>[0]> & { readonly group?: Partial<GroupModel> } = {},
) {
  return securityGroups({
    model: model(words.group),
    facts,
    observed: nothingObserved,
    config: coreConfig(),
    object: ref('web/site'),
    ...words,
  });
}

const given = (manageBackendRules: boolean, ...idsOrNames: readonly string[]) => {
  const selection: SecurityGroupSelection = { kind: 'given', idsOrNames, manageBackendRules };
  return { group: { loadBalancer: { ...loadBalancerIntent, securityGroups: selection } } };
};
const managed = { ref: 'security-group/k8s-web-site-ec896c50b2', attribute: 'id' };
const backend = { ref: backendSecurityGroupId, attribute: 'id' };

test('the four ways to attach security groups', () => {
  const byDefault = choose().value;
  assert.deepEqual([byDefault.attached, byDefault.source], [[managed, backend], backend]);
  assert.equal(byDefault.backend?.name, 'k8s-traffic-democluster-36d0873f31');
  const alone = choose({ config: coreConfig({ enableBackendSecurityGroup: false }) }).value;
  assert.deepEqual([alone.attached, alone.source, alone.backend], [[managed], managed, undefined]);
  const listed = choose(given(false, 'sg-1')).value;
  assert.deepEqual(
    [listed.attached, listed.source, listed.managed, listed.backend],
    [['sg-1'], undefined, undefined, undefined],
  );
  const both = choose(given(true, 'sg-1')).value;
  assert.deepEqual([both.attached, both.source, both.managed], [['sg-1', backend], backend, undefined]);
});

test('a backend group given by flag is attached by its id and never kept', () => {
  const { value } = choose({ config: coreConfig({ backendSecurityGroup: 'sg-9' }) });
  assert.deepEqual([value.attached, value.source, value.backend], [[managed, 'sg-9'], 'sg-9', undefined]);
});

test('ids come before names, and a name that two groups carry attaches both', () => {
  assert.deepEqual(choose(given(false, 'twin', 'sg-1')).value.attached, ['sg-1', 'sg-2', 'sg-3']);
});

test('a group that does not exist is named in our words and in those of ALBC', () => {
  const [byName] = choose(given(false, 'one', 'nobody')).problems;
  assert.match(byName?.message ?? '', /no security group with the id or Name tag "nobody"/);
  assert.equal(
    byName?.albcMessage,
    "couldn't find all security groups: requested names [nobody, one] but found [one]",
  );
  const [byId] = choose(given(false, 'sg-8')).problems;
  assert.equal(byId?.code, 'SecurityGroupNotFound');
  assert.match(byId?.albcMessage ?? '', /: operation error EC2: .*, api error InvalidGroup.NotFound: .*sg-8/);
});

test('rule management needs the shared group', () => {
  const config = coreConfig({ enableBackendSecurityGroup: false });
  const [problem] = choose({ ...given(true, 'sg-1'), config }).problems;
  assert.equal(
    problem?.albcMessage,
    'backendSG feature is required to manage worker node SG rules when frontendSG manually specified',
  );
});

const sources = (words: Parameters<typeof choose>[0]): readonly string[] =>
  (choose(words).value.managed?.ingress ?? []).map(({ fromPort, toPort, source, description }) => {
    assert.deepEqual([toPort, description], [fromPort, 'Clients of the load balancer (Albatross)']);
    return `${fromPort} ${'cidr' in source ? source.cidr : 'id' in source ? String(source.id) : ''}`;
  });

test('the managed group lets clients in on each listen port, over IPv6 only where the load balancer has it', () => {
  const listeners = [
    listener(80),
    listener(443, { inboundCidrs: ['10.0.0.0/8', '2001:db8::/32'], prefixLists: ['pl-1'] }),
    listener(8080, { prefixLists: ['pl-2'] }),
  ];
  const ipv4 = ['80 0.0.0.0/0', '443 10.0.0.0/8', '443 pl-1', '8080 pl-2'];
  assert.deepEqual(sources({ group: { listeners } }), ipv4);
  const loadBalancer = { ...loadBalancerIntent, ipAddressType: 'dualstack' } as const;
  assert.deepEqual(sources({ group: { listeners, loadBalancer } }), [
    '80 0.0.0.0/0',
    '80 ::/0',
    '443 10.0.0.0/8',
    '443 2001:db8::/32',
    '443 pl-1',
    '8080 pl-2',
  ]);
});

test('Ask 2.3: the groups that a held member gave stay while it was served and nobody names others', () => {
  const held: HeldMember = { ...member('web/other'), problems: [], isServed: true };
  const present = ['sg-7', 'sg-backend'] as readonly string[] as readonly SecurityGroupId[];
  const found = observedLoadBalancer({ securityGroups: present });
  const observed = { ...nothingObserved, loadBalancers: [found] };
  const attached = (words: Parameters<typeof choose>[0]) => choose({ observed, ...words }).value.attached;
  assert.deepEqual(attached({ group: { held: [held] } }), present);
  assert.deepEqual(attached({ group: { held: [{ ...member('web/other'), problems: [] }] } }), [
    managed,
    backend,
  ]);
  assert.deepEqual(attached({ group: { held: [held], ...given(false, 'sg-1').group } }), ['sg-1']);
  // Nothing is known of where requests come from, unless our own group is among them.
  const sourceOf = (knownIds: ReadonlyMap<ResourceId, string>) =>
    choose({ observed, group: { held: [held] }, knownIds }).value.source;
  assert.equal(sourceOf(new Map([[backendSecurityGroupId, 'sg-other']])), undefined);
  assert.deepEqual(sourceOf(new Map([[backendSecurityGroupId, 'sg-backend']])), backend);
});
