// Drift: AWS is not as we left it, although what is wanted is. What is done about it, field by field.

import type { ResourceId } from './ids.ts';
import type { ObjectRef } from './problem.ts';

export const driftModes = ['repair', 'report', 'ignore'] as const;
/** `repair`: put back. `report`: leave and tell. `ignore`: leave. */
export type DriftMode = (typeof driftModes)[number];

/** The fields that are looked at, in ELBv2's words; the name of an object alone stands for all of its fields. */
export const driftFields = [
  'loadBalancer.subnets',
  'loadBalancer.ipAddressType',
  'loadBalancer.ipamPool',
  'loadBalancer.securityGroups',
  'loadBalancer.attributes',
  'loadBalancer.capacity',
  'loadBalancer.webAcl',
  'loadBalancer.shieldProtection',
  'loadBalancer.tags',
  'listener.exists',
  'listener.protocol',
  'listener.sslPolicy',
  'listener.certificates',
  'listener.defaultActions',
  'listener.mutualAuthentication',
  'listener.attributes',
  'listener.tags',
  'rule.exists',
  'rule.actions',
  'rule.priorities',
  'rule.tags',
  'targetGroup.healthCheck',
  'targetGroup.attributes',
  'targetGroup.tags',
  'targetGroup.targets',
  'securityGroup.ingress',
  'securityGroup.tags',
  'targetSecurityGroup.ingress',
] as const;
/** Without these nobody is served: one that is gone is made again in every mode. */
export const alwaysRepaired = ['loadBalancer.exists', 'targetGroup.exists', 'securityGroup.exists'] as const;
export type DriftField = (typeof driftFields)[number] | (typeof alwaysRepaired)[number];

/** What may stand before `=`: a field, an object, or `tags` for those of every object. */
export const driftNames: readonly string[] = [
  ...new Set(driftFields.map((field) => field.slice(0, field.indexOf('.')))),
  'tags',
  ...driftFields,
];

export type DriftModes = {
  readonly otherwise: DriftMode;
  /** By a name of `driftNames`. */
  readonly fields: Readonly<Record<string, DriftMode>>;
};

/** Tag on a load balancer of a group where something is left alone: a digest of what was wanted when all of it was applied. */
export const appliedTag = 'albatross.dev/applied';

/** Tag on a target group of ours: the targets that others registered in it, as far as they fit. */
export const foreignTargetsTag = 'albatross.dev/foreign-targets';

/** Whether everything is put back. */
export const isRepairAll = ({ otherwise, fields }: DriftModes): boolean =>
  otherwise === 'repair' && Object.values(fields).every((mode) => mode === 'repair');

export const repairAll: DriftModes = { otherwise: 'repair', fields: {} };

/** The mode of a field, unless it is always repaired: what names it, else `tags`, else what names its object, else the rest. */
export function modeOf(field: DriftField, { otherwise, fields }: DriftModes): DriftMode {
  if (alwaysRepaired.some((always) => always === field)) return 'repair';
  const [object = '', own = ''] = field.split('.');
  return fields[field] ?? (own === 'tags' ? fields['tags'] : undefined) ?? fields[object] ?? otherwise;
}

/** What holds for a group. */
export const modesFor = (
  { drift }: { readonly drift?: DriftModes },
  config: { readonly drift: DriftModes },
): DriftModes => drift ?? config.drift;

/** Identity of a field of one AWS object in a group: stable while the object is, and no longer than needed. */
export type FieldPath = string;

/** `until` in epoch milliseconds; `forMs` is the whole of the while. */
export type Rest = { readonly count: number; readonly until: number; readonly forMs: number };

/** A field that somebody changed. */
export type Drift = {
  readonly path: FieldPath;
  readonly field: DriftField;
  /** The object in AWS. */
  readonly subject: ResourceId;
  /** Its ARN or id, for a look-up of who changed it; '': it is gone. */
  readonly resource: string;
  /** What exactly: an attribute's key, `tag team`, `healthCheck.path`; names a change of an operation. */
  readonly what: string;
  /** '': nothing. */
  readonly wanted: string;
  readonly found: string;
  readonly mode: DriftMode;
  /** It was put back so often in a row that it is left alone for a while. */
  readonly rests?: Rest;
  readonly object?: ObjectRef;
};

/**
 * By field, what it was when AWS last had what was wanted. For those who were not there: the fields that are said to have
 * drifted, or `everything`, where whatever is wanted is taken to have been there.
 */
export type Settled = ReadonlyMap<FieldPath, string> | ReadonlySet<FieldPath> | 'everything';

/** Whether nothing is done about it now. */
export function isWithheld({ mode, rests }: Drift): boolean {
  return mode !== 'repair' || rests !== undefined;
}
