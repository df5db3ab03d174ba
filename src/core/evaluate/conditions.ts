import ipaddr from 'ipaddr.js';
import type { RuleCondition } from '../domain/rule.ts';
import { matchesRegex, matchesWildcard } from './patterns.ts';
import { type AlbRequest, hostName } from './request.ts';

/** What one condition of a rule says to a request. */
export type ConditionVerdict = {
  readonly holds: boolean;
  /** What is looked at: `host`, `path`, `header X-Canary`, `method`, `query` or `source`. */
  readonly field: string;
  /** The values of the condition, any one of which is enough; regular expressions stand between slashes. */
  readonly wanted: readonly string[];
  /** What the request has there; undefined: it has no such header. */
  readonly got: string | undefined;
};

/** Judges one condition: whether it holds, and what was wanted and found. */
export function conditionVerdict(condition: RuleCondition, request: AlbRequest): ConditionVerdict {
  return { ...judged(condition, request), wanted: valueTexts(condition) };
}

function judged(condition: RuleCondition, request: AlbRequest): Omit<ConditionVerdict, 'wanted'> {
  switch (condition.kind) {
    case 'host-header': {
      const got = hostName(request);
      return { holds: textMatches(condition, got, true), field: 'host', got };
    }
    case 'path-pattern':
      return { holds: textMatches(condition, request.path, false), field: 'path', got: request.path };
    case 'http-header': {
      const values = headerValues(request, condition.name);
      const holds = values.some((value) => textMatches(condition, value, true));
      return { holds, field: `header ${condition.name}`, got: values[0] };
    }
    case 'http-request-method':
      return { holds: condition.values.includes(request.method), field: 'method', got: request.method };
    case 'query-string':
      return { holds: queryMatches(condition.values, request.query), field: 'query', got: request.query };
    case 'source-ip':
      return { holds: isInside(request.sourceIp, condition.values), field: 'source', got: request.sourceIp };
  }
}

type TextCondition = { readonly values: readonly string[]; readonly regexValues: readonly string[] };

function textMatches({ values, regexValues }: TextCondition, text: string, ignoreCase: boolean): boolean {
  return (
    values.some((value) => matchesWildcard(value, text, { ignoreCase })) ||
    matchesRegex(regexValues, text, { ignoreCase })
  );
}

function headerValues({ headers }: AlbRequest, name: string): readonly string[] {
  return Object.entries(headers).flatMap(([key, value]) =>
    key.toLowerCase() === name.toLowerCase() ? [value] : [],
  );
}

type QueryValue = { readonly key: string | undefined; readonly value: string };

/** Without a key the value may belong to any; a parameter without `=` has the value ''. */
function queryMatches(values: readonly QueryValue[], query: string): boolean {
  const options = { ignoreCase: true, escapes: true };
  const parameters = query.split('&').map((part) => {
    const [key = '', ...rest] = part.split('=');
    return { key: decoded(key), value: decoded(rest.join('=')) };
  });
  return values.some((wanted) =>
    parameters.some(
      ({ key, value }) =>
        (wanted.key === undefined || matchesWildcard(wanted.key, key, options)) &&
        matchesWildcard(wanted.value, value, options),
    ),
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function isInside(address: string, cidrs: readonly string[]): boolean {
  if (!ipaddr.isValid(address)) return false;
  const peer = ipaddr.process(address);
  return cidrs.some((cidr) => {
    if (!ipaddr.isValidCIDR(cidr)) return false;
    const [network, bits] = ipaddr.parseCIDR(cidr);
    return network.kind() === peer.kind() && peer.match(network, bits);
  });
}

function valueTexts(condition: RuleCondition): readonly string[] {
  if (condition.kind === 'query-string')
    return condition.values.map(({ key, value }) => (key === undefined ? value : `${key}=${value}`));
  const regexes = 'regexValues' in condition ? condition.regexValues.map((regex) => `/${regex}/`) : [];
  return [...condition.values, ...regexes];
}
