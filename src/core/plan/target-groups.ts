import { isEqual } from '../../lib/canonical.ts';
import type { DesiredTargetGroup } from '../domain/desired-group.ts';
import { type OperationId, operationId } from '../domain/ids.ts';
import type { ObservedTargetGroup } from '../domain/observed-group.ts';
import type { FieldChange, Operation } from '../domain/operation.ts';
import { differs, missing, nameOf, transition } from './because.ts';
import type { PlanContext } from './context.ts';
import { attributeChanges, tagOperations } from './tags.ts';

/** New target groups are made and filled before any rule forwards to them; existing ones are changed in place. */
export function targetGroupOperations(context: PlanContext): readonly Operation[] {
  return context.desired.targetGroups.flatMap((wanted) => {
    const found = context.observed.targetGroups.find((group) => group.name === wanted.name);
    return found === undefined ? create(wanted, context) : change(wanted, found, context);
  });
}

/** What must be done before a rule may forward to this target group; nothing for one that exists. */
export function readyOperations(wanted: DesiredTargetGroup, context: PlanContext): readonly OperationId[] {
  if (context.observed.targetGroups.some((group) => group.name === wanted.name)) return [];
  return create(wanted, context).map((operation) => operation.id);
}

function create(wanted: DesiredTargetGroup, { unreachable }: PlanContext): readonly Operation[] {
  const { targets, alsoReachable: _reachable, absorbs: _absorbs, member, ...spec } = wanted;
  const subject = wanted.id;
  const id = operationId('createTargetGroup', subject);
  const targetGroup = { ref: subject, attribute: 'arn' } as const;
  const operations: Operation[] = [
    {
      kind: 'createTargetGroup',
      id,
      subject,
      because: missing(`backend of ${nameOf(member)}`, member),
      dependsOn: [],
      spec,
    },
  ];
  if (Object.keys(wanted.attributes).length > 0) {
    const attributesId = operationId('modifyTargetGroupAttributes', subject);
    const because = missing(`attributes of ${wanted.name}`, member);
    operations.push({
      kind: 'modifyTargetGroupAttributes',
      id: attributesId,
      subject,
      because,
      dependsOn: [id],
      targetGroup,
      attributes: wanted.attributes,
    });
  }
  if (targets.length > 0 && unreachable?.has(wanted.id) !== true) {
    operations.push({
      kind: 'registerTargets',
      id: operationId('registerTargets', subject),
      subject,
      because: {
        ...transition(`fill ${wanted.name} with ${targets.length} targets before traffic comes`),
        object: member,
      },
      dependsOn: [id],
      targetGroup,
      targets: targets.map(({ id: targetId, port, availabilityZone }) => ({
        id: targetId,
        port,
        availabilityZone,
      })),
    });
  }
  return operations;
}

function change(
  wanted: DesiredTargetGroup,
  found: ObservedTargetGroup,
  context: PlanContext,
): readonly Operation[] {
  const before = context.previous?.targetGroups.find((group) => group.id === wanted.id);
  const subject = wanted.id;
  const targetGroup = found.arn;
  const operations: Operation[] = [];
  const health = healthCheckChanges(wanted, found);
  if (health.length > 0) {
    operations.push({
      kind: 'modifyTargetGroup',
      id: operationId('modifyTargetGroup', subject),
      subject,
      because: differs(health, isEqual(before?.healthCheck, wanted.healthCheck), wanted.member),
      dependsOn: [],
      targetGroup,
      healthCheck: wanted.healthCheck,
      protocolVersion: wanted.protocolVersion,
    });
  }
  const attributes = attributeChanges(wanted.attributes, found.attributes);
  if (attributes.length > 0) {
    operations.push({
      kind: 'modifyTargetGroupAttributes',
      id: operationId('modifyTargetGroupAttributes', subject),
      subject,
      because: differs(attributes, isEqual(before?.attributes, wanted.attributes), wanted.member),
      dependsOn: [],
      targetGroup,
      attributes: Object.fromEntries(attributes.map((entry) => [entry.field, entry.to])),
    });
  }
  const tagged = {
    subject,
    resource: found.arn,
    wanted: wanted.tags,
    found: found.tags,
    before: before?.tags,
    object: wanted.member,
  };
  return [...operations, ...tagOperations(tagged, context.config)];
}

function healthCheckChanges(wanted: DesiredTargetGroup, found: ObservedTargetGroup): readonly FieldChange[] {
  const to: Readonly<Record<string, string | number>> = wanted.healthCheck;
  const from: Readonly<Record<string, string | number>> = found.healthCheck;
  return Object.keys(to)
    .filter((field) => to[field] !== from[field])
    .map((field) => ({ field: `healthCheck.${field}`, from: String(from[field]), to: String(to[field]) }));
}
