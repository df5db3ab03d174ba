// The Secrets that the controller reads: those that Ingresses refer to, and no others.

import type { Config } from '../config/load.ts';
import { secretReferences } from '../core/model/secret-references.ts';
import type { ClusterWatch } from '../kube/cluster-watch.ts';
import { orAborted } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';

/** For the first answers about Secrets; without them the first plans would hold what needs them. */
const secretsPatienceMs = 3000;
/** All Ingresses are looked at, and they change in hundreds; a group waits longer for more changes. */
const gatherMs = 25;

/**
 * Keeps the watched Secrets to those that Ingresses refer to, until the watch stops. Resolves when the first ones are
 * there, or after a while without: a Secret that may not be read holds its own Ingresses and nobody else.
 */
export async function followSecrets(
  watch: ClusterWatch,
  { core }: Config,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  const follow = (): void => watch.watchSecrets(secretReferences(watch.snapshot(), core));
  let isDue = false;
  const followSoon = (): void => {
    if (isDue) return;
    isDue = true;
    const soon = clock.sleep(gatherMs, { signal });
    soon.then(follow, () => undefined).finally(() => (isDue = false));
  };
  watch.onChange(({ kind }) => {
    if (['Ingress', 'IngressClass', 'IngressClassParams', 'Service', 'Namespace'].includes(kind))
      followSoon();
  });
  follow();
  const read = new AbortController();
  const patience = clock.sleep(secretsPatienceMs, { signal: read.signal }).catch(() => undefined);
  try {
    await orAborted(Promise.race([watch.secretsRead(), patience]), signal);
  } finally {
    read.abort(new Error('the Secrets are there'));
  }
}
