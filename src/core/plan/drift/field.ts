// The fields of a group's AWS objects as drift sees them: one list from one walk, so that what is compared, what is told
// and what can be left alone are the same. What makes a plan write and is no field here is always put right.

import { createHash } from 'node:crypto';
import type { DesiredGroup, DesiredListener, DesiredLoadBalancer, Tags } from '../../domain/desired-group.ts';
import type { DriftField, FieldPath } from '../../domain/drift.ts';
import type { ResourceId } from '../../domain/ids.ts';
import type { ObjectRef } from '../../domain/problem.ts';
import type { PlanContext } from '../context.ts';

/** What is wanted once a field is left as somebody else made it. */
export type Accept = (desired: DesiredGroup) => DesiredGroup;

/** One field of one object that AWS has, or should have. */
export type Field = {
  readonly path: FieldPath;
  readonly field: DriftField;
  readonly subject: ResourceId;
  readonly resource: string;
  readonly what: string;
  /** For people; undefined: nothing. */
  readonly wanted: string | undefined;
  readonly found: string | undefined;
  /** What is wanted, as it is compared with what was wanted before; undefined: the object should not be there. */
  readonly value: string | undefined;
  /** AWS has what is wanted. */
  readonly agrees: boolean;
  readonly object?: ObjectRef;
  readonly accept: Accept;
};

/** A field whose text says all about it. */
export function plainField(
  holder: Holder,
  own: Pick<Field, 'field' | 'what' | 'wanted' | 'found' | 'accept'>,
): Field {
  const { wanted, found, what } = own;
  return {
    ...holder,
    ...own,
    path: pathOf(holder.subject, what),
    value: wanted ?? '',
    agrees: wanted === found,
  };
}

/** What the fields of one object share. */
export type Holder = Pick<Field, 'subject' | 'resource' | 'object'>;

/** One field of one resource, the same in every plan. */
export const pathOf = (subject: ResourceId, what: string): FieldPath => `${subject} ${what}`;

/** Short and the same for equal texts: thousands are kept. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 16);
}

/** Whether there is such an object. `value` is what makes it another one. */
export function existence(
  holder: Holder,
  own: Pick<Field, 'field' | 'value'> & { readonly name: string; readonly isThere: boolean },
): Field {
  const { name, isThere, field, value } = own;
  return {
    ...holder,
    path: pathOf(holder.subject, 'exists'),
    field,
    what: 'exists',
    wanted: name,
    found: isThere ? name : undefined,
    value,
    agrees: isThere,
    accept: (desired) => desired,
  };
}

/** Entries of a map of which only the wanted keys are managed. `found` undefined: not read, so nothing is known of them. */
export function entryFields(
  wanted: Tags,
  found: Tags | undefined,
  {
    field,
    holder,
    naming = (key) => key,
    set,
  }: {
    readonly field: DriftField;
    readonly holder: Holder;
    readonly naming?: (key: string) => string;
    readonly set: (desired: DesiredGroup, change: (entries: Tags) => Tags) => DesiredGroup;
  },
): readonly Field[] {
  if (found === undefined) return [];
  return Object.entries(wanted).map(([key, value]) =>
    plainField(holder, {
      field,
      what: naming(key),
      wanted: value,
      found: found[key],
      accept: (desired) => set(desired, (entries) => withEntry(entries, key, found[key])),
    }),
  );
}

function withEntry(entries: Tags, key: string, value: string | undefined): Tags {
  const { [key]: _dropped, ...rest } = entries;
  return value === undefined ? rest : { ...rest, [key]: value };
}

/** The tags that are compared: not AWS's own, and not those that others manage. */
export function managedTags(wanted: Tags, { config }: Pick<PlanContext, 'config'>): Tags {
  return Object.fromEntries(
    Object.entries(wanted).filter(
      ([key]) => !config.externalManagedTags.includes(key) && !key.startsWith('aws:'),
    ),
  );
}

export const tagName = (key: string): string => `tag ${key}`;

/** A change of the load balancer, where one is desired. */
export function withLoadBalancer(
  desired: DesiredGroup,
  change: (loadBalancer: DesiredLoadBalancer) => DesiredLoadBalancer,
): DesiredGroup {
  const { loadBalancer } = desired;
  return loadBalancer === undefined ? desired : { ...desired, loadBalancer: change(loadBalancer) };
}

/** Changes one listener of the desired group. */
export function withListener(
  desired: DesiredGroup,
  { id }: Pick<DesiredListener, 'id'>,
  change: (listener: DesiredListener) => DesiredListener,
): DesiredGroup {
  return withLoadBalancer(desired, (loadBalancer) => ({
    ...loadBalancer,
    listeners: loadBalancer.listeners.map((one) => (one.id === id ? change(one) : one)),
  }));
}
