/** The API server's name formats (k8s.io/apimachinery/pkg/util/validation); each returns what is wrong, in its words. */

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const subdomain = `${label}(\\.${label})*`;
const qualifiedPart = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';

export type NameFormat = (value: string) => readonly string[];

function format(options: {
  readonly pattern: string;
  readonly limit: number;
  readonly what: string;
  readonly examples: readonly string[];
}): NameFormat {
  const regex = new RegExp(`^${options.pattern}$`);
  const examples = options.examples.map((example) => `'${example}'`).join(',  or ');
  return (value) => {
    const errors: string[] = [];
    if (value.length > options.limit) errors.push(`must be no more than ${options.limit} characters`);
    if (!regex.test(value)) {
      errors.push(`${options.what} (e.g. ${examples}, regex used for validation is '${options.pattern}')`);
    }
    return errors;
  };
}

export const dnsSubdomain = format({
  pattern: subdomain,
  limit: 253,
  what:
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', " +
    'and must start and end with an alphanumeric character',
  examples: ['example.com'],
});

export const dnsLabel = format({
  pattern: label,
  limit: 63,
  what:
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', " +
    'and must start and end with an alphanumeric character',
  examples: ['my-name', '123-abc'],
});

export const wildcardDnsSubdomain = format({
  pattern: `\\*\\.${subdomain}`,
  limit: 253,
  what:
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of " +
    "lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
  examples: ['*.example.com'],
});

const qualifiedName = format({
  pattern: qualifiedPart,
  limit: 63,
  what: "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  examples: ['MyName', 'my.name', '123-abc'],
});

/** Keys of labels and annotations, finalizers: an optional DNS prefix and a name. */
export const labelKey: NameFormat = (value) => {
  const parts = value.split('/');
  const name = parts.at(-1) ?? '';
  if (parts.length > 2) {
    return [
      "a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric " +
        "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is " +
        `'${qualifiedPart}') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const prefix = parts.length === 2 ? (parts[0] ?? '') : undefined;
  const errors =
    prefix === undefined
      ? []
      : prefix === ''
        ? ['prefix part must be non-empty']
        : dnsSubdomain(prefix).map((error) => `prefix part ${error}`);
  if (name === '') return [...errors, 'name part must be non-empty', ...qualifiedName(name)];
  return [
    ...errors,
    ...qualifiedName(name).map((error) => (error.startsWith('name part') ? error : `name part ${error}`)),
  ];
};

const labelValueFormat = format({
  pattern: `(${qualifiedPart})?`,
  limit: 63,
  what:
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with " +
    'an alphanumeric character',
  examples: ['MyValue', 'my_value', '12345'],
});

export const labelValue: NameFormat = labelValueFormat;

/** Names of ports as IANA_SVC_NAME (RFC 6335). */
export const portName: NameFormat = (value) => {
  const errors: string[] = [];
  if (value.length > 15) errors.push('must be no more than 15 characters');
  if (!/^[-a-z0-9]+$/.test(value)) {
    errors.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  }
  if (!/[a-z]/.test(value)) errors.push('must contain at least one letter (a-z)');
  if (value.includes('--')) errors.push('must not contain consecutive hyphens');
  if (value.startsWith('-') || value.endsWith('-')) errors.push('must not begin or end with a hyphen');
  return errors;
};

export function portNumber(value: number): readonly string[] {
  return value >= 1 && value <= 65535 ? [] : ['must be between 1 and 65535, inclusive'];
}
