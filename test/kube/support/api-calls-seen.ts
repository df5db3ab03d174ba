import { apiCalls } from '../../../src/kube/api-calls.ts';

/** A request as the local Kubernetes API records it. */
type Seen = {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
};

/**
 * How the requests in a trace differ from the table that RBAC is generated from, as `verb group/resource` lines:
 * `notGranted` would be forbidden in a cluster, `notSeen` is granted and was not used.
 */
export function comparedWithApiCalls(trace: Iterable<Seen>): {
  readonly notGranted: readonly string[];
  readonly notSeen: readonly string[];
} {
  const granted = new Set(
    apiCalls.flatMap(({ group, resource, verbs }) => verbs.map((verb) => `${verb} ${group}/${resource}`)),
  );
  const seen = new Set(
    Array.from(
      trace,
      ({ verb, group, resource, subresource }) =>
        `${verb} ${group}/${resource}${subresource === '' ? '' : `/${subresource}`}`,
    ),
  );
  return {
    notGranted: [...seen].filter((call) => !granted.has(call)),
    notSeen: [...granted].filter((call) => !seen.has(call)),
  };
}
