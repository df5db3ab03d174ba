// Parsers of option values. Each takes the text after `--option=` and gives the value or one clause that says what is wrong.

export type Parsed<T> =
  | { readonly kind: 'value'; readonly value: T }
  | { readonly kind: 'mistake'; readonly message: string };
export type Parser<T> = (text: string) => Parsed<T>;

const value = <T>(parsed: T): Parsed<T> => ({ kind: 'value', value: parsed });
const mistake = (message: string): Parsed<never> => ({ kind: 'mistake', message });

export const text: Parser<string> = value;

export const matching =
  (pattern: RegExp, what: string): Parser<string> =>
  (given) =>
    pattern.test(given) ? value(given) : mistake(`is not ${what}`);

/** Go's ParseBool, which ALBC's flags use. */
export const boolean: Parser<boolean> = (given) => {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(given)) return value(true);
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(given)) return value(false);
  return mistake('is neither true nor false');
};

export const integer =
  (least: number, most = Number.MAX_SAFE_INTEGER): Parser<number> =>
  (given) => {
    const number = /^[+-]?\d+$/.test(given) ? Number(given) : Number.NaN;
    if (number >= least && number <= most) return value(number);
    return mistake(
      most === Number.MAX_SAFE_INTEGER
        ? `is not a whole number of at least ${least}`
        : `is not a whole number from ${least} to ${most}`,
    );
  };

export const oneOf =
  <const Allowed extends string>(...allowed: readonly Allowed[]): Parser<Allowed> =>
  (given) => {
    const found = allowed.find((each) => each === given);
    return found === undefined ? mistake(`is not one of ${allowed.join(', ')}`) : value(found);
  };

const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** Go's duration notation, such as `1h30m` or `15s`, in milliseconds. */
export const duration: Parser<number> = (given) => {
  const parts = [...given.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/g)];
  if (given === '0') return value(0);
  if (parts.length === 0 || parts.map(([whole]) => whole).join('') !== given) {
    return mistake('is not a duration such as 10h, 5m or 30s');
  }
  return value(parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (unitMs[unit ?? ''] ?? 0), 0));
};

/** Separated by commas, blanks around an item dropped, empty items dropped. */
export const list: Parser<readonly string[]> = (given) =>
  value(
    given
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  );

export const listOf =
  (pattern: RegExp, what: string): Parser<readonly string[]> =>
  (given) => {
    const parsed = list(given);
    if (parsed.kind === 'mistake') return parsed;
    const wrong = parsed.value.filter((item) => !pattern.test(item));
    return wrong.length === 0 ? parsed : mistake(`holds ${wrong.join(', ')}, which is not ${what}`);
  };

/** `key=value,key=value`. A value may be empty and may hold `=`; a key may not be empty or repeat. */
export const map: Parser<Readonly<Record<string, string>>> = (given) => {
  const result: Record<string, string> = {};
  for (const pair of given.split(',').filter((item) => item.trim() !== '')) {
    const at = pair.indexOf('=');
    const key = pair.slice(0, at).trim();
    if (at < 0 || key === '') return mistake(`holds “${pair}”, which is not key=value`);
    if (Object.hasOwn(result, key)) return mistake(`names ${key} twice`);
    result[key] = pair.slice(at + 1).trim();
  }
  return value(result);
};

/** One `key=value`. */
export const label: Parser<{ readonly key: string; readonly value: string }> = (given) => {
  const parsed = map(given);
  if (parsed.kind === 'mistake') return parsed;
  const [first, ...others] = Object.entries(parsed.value);
  if (first === undefined || others.length > 0) return mistake(`is “${given}”, which is not one key=value`);
  return value({ key: first[0], value: first[1] });
};

/** `serviceId=https://…` pairs. */
export const endpoints: Parser<Readonly<Record<string, string>>> = (given) => {
  const parsed = map(given);
  if (parsed.kind === 'mistake') return parsed;
  const wrong = Object.entries(parsed.value).filter(
    ([, url]) => !/^https?:$/.test(URL.parse(url)?.protocol ?? ''),
  );
  return wrong.length === 0
    ? parsed
    : mistake(`holds ${wrong.map(([id, url]) => `${id}=${url}`).join(', ')}, which is no URL`);
};

/** A client-side limit of ALBC's form: calls of `service` whose operation matches the pattern share one bucket. */
export type ApiThrottle = {
  /** Id of the AWS SDK for Go v2. */
  readonly service: string;
  readonly operations: RegExp;
  readonly perSecond: number;
  readonly burst: number;
};

/** `serviceID:operationRegex=rate:burst`, separated by commas, as ALBC reads `--aws-api-throttle`. */
export const throttles: Parser<readonly ApiThrottle[]> = (given) => {
  const result: ApiThrottle[] = [];
  for (const item of given.split(',').filter((each) => each.trim() !== '')) {
    const [, service = '', pattern = '', rate = '', burst = ''] =
      /^([^:=]+):(.*)=(\d+(?:\.\d+)?):(\d+)$/.exec(item.trim()) ?? [];
    const operations = regexOf(pattern);
    if (operations === undefined || Number(rate) <= 0 || Number(burst) < 1) {
      return mistake(
        `holds “${item}”, which is not serviceID:operationRegex=rate:burst such as WAFV2:^AssociateWebACL=0.5:1`,
      );
    }
    result.push({ service: service.trim(), operations, perSecond: Number(rate), burst: Number(burst) });
  }
  return value(result);
};

function regexOf(pattern: string): RegExp | undefined {
  try {
    return pattern === '' ? undefined : new RegExp(pattern);
  } catch {
    return undefined;
  }
}

export type BindAddress = { readonly host: string; readonly port: number } | 'off';

/** `host:port` or `:port`; `0` switches the listener off, as in controller-runtime. */
export const bindAddress: Parser<BindAddress> = (given) => {
  if (given === '0') return value('off' as const);
  const found = /^(.*):(\d{1,5})$/.exec(given);
  const port = Number(found?.[2]);
  if (found === null || port > 65_535)
    return mistake('is not an address such as :8080, 127.0.0.1:8080, or 0 for off');
  return value({ host: (found[1] ?? '').replace(/^\[(.*)\]$/, '$1'), port });
};
