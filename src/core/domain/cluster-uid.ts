// Which of several clusters with the same name something in AWS belongs to.

import type { CoreConfig } from './config.ts';
import type { Tags } from './desired-group.ts';
import { namespacedName } from './ids.ts';
import type { Snapshot } from './snapshot.ts';

/** Tag on what is made, beside the cluster's name: the cluster's UID. Without it a resource is whose its other tags say. */
export const clusterUidTag = 'albatross.dev/cluster-uid';

/** Every cluster has this Namespace from its first moment to its last, and nobody can make it anew. */
const oldest = namespacedName('', 'kube-system');

/** The UID of the cluster; undefined where it is not known, as with manifests alone. */
export function clusterUidOf({ namespaces }: Pick<Snapshot, 'namespaces'>): string | undefined {
  const uid = namespaces.get(oldest)?.meta.uid;
  return uid === '' ? undefined : uid;
}

/** The UID of the other cluster that these tags name; undefined: they name none, or ours, or one whose place we took. */
export function otherClusterOf(
  tags: Tags,
  { clusterUid, formerClusterUids }: Pick<CoreConfig, 'clusterUid' | 'formerClusterUids'>,
): string | undefined {
  const uid = tags[clusterUidTag];
  if (uid === undefined || clusterUid === undefined || uid === clusterUid) return undefined;
  return formerClusterUids.includes(uid) ? undefined : uid;
}
