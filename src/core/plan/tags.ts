import { adoptedTag } from '../domain/adoption.ts';
import { clusterUidTag } from '../domain/cluster-uid.ts';
import type { CoreConfig } from '../domain/config.ts';
import type { Tags } from '../domain/desired-group.ts';
import { operationId, type ResourceId } from '../domain/ids.ts';
import type { FieldChange, OperationOf } from '../domain/operation.ts';
import type { ObjectRef } from '../domain/problem.ts';
import { appliedTag, foreignTargetsTag } from '../domain/drift.ts';
import { clientSecretTag } from '../domain/client-secret.ts';
import { retiredTag } from '../domain/observed-group.ts';
import { isEqual } from '../../lib/canonical.ts';
import { differs } from './because.ts';

export type TagChange = {
  readonly add: Tags;
  readonly remove: readonly string[];
  readonly changes: readonly FieldChange[];
};

/** Keys that ALBC v1 wrote and that no version removes (albc-behaviour §5.3). */
function isLegacyKey(key: string, clusterName: string): boolean {
  return (
    key === `kubernetes.io/cluster/${clusterName}` ||
    ['cluster-name', 'namespace', 'ingress-name', 'service-name', 'service-port'].some(
      (end) => key === `kubernetes.io/${end}`,
    ) ||
    key === 'ingress.k8s.aws/cluster'
  );
}

/**
 * Tags to write and keys to remove. A key that somebody else added stays (trap 15 of user-asks): only keys that our
 * `previous` desired state had are removed. Under `foreign: remove` (ALBC) every other key goes, but for `aws:` keys,
 * legacy keys, the cluster's UID and `--external-managed-tags`. A UID that is all that is missing is not worth a write:
 * what another controller made, or an older version, has none.
 */
export function tagChange(
  wanted: Tags,
  found: Tags,
  context: { readonly config: CoreConfig; readonly previous: Tags | undefined },
): TagChange | undefined {
  const { config, previous } = context;
  const isManaged = (key: string) => !config.externalManagedTags.includes(key) && !key.startsWith('aws:');
  const add = Object.entries(wanted).filter(([key, value]) => isManaged(key) && found[key] !== value);
  const remove = Object.keys(found).filter(
    (key) =>
      !(key in wanted) &&
      isManaged(key) &&
      !isLegacyKey(key, config.clusterName) &&
      key !== clusterUidTag &&
      key !== adoptedTag &&
      key !== appliedTag &&
      (config.policy.foreign === 'remove' || (previous !== undefined && key in previous)),
  );
  const isWorthIt = add.some(([key]) => key !== clusterUidTag || found[key] !== undefined);
  if (!isWorthIt && remove.length === 0) return undefined;
  const changes = [
    ...add.map(([key, value]) => ({ field: `tag ${key}`, from: found[key] ?? '', to: value })),
    ...remove.map((key) => ({ field: `tag ${key}`, from: found[key] ?? '', to: '' })),
  ];
  return { add: Object.fromEntries(add), remove: remove.toSorted(), changes };
}

/** Keys that somebody else added. */
export function foreignTags(
  wanted: Tags,
  found: Tags,
  { config, previous = {} }: { readonly config: CoreConfig; readonly previous: Tags | undefined },
): readonly string[] {
  const ours = (key: string): boolean =>
    key in wanted || key in previous || isLegacyKey(key, config.clusterName) || ownKeys.includes(key);
  return Object.keys(found)
    .filter((key) => !ours(key) && !key.startsWith('aws:'))
    .toSorted();
}

/** Written by the controller beside the tags that a plan compares. */
const ownKeys: readonly string[] = [retiredTag, clientSecretTag, appliedTag, adoptedTag, foreignTargetsTag];

/** A resource with tags: what it should carry, what it carries, and what we wanted last time. */
export type Tagged = {
  readonly subject: ResourceId;
  readonly resource: string;
  readonly wanted: Tags;
  readonly found: Tags;
  readonly before: Tags | undefined;
  readonly object?: ObjectRef;
};

/** The one write that puts the tags of an ELBv2 resource right; nothing when they are. */
export function tagOperations(tagged: Tagged, config: CoreConfig): readonly OperationOf<'setTags'>[] {
  const { subject, resource, wanted, found, before, object } = tagged;
  const change = tagChange(wanted, found, { config, previous: before });
  if (change === undefined) return [];
  const because = differs(change.changes, isEqual(before, wanted), object);
  const { add, remove } = change;
  return [
    {
      kind: 'setTags',
      id: operationId('setTags', subject),
      subject,
      because,
      dependsOn: [],
      resource,
      add,
      remove,
    },
  ];
}

/** Differences of listed attribute keys; keys that nobody lists are left alone. `found` undefined: never read, so all are written. */
export function attributeChanges(wanted: Tags, found: Tags | undefined): readonly FieldChange[] {
  return Object.entries(wanted)
    .filter(([key, value]) => found?.[key] !== value)
    .map(([key, value]) => ({ field: key, from: found?.[key] ?? '', to: value }));
}
