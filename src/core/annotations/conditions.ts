// The JSON of `conditions.<name>` (albc-behaviour §1.5).

import type { RuleCondition } from '../domain/rule.ts';
import { jsonOf, list, optional, record, text } from './decode.ts';
import { type Parsed, parsed, refusedAs } from './parsed.ts';

type Values = { readonly values: readonly string[]; readonly regexValues: readonly string[] };
type Raw = {
  readonly field: string;
  readonly hostHeaderConfig: Values | undefined;
  readonly httpHeaderConfig: (Values & { readonly httpHeaderName: string }) | undefined;
  readonly httpRequestMethodConfig: Pick<Values, 'values'> | undefined;
  readonly pathPatternConfig: Values | undefined;
  readonly queryStringConfig:
    | { readonly values: readonly { readonly key: string | undefined; readonly value: string }[] }
    | undefined;
  readonly sourceIPConfig: Pick<Values, 'values'> | undefined;
};

const texts = list(text);
const parse = jsonOf(
  list(
    record<Raw>('RuleCondition', {
      field: text,
      hostHeaderConfig: optional(
        record<Values>('HostHeaderConditionConfig', { values: texts, regexValues: texts }),
      ),
      httpHeaderConfig: optional(
        record('HTTPHeaderConditionConfig', { httpHeaderName: text, values: texts, regexValues: texts }),
      ),
      httpRequestMethodConfig: optional(record('HTTPRequestMethodConditionConfig', { values: texts })),
      pathPatternConfig: optional(
        record<Values>('PathPatternConditionConfig', { values: texts, regexValues: texts }),
      ),
      queryStringConfig: optional(
        record('QueryStringConditionConfig', {
          values: list(record('QueryStringKeyValuePair', { key: optional(text), value: text })),
        }),
      ),
      sourceIPConfig: optional(record('SourceIPConditionConfig', { values: texts })),
    }),
  ),
);

export type ConditionsDraft = {
  readonly conditions: readonly RuleCondition[];
  /** Fields that no ALB rule has; ALBC drops them without a word. */
  readonly unknownFields: readonly string[];
};

/** Reads conditions in written order; the first fault is ALBC's first. */
export function parseConditions(source: string): Parsed<ConditionsDraft> {
  const result = parse(source);
  if (!result.ok) return result;
  const conditions: RuleCondition[] = [];
  const unknownFields: string[] = [];
  for (const raw of result.value) {
    const condition = conditionOf(raw);
    if (condition === undefined) unknownFields.push(raw.field);
    else if (condition.ok) conditions.push(condition.value);
    else return condition;
  }
  return parsed({ conditions, unknownFields });
}

function conditionOf(raw: Raw): Parsed<RuleCondition> | undefined {
  switch (raw.field) {
    case 'host-header':
      return patterns('hostHeaderConfig', raw.hostHeaderConfig, (values) => ({
        kind: 'host-header',
        ...values,
      }));
    case 'path-pattern':
      return patterns('pathPatternConfig', raw.pathPatternConfig, (values) => ({
        kind: 'path-pattern',
        ...values,
      }));
    case 'http-header': {
      const name = raw.httpHeaderConfig?.httpHeaderName ?? '';
      return patterns('httpHeaderConfig', raw.httpHeaderConfig, (values) => ({
        kind: 'http-header',
        name,
        ...values,
      }));
    }
    case 'http-request-method':
      return plain('httpRequestMethodConfig', raw.httpRequestMethodConfig, (values) => ({
        kind: 'http-request-method',
        values,
      }));
    case 'source-ip':
      return plain('sourceIPConfig', raw.sourceIPConfig, (values) => ({ kind: 'source-ip', values }));
    case 'query-string':
      return queryString(raw.queryStringConfig);
    default:
      return undefined;
  }
}

function missing(config: string): Parsed<never> {
  return refusedAs(`missing ${config}`, `where ${config} is missing`);
}

function patterns(
  name: string,
  config: Values | undefined,
  make: (values: Values) => RuleCondition,
): Parsed<RuleCondition> {
  if (config === undefined) return missing(name);
  const { values, regexValues } = config;
  if (values.length === 0 && regexValues.length === 0) {
    const words = `invalid ${name}: values or regexValues must be specified`;
    return refusedAs(words, `where ${name} has neither values nor regexValues`);
  }
  if (values.length > 0 && regexValues.length > 0) {
    const words = `invalid ${name}: precisely one of values and regexValues can be specified`;
    return refusedAs(words, `where ${name} has both values and regexValues`);
  }
  return parsed(make({ values, regexValues }));
}

function plain(
  name: string,
  config: Pick<Values, 'values'> | undefined,
  make: (values: readonly string[]) => RuleCondition,
): Parsed<RuleCondition> {
  if (config === undefined) return missing(name);
  if (config.values.length > 0) return parsed(make(config.values));
  return refusedAs(`invalid ${name}: values cannot be empty`, `where ${name} has no values`);
}

function queryString(config: Raw['queryStringConfig']): Parsed<RuleCondition> {
  if (config === undefined) return missing('queryStringConfig');
  if (config.values.length === 0) {
    return refusedAs(
      'invalid queryStringConfig: Values cannot be empty',
      'where queryStringConfig has no values',
    );
  }
  if (config.values.some(({ value }) => value === '')) {
    const words = 'invalid queryStringConfig: value cannot be empty';
    return refusedAs(words, 'where queryStringConfig has an entry without a value');
  }
  return parsed({ kind: 'query-string', values: config.values });
}
