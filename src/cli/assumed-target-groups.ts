// What a plan without AWS takes for granted of the target groups that TargetGroupBindings name: they exist, and are empty.

import type { TargetGroupBinding } from '../core/domain/cluster.ts';
import type { CoreConfig } from '../core/domain/config.ts';
import type { Facts, Quota, TargetGroupFact } from '../core/domain/facts.ts';
import type { TargetGroupArn, VpcId } from '../core/domain/ids.ts';
import type { Snapshot } from '../core/domain/snapshot.ts';
import { type GivenFacts, givenTargetGroup, targetGroupArn } from './assumed-facts.ts';
import type { BindingReads } from './binding-plans.ts';

/** Answers from the facts file in place of AWS's; `assume` hears what is taken for granted instead. */
export function assumedTargetGroups(input: {
  readonly given: GivenFacts;
  readonly snapshot: Snapshot;
  readonly config: CoreConfig;
  readonly quotas: readonly Quota[];
  readonly assume: (line: string) => void;
}): BindingReads {
  const { given, snapshot, config, quotas, assume } = input;
  const found = (name: string) => givenTargetGroup(given, name);
  return {
    targetGroup: ({ arn, name: asked }) => {
      const name = asked ?? nameIn(arn ?? '');
      const binding = [...snapshot.targetGroupBindings.values()].find(
        (one) => one.targetGroupName === name || one.targetGroupArn === arn,
      );
      const { targets, ...said } = found(name) ?? {};
      const fact = factOf(
        name,
        { ...present(binding), ...said, ...(arn === undefined ? {} : { arn }) },
        config,
      );
      if (said.targetType === undefined)
        assume(
          `target group ${name} exists, with targets of type ${fact.targetType}${targets === undefined ? ', and is empty' : ''}`,
        );
      return Promise.resolve(fact);
    },
    observeTargets: (arn) => {
      const targets = found(nameIn(arn))?.targets ?? [];
      return Promise.resolve(
        targets.map((target) => ({
          ...target,
          availabilityZone: undefined,
          reason: '',
          description: '',
        })),
      );
    },
    facts: () => Promise.resolve({ vpc: vpcOf(given, config), quotas }),
  };
}

type Said = Omit<NonNullable<ReturnType<typeof givenTargetGroup>>, 'targets'>;

/** What a binding says of its target group itself. */
const present = (binding: TargetGroupBinding | undefined): Said => ({
  targetType: binding?.targetType === 'instance' ? 'instance' : 'ip',
  ipAddressType: binding?.ipAddressType === 'ipv6' ? 'ipv6' : 'ipv4',
  ...(binding?.vpcId === undefined ? {} : { vpcId: binding.vpcId }),
});

function factOf(name: string, said: Said, config: CoreConfig): TargetGroupFact {
  const { arn = targetGroupArn(config, name), targetType = 'ip', protocol = 'HTTP' } = said;
  const { ipAddressType = 'ipv4', vpcId = config.vpcId } = said;
  return { arn: arn as TargetGroupArn, name, targetType, protocol, ipAddressType, vpcId };
}

/** `arn:aws:elasticloadbalancing:…:targetgroup/NAME/0123456789abcdef` */
const nameIn = (arn: string): string => arn.split('/')[1] ?? arn;

const vpcOf = ({ vpc }: GivenFacts, { vpcId }: CoreConfig): Facts['vpc'] =>
  vpc === undefined
    ? { id: vpcId as VpcId, cidrs: ['10.0.0.0/16'], ipv6Cidrs: ['fd00::/56'] }
    : { ...vpc, id: vpc.id as VpcId };
