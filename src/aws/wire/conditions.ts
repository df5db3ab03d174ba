// Rule conditions: the domain's form and AWS's, in both directions.

import type { RuleCondition as WireCondition } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { RuleCondition } from '../../core/domain/rule.ts';
import { never } from '../../lib/never.ts';

export const wireConditions = (conditions: readonly RuleCondition[]): WireCondition[] =>
  conditions.map(wireCondition);

function wireCondition(condition: RuleCondition): WireCondition {
  const Field = condition.kind;
  switch (condition.kind) {
    case 'host-header':
      return { Field, HostHeaderConfig: wireValues(condition) };
    case 'path-pattern':
      return { Field, PathPatternConfig: wireValues(condition) };
    case 'http-header':
      return { Field, HttpHeaderConfig: { HttpHeaderName: condition.name, ...wireValues(condition) } };
    case 'http-request-method':
      return { Field, HttpRequestMethodConfig: { Values: [...condition.values] } };
    case 'query-string':
      return {
        Field,
        QueryStringConfig: {
          Values: condition.values.map(({ key, value }) => ({
            ...(key === undefined ? {} : { Key: key }),
            Value: value,
          })),
        },
      };
    case 'source-ip':
      return { Field, SourceIpConfig: { Values: [...condition.values] } };
    default:
      return never(condition);
  }
}

/** An empty list is left out: AWS takes it for a condition without values. */
function wireValues({
  values,
  regexValues,
}: {
  readonly values: readonly string[];
  readonly regexValues: readonly string[];
}) {
  return {
    ...(values.length === 0 ? {} : { Values: [...values] }),
    ...(regexValues.length === 0 ? {} : { RegexValues: [...regexValues] }),
  };
}

/** Conditions of a kind that we do not know (newer than this program, on somebody's rule) are left out. */
export const observedConditions = (conditions: readonly WireCondition[] = []): readonly RuleCondition[] =>
  conditions.flatMap((condition) => observedCondition(condition) ?? []);

function observedCondition(condition: WireCondition): RuleCondition | undefined {
  switch (condition.Field) {
    case 'host-header':
      return { kind: 'host-header', ...observedValues(condition.HostHeaderConfig ?? condition) };
    case 'path-pattern':
      return { kind: 'path-pattern', ...observedValues(condition.PathPatternConfig ?? condition) };
    case 'http-header': {
      const name = condition.HttpHeaderConfig?.HttpHeaderName ?? '';
      return { kind: 'http-header', name, ...observedValues(condition.HttpHeaderConfig ?? {}) };
    }
    case 'http-request-method':
      return { kind: 'http-request-method', values: condition.HttpRequestMethodConfig?.Values ?? [] };
    case 'query-string': {
      const pairs = condition.QueryStringConfig?.Values ?? [];
      const values = pairs.map(({ Key, Value }) => ({
        key: Key === '' ? undefined : Key,
        value: Value ?? '',
      }));
      return { kind: 'query-string', values };
    }
    case 'source-ip':
      return { kind: 'source-ip', values: condition.SourceIpConfig?.Values ?? [] };
    default:
      return undefined;
  }
}

/** AWS echoes hosts and paths twice: beside the `…Config` form in the older top-level lists, which alone may be there. */
function observedValues({
  Values,
  RegexValues,
}: {
  Values?: string[] | undefined;
  RegexValues?: string[] | undefined;
}) {
  return { values: Values ?? [], regexValues: RegexValues ?? [] };
}
