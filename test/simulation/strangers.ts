// What others do in the account: to what is ours, and beside it.

import type { ControlPlane } from '../../src/simulator/aws/control-plane.ts';
import { type Foreign, foreignAddress, loadBalancersOf, registered, tagOf } from './account.ts';
import { stackTag } from './expectations.ts';
import type { ForeignThing, HandEdit } from './scenario.ts';

export type Stranger = {
  readonly account: ControlPlane;
  readonly call: (
    service: string,
    operation: string,
    params: Record<string, unknown>,
  ) => Promise<Record<string, never>>;
  readonly id: (placeholder: string) => string;
  /** Which of the things in question, by its number modulo how many there are. */
  readonly which: number;
};

/** Of rules of security groups. */
export const foreignDescription = 'foreign';

const fixed = (status: string) => [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: status } }];

/** Ours among these, in a stable order; undefined when there is none. */
function ours<T extends { readonly arn: string }>(
  { account, which }: Stranger,
  all: Iterable<T>,
  suits: (item: T) => boolean = () => true,
): T | undefined {
  const found = [...all].filter((item) => tagOf(account, item.arn, stackTag) !== undefined && suits(item));
  return found[which % Math.max(1, found.length)];
}

/** Changes something of ours behind our back. Returns whether there was something to change. */
export async function makeHandEdit(edit: HandEdit, stranger: Stranger): Promise<boolean> {
  const { account, call, id } = stranger;
  const { state } = account;
  const rule = ours(stranger, state.rules.values(), ({ priority }) => priority !== 'default');
  const listener = ours(stranger, state.listeners.values());
  const group = ours(stranger, state.targetGroups.values());
  switch (edit) {
    case 'changeRule':
      if (rule === undefined) return false;
      await call('elbv2', 'ModifyRule', { RuleArn: rule.arn, Actions: fixed('418') });
      return true;
    case 'deleteRule':
      if (rule === undefined) return false;
      await call('elbv2', 'DeleteRule', { RuleArn: rule.arn });
      return true;
    case 'changeDefault':
      if (listener === undefined) return false;
      await call('elbv2', 'ModifyListener', { ListenerArn: listener.arn, DefaultActions: fixed('418') });
      return true;
    case 'deregisterTargets': {
      const targets = group === undefined ? [] : [...registered(group)];
      if (group === undefined || targets.length === 0) return false;
      await call('elbv2', 'DeregisterTargets', {
        TargetGroupArn: group.arn,
        Targets: targets.slice(0, 1).map((target) => {
          const [Id, Port] = target.split(':');
          return { Id, Port: Number(Port) };
        }),
      });
      return true;
    }
    case 'changeHealthCheck':
      if (group === undefined) return false;
      await call('elbv2', 'ModifyTargetGroup', {
        TargetGroupArn: group.arn,
        HealthCheckIntervalSeconds: 77,
      });
      return true;
    case 'revokeNodeRules': {
      const nodes = id('sg/nodes');
      const rules = [...(state.securityGroups.get(nodes)?.rules.values() ?? [])].filter(
        ({ egress, description }) => !egress && description !== foreignDescription,
      );
      if (rules.length === 0) return false;
      await call('ec2', 'RevokeSecurityGroupIngress', {
        GroupId: nodes,
        SecurityGroupRuleIds: rules.map((each) => each.id),
      });
      return true;
    }
    case 'deleteLoadBalancer': {
      const loadBalancer = ours(stranger, state.loadBalancers.values());
      if (loadBalancer === undefined) return false;
      await call('elbv2', 'DeleteLoadBalancer', { LoadBalancerArn: loadBalancer.arn });
      return true;
    }
  }
}

/** What a change by hand is about to concern: its name, and what it looks like whenever it is asked. */
export function concernedBy(
  edit: HandEdit,
  stranger: Stranger,
): { readonly name: string; readonly look: () => string } | undefined {
  const { state } = stranger.account;
  const found = {
    changeRule: ours(stranger, state.rules.values(), ({ priority }) => priority !== 'default')?.arn,
    deleteRule: ours(stranger, state.rules.values(), ({ priority }) => priority !== 'default')?.arn,
    changeDefault: ours(stranger, state.listeners.values())?.defaultRuleArn,
    changeHealthCheck: ours(stranger, state.targetGroups.values())?.arn,
  } as Partial<Record<HandEdit, string>>;
  const arn = found[edit];
  if (arn === undefined) return undefined;
  const { listenerArn, conditions } = state.rules.get(arn) ?? {};
  const loadBalancers = loadBalancersOf(stranger.account, tagOf(stranger.account, arn, stackTag) ?? '');
  const look = (): string => {
    // With the load balancer goes the note of what was applied to its group.
    if (!loadBalancers.every((each) => state.loadBalancers.has(each.arn))) return 'parent gone';
    const group = state.targetGroups.get(arn);
    if (group !== undefined) return JSON.stringify(group.healthCheck);
    const rules = [...state.rules.values()].filter((rule) => rule.listenerArn === listenerArn);
    // A rule that is made again has another ARN.
    const same = rules.filter((rule) => JSON.stringify(rule.conditions) === JSON.stringify(conditions));
    return rules.length === 0 ? 'parent gone' : JSON.stringify(same.map(({ actions }) => actions));
  };
  return { name: `${edit} ${arn}`, look };
}

/** Makes something of a stranger's on or beside what is ours. Returns whether there was a place for it. */
export async function makeForeign(
  thing: ForeignThing,
  stranger: Stranger,
  foreign: Foreign,
): Promise<boolean> {
  const { account, call, id, which } = stranger;
  const { state } = account;
  const listener = ours(stranger, state.listeners.values());
  const loadBalancer = ours(stranger, state.loadBalancers.values());
  switch (thing) {
    case 'rule': {
      if (listener === undefined) return false;
      const taken = [...state.rules.values()].flatMap(({ listenerArn, priority }) =>
        listenerArn === listener.arn ? [priority] : [],
      );
      let priority = which % 2 === 0 ? 1 + (which % 5) : 900;
      while (taken.includes(priority)) priority += 1;
      if (taken.length > account.knobs.quotas['rules-per-application-load-balancer']) return false;
      const made: { Rules?: { RuleArn: string }[] } = await call('elbv2', 'CreateRule', {
        ListenerArn: listener.arn,
        Priority: priority,
        Conditions: [{ Field: 'host-header', Values: ['theirs.example.org'] }],
        Actions: fixed('299'),
      });
      foreign.rule(made.Rules?.[0]?.RuleArn ?? '');
      return true;
    }
    case 'listener': {
      if (loadBalancer === undefined) return false;
      const port = 9000 + which;
      const isTaken = [...state.listeners.values()].some(
        (other) => other.port === port && other.loadBalancerArn === loadBalancer.arn,
      );
      if (isTaken) return false;
      const made: { Listeners?: { ListenerArn: string }[] } = await call('elbv2', 'CreateListener', {
        LoadBalancerArn: loadBalancer.arn,
        Port: port,
        Protocol: 'HTTP',
        DefaultActions: fixed('299'),
      });
      foreign.listener(made.Listeners?.[0]?.ListenerArn ?? '');
      return true;
    }
    case 'tag':
      if (loadBalancer === undefined) return false;
      await call('elbv2', 'AddTags', {
        ResourceArns: [loadBalancer.arn],
        Tags: [{ Key: 'theirs', Value: `value-${which}` }],
      });
      foreign.tag(loadBalancer.arn, 'theirs');
      return true;
    case 'targetGroup': {
      const made: { TargetGroups?: { TargetGroupArn: string }[] } = await call('elbv2', 'CreateTargetGroup', {
        Name: `theirs-${which}`,
        Protocol: 'HTTP',
        Port: 80,
        VpcId: id('vpc'),
        TargetType: 'ip',
      });
      foreign.targetGroup(made.TargetGroups?.[0]?.TargetGroupArn ?? '');
      return true;
    }
    case 'securityGroupRule': {
      const group = id('sg/nodes');
      const rules = state.securityGroups.get(group)?.rules;
      const before = new Set(rules?.keys());
      const Description = foreignDescription;
      const port = 7000 + which;
      const isTaken = [...(rules?.values() ?? [])].some(({ fromPort }) => fromPort === port);
      if (isTaken) return false;
      await call('ec2', 'AuthorizeSecurityGroupIngress', {
        GroupId: group,
        IpPermissions: [
          {
            IpProtocol: 'tcp',
            FromPort: port,
            ToPort: port,
            IpRanges: [{ CidrIp: '192.0.2.0/24', Description }],
          },
        ],
      });
      for (const rule of rules?.keys() ?? []) if (!before.has(rule)) foreign.securityGroupRule(group, rule);
      return true;
    }
    case 'target': {
      const group = ours(stranger, state.targetGroups.values(), ({ targetType }) => targetType === 'ip');
      const isTight = account.knobs.quotas['targets-per-application-load-balancer'] < 100;
      if (group === undefined || isTight) return false;
      await call('elbv2', 'RegisterTargets', {
        TargetGroupArn: group.arn,
        Targets: [{ Id: foreignAddress, Port: 8080 }],
      });
      foreign.target(group.arn);
      return true;
    }
    case 'certificate': {
      const https = ours(stranger, state.listeners.values(), ({ protocol }) => protocol === 'HTTPS');
      if (https === undefined) return false;
      const certificate = `arn:aws:acm:${state.region}:${state.account}:certificate/theirs`;
      const [like] = state.certificates.values();
      if (like !== undefined) state.certificates.set(certificate, { ...like, arn: certificate });
      await call('elbv2', 'AddListenerCertificates', {
        ListenerArn: https.arn,
        Certificates: [{ CertificateArn: certificate }],
      });
      foreign.certificate(https.arn, certificate);
      return true;
    }
  }
}
