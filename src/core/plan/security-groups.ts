import { canonical, isEqual } from '../../lib/canonical.ts';
import type { DesiredSecurityGroup, SecurityGroupRule } from '../domain/desired-group.ts';
import { type OperationId, operationId } from '../domain/ids.ts';
import type { ObservedSecurityGroup } from '../domain/observed-group.ts';
import type { Operation } from '../domain/operation.ts';
import { differs, missing } from './because.ts';
import type { PlanContext } from './context.ts';
import { tagChange } from './tags.ts';

/** Ingress rules of one security group that AWS allows by default (L-0EA8095F, "Inbound or outbound rules per security group"). */
const rulesPerSecurityGroup = 60;

/**
 * The group's own (managed) security groups: made, opened and tagged. A revoke comes after the authorise that replaces
 * it (trap 7), unless the security group is full, where it has to come first.
 */
export function securityGroupOperations(context: PlanContext): readonly Operation[] {
  return context.desired.securityGroups.flatMap((wanted) => {
    const found = context.observed.securityGroups.find((group) => group.name === wanted.name);
    return found === undefined ? create(wanted) : change(wanted, found, context);
  });
}

function create(wanted: DesiredSecurityGroup): readonly Operation[] {
  const id = operationId('createSecurityGroup', wanted.id);
  const because = missing(`security group ${wanted.name} of the load balancer`);
  const { name, description, tags } = wanted;
  return [
    { kind: 'createSecurityGroup', id, subject: wanted.id, because, dependsOn: [], name, description, tags },
    ...(wanted.ingress.length === 0
      ? []
      : [
          {
            kind: 'authorizeIngress',
            id: authorizeId(wanted),
            subject: wanted.id,
            because: missing(`${wanted.ingress.length} rules for clients`),
            dependsOn: [id],
            securityGroup: { ref: wanted.id, attribute: 'id' },
            rules: wanted.ingress,
          } as const,
        ]),
  ];
}

/** The operation after which the clients of a listener are let in, if the plan has it. */
export function authorizeId(group: Pick<DesiredSecurityGroup, 'id'>): OperationId {
  return operationId('authorizeIngress', group.id);
}

function change(
  wanted: DesiredSecurityGroup,
  found: ObservedSecurityGroup,
  context: PlanContext,
): readonly Operation[] {
  const before = context.previous?.securityGroups.find((group) => group.id === wanted.id);
  const subject = wanted.id;
  const operations: Operation[] = [];
  const tags = tagChange(wanted.tags, found.tags, { config: context.config, previous: before?.tags });
  if (tags !== undefined) {
    const because = differs(tags.changes, isEqual(before?.tags, wanted.tags));
    const id = operationId('setSecurityGroupTags', subject);
    operations.push({
      kind: 'setSecurityGroupTags',
      id,
      subject,
      because,
      dependsOn: [],
      securityGroup: found.id,
      add: tags.add,
      remove: tags.remove,
    });
  }
  const wantedKeys = new Set(wanted.ingress.map(ruleKey));
  const foundKeys = new Set(found.ingress.map(ruleKey));
  const missingRules = wanted.ingress.filter((rule) => !foundKeys.has(ruleKey(rule)));
  const extraRules = context.complete ? found.ingress.filter((rule) => !wantedKeys.has(ruleKey(rule))) : [];
  const isFull = found.ingress.length + missingRules.length > rulesPerSecurityGroup;
  const sameAsBefore = isEqual(before?.ingress, wanted.ingress);
  const authorize = authorizeId(wanted);
  const revoke = operationId('revokeIngress', subject);
  const hasBoth = missingRules.length > 0 && extraRules.length > 0;
  if (missingRules.length > 0) {
    operations.push({
      kind: 'authorizeIngress',
      id: authorize,
      subject,
      because: differs(
        missingRules.map((rule) => ({ field: 'ingress', from: '', to: describe(rule) })),
        sameAsBefore,
      ),
      dependsOn: hasBoth && isFull ? [revoke] : [],
      securityGroup: found.id,
      rules: missingRules,
    });
  }
  if (extraRules.length > 0) {
    operations.push({
      kind: 'revokeIngress',
      id: revoke,
      subject,
      because: differs(
        extraRules.map((rule) => ({ field: 'ingress', from: describe(rule), to: '' })),
        sameAsBefore,
      ),
      dependsOn: hasBoth && !isFull ? [authorize] : [],
      securityGroup: found.id,
      ruleIds: extraRules.map((rule) => rule.ruleId),
    });
  }
  return operations;
}

/** Identity of a rule in EC2: everything but the description (a second one with the same is InvalidPermission.Duplicate). */
function ruleKey({ protocol, fromPort, toPort, source }: SecurityGroupRule): string {
  return canonical({ protocol, fromPort, toPort, source });
}

function describe({ protocol, fromPort, toPort, source }: SecurityGroupRule): string {
  const from =
    'cidr' in source ? source.cidr : source.kind === 'prefixList' ? source.id : canonical(source.id);
  return `${protocol} ${fromPort === toPort ? fromPort : `${fromPort}-${toPort}`} from ${from}`;
}
