import type { CoreConfig } from '../domain/config.ts';
import type { Tags } from '../domain/desired-group.ts';
import type { FieldChange } from '../domain/operation.ts';

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
 * legacy keys and `--external-managed-tags`.
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
      (config.policy.foreign === 'remove' || (previous !== undefined && key in previous)),
  );
  if (add.length === 0 && remove.length === 0) return undefined;
  const changes = [
    ...add.map(([key, value]) => ({ field: `tag ${key}`, from: found[key] ?? '', to: value })),
    ...remove.map((key) => ({ field: `tag ${key}`, from: found[key] ?? '', to: '' })),
  ];
  return { add: Object.fromEntries(add), remove: remove.toSorted(), changes };
}

/** Differences of listed attribute keys; keys that nobody lists are left alone. `found` undefined: never read, so all are written. */
export function attributeChanges(wanted: Tags, found: Tags | undefined): readonly FieldChange[] {
  return Object.entries(wanted)
    .filter(([key, value]) => found?.[key] !== value)
    .map(([key, value]) => ({ field: key, from: found?.[key] ?? '', to: value }));
}
