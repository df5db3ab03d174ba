import { readFileSync } from 'node:fs';
import { comparedWithApiCalls } from '../../kube/support/api-calls-seen.ts';
import type { Cluster } from '../../support/cluster/start.ts';

type Entry = {
  readonly verb: string;
  readonly requestURI: string;
  readonly objectRef?: {
    readonly apiGroup?: string;
    readonly resource?: string;
    readonly subresource?: string;
    readonly namespace?: string;
  };
  readonly annotations?: Readonly<Record<string, string>>;
};

/** What the ServiceAccount of deploy/ was refused, and what it was granted and did not use, by the API server's audit log. */
export function serviceAccountCalls({ auditLog }: Pick<Cluster, 'auditLog'>): {
  readonly forbidden: readonly string[];
  readonly notSeen: readonly string[];
} {
  const entries = readFileSync(auditLog, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Entry);
  const seen = entries.flatMap(({ verb, objectRef }) => {
    if (objectRef?.resource === undefined) return [];
    const { apiGroup: group = '', resource, subresource = '' } = objectRef;
    return [{ verb, group, resource, subresource }];
  });
  return {
    forbidden: entries
      // Other refusals, such as new objects in a namespace that is being deleted, have nothing to do with permissions.
      .filter(({ annotations }) => annotations?.['authorization.k8s.io/decision'] === 'forbid')
      .map(({ verb, requestURI }) => `${verb} ${requestURI}`),
    notSeen: comparedWithApiCalls(seen).notSeen,
  };
}
