import ipaddr from 'ipaddr.js';
import type { RuleCondition } from '../domain/rule.ts';
import { matchesRegex, matchesWildcard } from './patterns.ts';
import { type AlbRequest, hostName } from './request.ts';

/** Whether the condition holds, and in one clause why or why not. Any one of its values is enough. */
export function conditionHolds(
  condition: RuleCondition,
  request: AlbRequest,
): { readonly holds: boolean; readonly why: string } {
  const { holds, what } = judged(condition, request);
  return { holds, why: `${what} ${holds ? 'matches' : 'does not match'} ${valuesText(condition)}` };
}

type Judged = { readonly holds: boolean; readonly what: string };

function judged(condition: RuleCondition, request: AlbRequest): Judged {
  switch (condition.kind) {
    case 'host-header': {
      const host = hostName(request);
      return { holds: textMatches(condition, host, true), what: `host ${host}` };
    }
    case 'path-pattern':
      return { holds: textMatches(condition, request.path, false), what: `path ${request.path}` };
    case 'http-header': {
      const values = headerValues(request, condition.name);
      const holds = values.some((value) => textMatches(condition, value, true));
      return {
        holds,
        what: values.length === 0 ? `header ${condition.name} (absent)` : `header ${condition.name}`,
      };
    }
    case 'http-request-method':
      return { holds: condition.values.includes(request.method), what: `method ${request.method}` };
    case 'query-string':
      return { holds: queryMatches(condition.values, request.query), what: `query "${request.query}"` };
    case 'source-ip':
      return { holds: isInside(request.sourceIp, condition.values), what: `source ${request.sourceIp}` };
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
  return Object.entries(headers)
    .filter(([key]) => key.toLowerCase() === name.toLowerCase())
    .flatMap(([, value]) => value);
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

function valuesText(condition: RuleCondition): string {
  if (condition.kind === 'query-string') {
    return condition.values
      .map(({ key, value }) => (key === undefined ? value : `${key}=${value}`))
      .join(' or ');
  }
  const regexes = 'regexValues' in condition ? condition.regexValues.map((regex) => `/${regex}/`) : [];
  return [...condition.values, ...regexes].join(' or ');
}
