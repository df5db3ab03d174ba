import type { DesiredGroup, DesiredSecurityGroup, DesiredTargetGroup } from '../../domain/desired-group.ts';
import type { ObservedSecurityGroup, ObservedTargetGroup } from '../../domain/observed-group.ts';
import type { ResourceId } from '../../domain/ids.ts';
import type { PlanContext } from '../context.ts';
import { describeRule, ruleKey } from '../security-groups.ts';
import {
  entryFields,
  existence,
  type Field,
  type Holder,
  managedTags,
  plainField,
  tagName,
} from './field.ts';

/** Fields of the group's target groups and security groups. */
export function otherFields(context: PlanContext): readonly Field[] {
  const { desired, observed } = context;
  return [
    ...desired.targetGroups.flatMap((wanted) => {
      const found = observed.targetGroups.find(({ name }) => name === wanted.name);
      const { id, name, member } = wanted;
      const there = existence(
        { subject: id, resource: found?.arn ?? '', object: member },
        { field: 'targetGroup.exists', name, value: name, isThere: found !== undefined },
      );
      return found === undefined ? [there] : [there, ...targetGroupFields(wanted, found, context)];
    }),
    ...desired.securityGroups.flatMap((wanted) => {
      const found = observed.securityGroups.find(({ name }) => name === wanted.name);
      const { id, name } = wanted;
      const there = existence(
        { subject: id, resource: found?.id ?? '' },
        { field: 'securityGroup.exists', name, value: name, isThere: found !== undefined },
      );
      return found === undefined ? [there] : [there, ...securityGroupFields(wanted, found, context)];
    }),
  ];
}

function targetGroupFields(
  wanted: DesiredTargetGroup,
  found: ObservedTargetGroup,
  context: PlanContext,
): readonly Field[] {
  const holder: Holder = { subject: wanted.id, resource: found.arn, object: wanted.member };
  const change = changer('targetGroups', wanted.id);
  const present: Readonly<Record<string, string | number>> = found.healthCheck;
  return [
    ...Object.entries(wanted.healthCheck).map(([key, value]) =>
      plainField(holder, {
        field: 'targetGroup.healthCheck',
        what: `healthCheck.${key}`,
        wanted: String(value),
        found: String(present[key]),
        accept: (desired) =>
          change(desired, (one) => ({ ...one, healthCheck: { ...one.healthCheck, [key]: present[key] } })),
      }),
    ),
    ...entryFields(wanted.attributes, found.attributes, {
      field: 'targetGroup.attributes',
      holder,
      set: (desired, set) => change(desired, (one) => ({ ...one, attributes: set(one.attributes) })),
    }),
    ...entryFields(managedTags(wanted.tags, context), found.tags, {
      field: 'targetGroup.tags',
      holder,
      naming: tagName,
      set: (desired, set) => change(desired, (one) => ({ ...one, tags: set(one.tags) })),
    }),
  ];
}

function securityGroupFields(
  wanted: DesiredSecurityGroup,
  found: ObservedSecurityGroup,
  context: PlanContext,
): readonly Field[] {
  const holder: Holder = { subject: wanted.id, resource: found.id };
  const change = changer('securityGroups', wanted.id);
  const present = new Set(found.ingress.map(ruleKey));
  return [
    ...wanted.ingress.map((rule) => {
      const key = ruleKey(rule);
      const text = describeRule(rule);
      return plainField(holder, {
        field: 'securityGroup.ingress',
        what: `ingress ${text}`,
        wanted: text,
        found: present.has(key) ? text : undefined,
        accept: (desired) =>
          change(desired, (one) => ({
            ...one,
            ingress: one.ingress.filter((other) => ruleKey(other) !== key),
          })),
      });
    }),
    ...entryFields(managedTags(wanted.tags, context), found.tags, {
      field: 'securityGroup.tags',
      holder,
      naming: tagName,
      set: (desired, set) => change(desired, (one) => ({ ...one, tags: set(one.tags) })),
    }),
  ];
}

/** Changes one object of a list of the desired group. */
function changer<List extends 'targetGroups' | 'securityGroups'>(list: List, id: ResourceId) {
  type One = DesiredGroup[List][number];
  return (desired: DesiredGroup, change: (one: One) => One): DesiredGroup => ({
    ...desired,
    [list]: desired[list].map((one) => (one.id === id ? change(one) : one)),
  });
}
