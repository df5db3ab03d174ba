import {
  type Document,
  isDocument,
  LineCounter,
  parseAllDocuments,
  type ScalarTag,
  type YAMLError,
} from 'yaml';

export type RawObject = Readonly<Record<string, unknown>>;
export type Position = {
  readonly file: string;
  /** From 1; undefined when the problem is the file as a whole. */
  readonly line?: number;
  readonly column?: number;
};

/** One object as written, not validated beyond its identity. */
export type Manifest = {
  readonly apiVersion: string;
  readonly kind: string;
  /** '' when the manifest names none. */
  readonly namespace: string;
  readonly name: string;
  readonly raw: RawObject;
  readonly position: Position;
  /** Where that field is written, or the nearest place above it. */
  readonly locate: (path: readonly (string | number)[]) => Position;
};

export type ManifestProblem = Position & {
  readonly severity: 'error' | 'warning';
  /** One sentence without a trailing period. */
  readonly message: string;
};

export type ParsedManifests = {
  readonly manifests: readonly Manifest[];
  readonly problems: readonly ManifestProblem[];
};

/** kubectl's YAML is 1.1 in this one respect: `yes` and `off` are booleans, so an unquoted annotation value is an error there. */
const booleansOfYaml11: ScalarTag = {
  tag: 'tag:yaml.org,2002:bool',
  default: true,
  test: /^(?:y|Y|yes|Yes|YES|n|N|no|No|NO|on|On|ON|off|Off|OFF)$/,
  resolve: (text) => /^(?:y|yes|on)$/i.test(text),
};

/**
 * Parses the documents of one YAML or JSON file into objects; the items of a List count as objects of their own.
 * Every syntax error and every object without an identity is a problem with its position.
 */
export function parseManifests(file: string, text: string): ParsedManifests {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, {
    lineCounter: lines,
    merge: true,
    prettyErrors: false,
    customTags: (tags) => [booleansOfYaml11, ...tags],
  });
  const documents = (Array.isArray(parsed) ? parsed : []).filter((document) => isDocument(document));
  const manifests: Manifest[] = [];
  const problems: ManifestProblem[] = [];
  for (const document of documents) {
    const [start, end] = document.range ?? [0, text.length];
    const at: Source = { file, document, lines, text: text.slice(start, end) };
    const broken = document.errors.find(({ code }) => code !== 'DUPLICATE_KEY');
    // What follows the first error of a document is seldom more than its echo.
    if (broken !== undefined) {
      problems.push(syntaxProblem(at, broken));
      continue;
    }
    problems.push(...document.errors.map((error) => repeatedKey(at, error, text)));
    for (const found of objectsOf(at, plainOf(at, problems), [])) {
      if ('severity' in found) problems.push(found);
      else manifests.push(found);
    }
  }
  return { manifests, problems };
}

type Source = {
  readonly file: string;
  readonly document: Document;
  readonly lines: LineCounter;
  readonly text: string;
};
type Path = readonly (string | number)[];

function plainOf(at: Source, problems: ManifestProblem[]): unknown {
  try {
    return at.document.toJS();
  } catch (error) {
    // Unknown or endlessly nested aliases surface only here.
    const message = error instanceof Error ? error.message : String(error);
    problems.push({ severity: 'error', ...locate(at, []), message });
    return undefined;
  }
}

function objectsOf(at: Source, value: unknown, path: Path): readonly (Manifest | ManifestProblem)[] {
  if (value === null || value === undefined) return [];
  const kind = isObject(value) ? text(value['kind']) : '';
  const items = isObject(value) && kind.endsWith('List') ? value['items'] : undefined;
  if (!isObject(value) || !Array.isArray(items)) return [objectOf(at, value, path)];
  // Items of an IngressList, as an API server lists them, carry neither; kubectl fills them in too.
  const identity = kind === 'List' ? {} : { apiVersion: value['apiVersion'], kind: kind.slice(0, -4) };
  return items.flatMap((item: unknown, index) =>
    objectsOf(at, isObject(item) ? { ...identity, ...item } : item, [...path, 'items', index]),
  );
}

function objectOf(at: Source, value: unknown, path: Path): Manifest | ManifestProblem {
  const problem = (message: string, ...where: Path): ManifestProblem => ({
    severity: 'error',
    ...locate(at, [...path, ...where]),
    message: `${message}${templateHint(at)}`,
  });
  if (!isObject(value))
    return problem('a Kubernetes object is wanted here, with apiVersion, kind and metadata');
  const kind = text(value['kind']);
  const apiVersion = text(value['apiVersion']);
  if (kind === '') return problem('an object without a kind');
  if (apiVersion === '') return problem(`a ${kind} without an apiVersion`);
  const unknown = unknownKind(apiVersion, kind);
  if (unknown !== undefined) return problem(unknown, 'kind');
  const metadata = isObject(value['metadata']) ? value['metadata'] : {};
  const name = text(metadata['name']);
  if (name === '') return problem(`a ${kind} without metadata.name`, 'metadata');
  return {
    apiVersion,
    kind,
    namespace: text(metadata['namespace']),
    name,
    raw: value,
    position: locate(at, path),
    locate: (field) => locate(at, [...path, ...field]),
  };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** API groups whose kinds we know all of, so that a slip of the pen in `kind` is found before the server does. */
const kindsOfGroup: Readonly<Record<string, readonly string[]>> = {
  'networking.k8s.io': ['Ingress', 'IngressClass', 'NetworkPolicy', 'IPAddress', 'ServiceCIDR'],
  'discovery.k8s.io': ['EndpointSlice'],
  'elbv2.k8s.aws': ['IngressClassParams', 'TargetGroupBinding', 'ALBTargetControlConfig'],
  '': (
    'Service Namespace Node Pod ConfigMap Secret ServiceAccount Endpoints Event PersistentVolume ' +
    'PersistentVolumeClaim ReplicationController ResourceQuota LimitRange PodTemplate Binding'
  ).split(' '),
};

function unknownKind(apiVersion: string, kind: string): string | undefined {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  const kinds = kindsOfGroup[group];
  if (kinds === undefined || kinds.includes(kind)) return undefined;
  return `unknown kind ${kind} in ${apiVersion}; it has ${kinds.join(', ')}`;
}

function syntaxProblem(at: Source, error: YAMLError): ManifestProblem {
  const hint = error.code === 'TAB_AS_INDENT' ? ': use spaces' : templateHint(at);
  return { severity: 'error', ...position(at, error.pos[0]), message: `${error.message}${hint}` };
}

/** What a template has in braces may even be YAML, of another meaning. */
const templateHint = ({ text: written }: Source): string =>
  written.includes('{{') ? '; this is a template: give what `helm template` makes of it' : '';

/** kubectl takes the last one in silence, so a manifest that works has it. */
function repeatedKey(at: Source, error: YAMLError, whole: string): ManifestProblem {
  const written = /^[^\s:,}]+/.exec(whole.slice(error.pos[0]))?.[0] ?? 'a key';
  const message = `${written} is written more than once; the last one counts, as for kubectl: keep one`;
  return { severity: 'warning', ...position(at, error.pos[0]), message };
}

function locate(at: Source, path: Path): Position {
  for (let length = path.length; length >= 0; length -= 1) {
    const node: unknown = at.document.getIn(path.slice(0, length), true);
    const start = rangeStart(node);
    if (start !== undefined) return position(at, start);
  }
  return position(at, at.document.range?.[0] ?? 0);
}

function rangeStart(node: unknown): number | undefined {
  if (!isObject(node) || !Array.isArray(node['range'])) return undefined;
  const start: unknown = node['range'][0];
  return typeof start === 'number' ? start : undefined;
}

function position(at: Source, offset: number): Position {
  const { line, col } = at.lines.linePos(offset);
  return { file: at.file, line, column: col };
}

function isObject(value: unknown): value is RawObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
