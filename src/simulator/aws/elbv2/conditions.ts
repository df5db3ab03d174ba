import type { RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2';
import ipaddr from 'ipaddr.js';
import { SimulatedError, validationError } from '../errors.ts';
import type { Knobs } from '../knobs.ts';
import type { CallContext } from '../operation.ts';

/**
 * Checks the conditions of a rule and returns them as AWS echoes them: host and path conditions carry their values at the
 * top level too. https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
 */
export function normaliseConditions(
  conditions: readonly RuleCondition[] | undefined,
  { knobs }: CallContext,
): readonly RuleCondition[] {
  if (conditions === undefined || conditions.length === 0)
    throw validationError('A condition must be specified');
  const normal = conditions.map((condition) => normaliseCondition(condition, knobs));
  for (const field of ['host-header', 'path-pattern', 'http-request-method', 'source-ip']) {
    if (normal.filter(({ Field }) => Field === field).length > 1) {
      throw validationError(`A rule can only have one '${field}' condition`);
    }
  }
  // The code for these two is not documented; ValidationError with this text is what users report.
  const values = normal.flatMap(conditionValues);
  const limits = knobs.quotas;
  checkNumber(values.length, limits['condition-values-per-alb-rule'], 'condition values');
  const wildcards = normal.flatMap(wildcardTexts).join('').match(/[*?]/g)?.length ?? 0;
  checkNumber(wildcards, limits['condition-wildcards-per-alb-rule'], 'condition wildcards');
  return normal;
}

function checkNumber(actual: number, limit: number, what: string): void {
  if (actual > limit) throw validationError(`A rule can only have '${limit}' ${what}`);
}

/** Every value that counts against the limit of values a rule may have. */
function conditionValues(condition: RuleCondition): readonly string[] {
  const query = condition.QueryStringConfig?.Values?.map(({ Key = '', Value = '' }) => `${Key}=${Value}`);
  if (query !== undefined) return query;
  const config = configOf(condition);
  return [...(config?.Values ?? []), ...(config?.RegexValues ?? [])];
}

type ValueConfig = {
  readonly Values?: readonly string[] | undefined;
  readonly RegexValues?: readonly string[] | undefined;
};

const configOf = (condition: RuleCondition): ValueConfig | undefined =>
  condition.HostHeaderConfig ??
  condition.PathPatternConfig ??
  condition.HttpHeaderConfig ??
  condition.HttpRequestMethodConfig ??
  condition.SourceIpConfig;

function wildcardTexts(condition: RuleCondition): readonly string[] {
  if (condition.QueryStringConfig !== undefined) {
    // A backslash takes the meaning from a wildcard in query strings.
    return conditionValues(condition).map((value) => value.replace(/\\[*?]/g, ''));
  }
  return condition.Field === 'http-request-method' || condition.Field === 'source-ip'
    ? []
    : (configOf(condition)?.Values ?? []);
}

function normaliseCondition(condition: RuleCondition, knobs: Knobs): RuleCondition {
  switch (condition.Field) {
    case 'host-header': {
      const config = oldOrNew(condition, condition.HostHeaderConfig, knobs);
      for (const value of config.Values ?? []) checkHost(value);
      return { Field: condition.Field, ...config, HostHeaderConfig: config };
    }
    case 'path-pattern': {
      const config = oldOrNew(condition, condition.PathPatternConfig, knobs);
      for (const value of config.Values ?? []) checkPath(value);
      return { Field: condition.Field, ...config, PathPatternConfig: config };
    }
    case 'http-header':
      return { Field: condition.Field, HttpHeaderConfig: header(condition.HttpHeaderConfig) };
    case 'http-request-method':
      return { Field: condition.Field, HttpRequestMethodConfig: methods(condition.HttpRequestMethodConfig) };
    case 'query-string':
      return { Field: condition.Field, QueryStringConfig: query(condition.QueryStringConfig) };
    case 'source-ip':
      return { Field: condition.Field, SourceIpConfig: sources(condition.SourceIpConfig) };
    default:
      throw validationError(
        `Condition field '${condition.Field}' must be one of host-header, path-pattern, http-header, http-request-method, query-string, source-ip`,
      );
  }
}

/** The old form has one value at the top; the new one a config with values or regular expressions, not both. */
function oldOrNew(
  condition: RuleCondition,
  config: ValueConfig | undefined,
  { accepts }: Knobs,
): { Values?: string[]; RegexValues?: string[] } {
  const { Values: values = [], RegexValues: expressions = [] } = config ?? condition;
  if (config === undefined && values.length > 1)
    throw validationError(`Condition '${condition.Field}' can have one value in Values; use its config`);
  if (values.length > 0 && expressions.length > 0)
    throw validationError(`Condition '${condition.Field}' can have Values or RegexValues, not both`);
  checkValues(condition.Field, [...values, ...expressions], { mayBeEmpty: accepts.emptyConditionValue });
  for (const expression of expressions) checkRegex(expression);
  return values.length > 0 ? { Values: [...values] } : { RegexValues: [...expressions] };
}

function checkValues(
  field: string | undefined,
  values: readonly string[] | undefined,
  { max = 128, mayBeEmpty = false }: { readonly max?: number; readonly mayBeEmpty?: boolean } = {},
): readonly string[] {
  if (values === undefined || values.length === 0)
    throw validationError(`Condition '${field}' must have a value`);
  for (const value of values) {
    if (value === '' && !mayBeEmpty) throw validationError(`The '${field}' value cannot be empty`);
    if (value.length > max)
      throw validationError(`The '${field}' value '${value}' cannot be longer than '${max}' characters`);
  }
  return values;
}

function checkHost(value: string): void {
  const fits =
    /^[A-Za-z0-9.*?-]+$/.test(value) &&
    value.includes('.') &&
    /^[A-Za-z*?]*$/.test(value.slice(value.lastIndexOf('.') + 1));
  if (!fits) throw validationError(`The host-header value '${value}' is not a valid host pattern`);
}

function checkPath(value: string): void {
  if (!/^[A-Za-z0-9_\-.$/~"'@:+&*?]+$/.test(value))
    throw validationError(`The path-pattern value '${value}' has a character that is not allowed`);
}

/** ALB's expressions have no look-around, back-references, atomic groups, possessive quantifiers, recursion or \p classes. */
export function checkRegex(expression: string): void {
  const forbidden = /\(\?[=!<>&R]|\\[1-9]|\\[pPkg]|[*+?}]\+|\(\?\d/;
  if (forbidden.test(expression) || !compiles(expression))
    throw validationError(`'${expression}' is not a supported regular expression`);
}

function compiles(expression: string): boolean {
  try {
    return new RegExp(expression.replace(/^\(\?i\)/, '')) instanceof RegExp;
  } catch {
    return false;
  }
}

function header(config: RuleCondition['HttpHeaderConfig']): NonNullable<RuleCondition['HttpHeaderConfig']> {
  const { HttpHeaderName: name = '', Values, RegexValues } = config ?? {};
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,40}$/.test(name) || name.includes('*'))
    throw validationError(`HTTP header name '${name}' is not valid`);
  if (name.toLowerCase() === 'host')
    throw validationError(`HTTP header name 'Host' is not allowed; use a host-header condition`);
  checkValues('http-header', [...(Values ?? []), ...(RegexValues ?? [])]);
  return RegexValues === undefined || RegexValues.length === 0
    ? { HttpHeaderName: name, Values }
    : { HttpHeaderName: name, RegexValues };
}

function methods(
  config: RuleCondition['HttpRequestMethodConfig'],
): NonNullable<RuleCondition['HttpRequestMethodConfig']> {
  const Values = [...checkValues('http-request-method', config?.Values, { max: 40 })];
  const wrong = Values.find((value) => !/^[A-Z_-]+$/.test(value));
  if (wrong !== undefined)
    throw validationError(`HTTP method '${wrong}' must consist of A-Z, hyphen and underscore`);
  return { Values };
}

function query(config: RuleCondition['QueryStringConfig']): NonNullable<RuleCondition['QueryStringConfig']> {
  const Values = config?.Values ?? [];
  if (Values.length === 0) throw validationError(`Condition 'query-string' must have a value`);
  for (const { Key, Value } of Values)
    checkValues('query-string', Key === undefined || Key === '' ? [Value ?? ''] : [Key, Value ?? '']);
  return { Values };
}

function sources(config: RuleCondition['SourceIpConfig']): NonNullable<RuleCondition['SourceIpConfig']> {
  const Values = [...checkValues('source-ip', config?.Values)];
  for (const value of Values) {
    if (!ipaddr.isValidCIDR(value) || value === '255.255.255.255/32') {
      throw new SimulatedError('ValidationError', `The source-ip value '${value}' must be a CIDR block`);
    }
  }
  return { Values };
}
