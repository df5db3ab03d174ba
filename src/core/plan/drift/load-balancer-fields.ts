import type { DesiredLoadBalancer } from '../../domain/desired-group.ts';
import type { DriftField } from '../../domain/drift.ts';
import { noClassicWaf, type ObservedLoadBalancer } from '../../domain/observed-group.ts';
import type { PlanContext } from '../context.ts';
import {
  entryFields,
  type Field,
  type Holder,
  managedTags,
  plainField,
  tagName,
  withLoadBalancer,
} from './field.ts';

type Own = readonly [
  what: string,
  field: DriftField,
  wanted: string | undefined,
  found: string | undefined,
  accepted: Partial<DesiredLoadBalancer>,
];

/** Fields of the load balancer itself, as far as they are managed and were read. */
export function loadBalancerFields(
  wanted: DesiredLoadBalancer,
  found: ObservedLoadBalancer,
  context: PlanContext,
): readonly Field[] {
  const holder: Holder = { subject: wanted.id, resource: found.arn };
  return [
    ...[...address(wanted, found), ...addOns(wanted, found), securityGroups(wanted, found, context)].map(
      ([what, field, asked, present, accepted]) =>
        plainField(holder, {
          field,
          what,
          wanted: asked,
          found: present,
          accept: (desired) => withLoadBalancer(desired, (before) => ({ ...before, ...accepted })),
        }),
    ),
    ...entryFields(wanted.attributes, found.attributes, {
      field: 'loadBalancer.attributes',
      holder,
      set: (desired, change) =>
        withLoadBalancer(desired, (before) => ({ ...before, attributes: change(before.attributes) })),
    }),
    ...entryFields(managedTags(wanted.tags, context), found.tags, {
      field: 'loadBalancer.tags',
      holder,
      naming: tagName,
      set: (desired, change) =>
        withLoadBalancer(desired, (before) => ({ ...before, tags: change(before.tags) })),
    }),
  ];
}

function address(wanted: DesiredLoadBalancer, found: ObservedLoadBalancer): readonly Own[] {
  const { subnets, ipamPoolId } = found;
  const ipAddressType = found.ipAddressType as DesiredLoadBalancer['ipAddressType'];
  const sorted = (ids: readonly string[]): string => ids.toSorted().join(' ');
  return [
    ['subnets', 'loadBalancer.subnets', sorted(wanted.subnets), sorted(subnets), { subnets }],
    ['ipAddressType', 'loadBalancer.ipAddressType', wanted.ipAddressType, ipAddressType, { ipAddressType }],
    ['ipamPoolId', 'loadBalancer.ipamPool', wanted.ipamPoolId, ipamPoolId, { ipamPoolId }],
  ];
}

function securityGroups(wanted: DesiredLoadBalancer, found: ObservedLoadBalancer, context: PlanContext): Own {
  const names = wanted.securityGroups
    .map(context.securityGroupIdOf)
    .map((group) => (typeof group === 'string' ? group : group.ref));
  const { securityGroups: present } = found;
  return [
    'securityGroups',
    'loadBalancer.securityGroups',
    names.toSorted().join(' '),
    present.toSorted().join(' '),
    { securityGroups: present },
  ];
}

/** Undefined on the wanted side: left alone. On the other one: not read. */
function addOns(wanted: DesiredLoadBalancer, found: ObservedLoadBalancer): readonly Own[] {
  const { capacityUnits, webAclArn, classicWebAclId, shieldProtection } = wanted;
  const own: readonly Own[] = [
    [
      'capacityUnits',
      'loadBalancer.capacity',
      textOf(capacityUnits),
      textOf(found.capacityUnits),
      { capacityUnits: undefined },
    ],
    ['webAcl', 'loadBalancer.webAcl', webAclArn, found.webAclArn, { webAclArn: undefined }],
    [
      'classicWebAcl',
      'loadBalancer.webAcl',
      found.classicWebAclId === noClassicWaf ? undefined : classicWebAclId,
      found.classicWebAclId,
      { classicWebAclId: undefined },
    ],
    [
      'shieldProtection',
      'loadBalancer.shieldProtection',
      textOf(shieldProtection),
      found.shieldProtection === undefined ? undefined : String(found.shieldProtection !== 'none'),
      { shieldProtection: undefined },
    ],
  ];
  return own.filter(([, , asked, present]) => asked !== undefined && present !== undefined);
}

const textOf = (value: number | boolean | undefined): string | undefined =>
  value === undefined ? undefined : String(value);
