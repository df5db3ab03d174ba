import { readFileSync } from 'node:fs';
import { apiCalls } from '../../../src/kube/api-calls.ts';
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
  const seen = new Set(
    entries.map(({ verb, objectRef: { apiGroup = '', resource = '', subresource } = {} }) =>
      [`${verb} ${apiGroup}/${resource}`, ...(subresource === undefined ? [] : [subresource])].join('/'),
    ),
  );
  // What is granted for single objects is so in the overlays of those who need it.
  const granted = apiCalls
    .filter(({ scope }) => scope === 'cluster' || scope === 'ownNamespace')
    .flatMap(({ group, resource, verbs }) => verbs.map((verb) => `${verb} ${group}/${resource}`));
  return {
    forbidden: entries
      // Other refusals, such as new objects in a namespace that is being deleted, have nothing to do with permissions.
      .filter(({ annotations }) => annotations?.['authorization.k8s.io/decision'] === 'forbid')
      .map(({ verb, requestURI }) => `${verb} ${requestURI}`),
    notSeen: granted.filter((call) => !seen.has(call)),
  };
}
