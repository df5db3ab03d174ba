// Who may import whom, as a table. `npm run generate` writes it into .oxlintrc.json, and test/docs/layers.test.ts plants a
// violation of every row. The words of the rule are in ARCHITECTURE.md; change both together.

const stages = [
  'annotations',
  'model',
  'desired',
  'plan',
  'targets',
  'readiness',
  'draining',
  'limits',
  'report',
  'evaluate',
  'claims',
  'overflow',
] as const;
const core = ['core/domain', ...stages.map((stage) => `core/${stage}` as const), 'core/pipeline.ts'] as const;
const shell = [
  'kube',
  'aws',
  'engine',
  'telemetry',
  'webhook',
  'config',
  'cli',
  'simulator',
  'sandbox',
  'controller',
  'main.ts',
] as const;

/** A folder below src/, or a file when it ends in `.ts`. */
export type Layer = 'lib' | (typeof core)[number] | (typeof shell)[number];

export const layers: readonly Layer[] = ['lib', ...core, ...shell];

type Packages = 'none' | 'noEdges' | 'noAws' | 'awsSchemas' | 'any';

export type LayerRule = {
  /** Globs below src/ that the rule holds for. */
  readonly files: readonly string[];
  readonly except?: readonly string[];
  /** How many folders deep below src/ these files lie; absent where any depth will do. */
  readonly depth?: number;
  readonly mayImport: readonly Layer[];
  readonly mayImportTypes?: readonly Layer[];
  readonly packages: Packages;
  /** Whether AWS commands that change something may be imported. */
  readonly mayWriteToAws?: true;
};

const pureStage = (name: (typeof stages)[number], ...others: Layer[]): LayerRule => ({
  files: [`core/${name}/**`],
  mayImport: ['lib', 'core/domain', `core/${name}`, ...others],
  packages: 'none',
});

const everything = (...without: Layer[]): readonly Layer[] =>
  layers.filter((layer) => !without.includes(layer));

/**
 * Inside the simulator `../kube/` may be its own folder or the controller's, depending on where the file lies: so its
 * rule is given once per depth.
 */
const simulator = (depth: number): LayerRule => ({
  files: [`simulator${'/*'.repeat(depth)}.ts`],
  depth,
  mayImport: ['lib', ...core, 'simulator'],
  packages: 'awsSchemas',
});

export const layerRules: readonly LayerRule[] = [
  { files: ['lib/**'], mayImport: ['lib'], packages: 'none' },
  { files: ['core/domain/**'], mayImport: ['lib', 'core/domain'], packages: 'none' },
  pureStage('annotations'),
  pureStage('model', 'core/annotations', 'core/evaluate'),
  pureStage('desired'),
  pureStage('plan'),
  pureStage('targets'),
  pureStage('readiness'),
  pureStage('draining', 'core/targets'),
  pureStage('limits', 'core/desired'),
  pureStage('report'),
  pureStage('evaluate'),
  pureStage('claims', 'core/desired', 'core/evaluate', 'core/model'),
  pureStage('overflow', 'core/desired', 'core/targets'),
  { files: ['core/pipeline.ts'], mayImport: ['lib', ...core], packages: 'none' },
  {
    files: ['kube/**'],
    mayImport: ['lib', 'core/domain', 'kube'],
    mayImportTypes: ['telemetry'],
    packages: 'noAws',
  },
  {
    files: ['aws/**'],
    except: ['aws/apply/**'],
    mayImport: ['lib', 'core/domain', 'aws'],
    mayImportTypes: ['telemetry'],
    packages: 'any',
  },
  {
    files: ['aws/apply/**'],
    mayImport: ['lib', 'core/domain', 'aws'],
    mayImportTypes: ['telemetry'],
    packages: 'any',
    mayWriteToAws: true,
  },
  {
    files: ['engine/**'],
    mayImport: ['lib', ...core, 'engine'],
    mayImportTypes: ['telemetry'],
    packages: 'noEdges',
  },
  {
    files: ['webhook/**'],
    mayImport: ['lib', ...core, 'webhook'],
    mayImportTypes: ['telemetry'],
    packages: 'noAws',
  },
  { files: ['telemetry/**'], mayImport: ['lib', ...core, 'telemetry'], packages: 'noAws' },
  { files: ['config/**'], mayImport: ['lib', ...core, 'config'], packages: 'noAws' },
  // What main.ts joins: each file knows the few edges that it is about.
  {
    files: ['controller/**'],
    mayImport: everything('simulator', 'sandbox', 'cli', 'main.ts'),
    packages: 'any',
  },
  { files: ['main.ts'], depth: 0, mayImport: everything('simulator', 'sandbox', 'cli'), packages: 'any' },
  {
    files: ['cli/**'],
    except: ['cli/simulate.ts', 'cli/sandbox.ts', 'cli/dashboard.ts'],
    mayImport: everything('simulator', 'sandbox'),
    packages: 'any',
  },
  { files: ['cli/simulate.ts', 'cli/sandbox.ts'], mayImport: layers, packages: 'any' },
  // The one thing that is published outside a plan: a CloudWatch dashboard, on the user's command.
  {
    files: ['cli/dashboard.ts'],
    mayImport: everything('simulator', 'sandbox'),
    packages: 'any',
    mayWriteToAws: true,
  },
  simulator(1),
  simulator(2),
  simulator(3),
  simulator(4),
  { files: ['sandbox/**'], mayImport: everything('cli'), packages: 'any' },
];

/** AWS commands and client methods whose names begin so change something. */
export const writePrefixes: readonly string[] =
  'Create Delete Modify Set Register Deregister Add Remove Authorize Revoke Put Associate Disassociate'.split(
    ' ',
  );

const nodeModules = ['node:*', 'node:*/*', '!node:crypto'];
const edges = ['@aws-sdk/*', '@smithy/*', '@kubernetes/*', 'undici'];
const bannedPackages: Readonly<Record<Packages, readonly string[]>> = {
  none: [...nodeModules, ...edges, 'p-queue', 'pino', '@prometheus-io/*', 'commander', 'yaml'],
  noEdges: edges,
  noAws: ['@aws-sdk/*', '@smithy/*'],
  awsSchemas: ['@smithy/*'],
  any: [],
};

type Pattern = Readonly<Record<string, unknown>>;

/** One pattern that matches the relative imports of all these layers. */
function layerPattern(rule: LayerRule, forbidden: readonly Layer[]): Pattern {
  // Inside the core a stage is a neighbour (`../plan/x.ts`), from outside it is `../core/plan/x.ts`.
  const inCore = rule.files.some((file) => file.startsWith('core/'));
  const paths = forbidden.map((layer) => {
    const path = inCore ? layer.replace(/^core\//, String.raw`(core/)?`) : layer;
    return path.endsWith('.ts') ? `${path.replace(/\.ts$/, String.raw`\.ts`)}$` : `${path}/`;
  });
  const up =
    rule.depth === undefined
      ? String.raw`(\.\./)+`
      : String.raw`(\.\./)`.repeat(rule.depth) || String.raw`\./`;
  return {
    regex: `^${up}(${paths.join('|')})`,
    message: `${rule.files[0]} may import ${rule.mayImport.join(', ')} only (scripts/layers.ts).`,
  };
}

function importPatterns(rule: LayerRule): readonly Pattern[] {
  const forbidden = layers.filter((layer) => !rule.mayImport.includes(layer));
  const types = forbidden.filter((layer) => rule.mayImportTypes?.includes(layer) === true);
  const all = forbidden.filter((layer) => !types.includes(layer));
  const packages = bannedPackages[rule.packages];
  const schemasOnly = rule.packages === 'awsSchemas';
  const mayWrite = rule.mayWriteToAws === true || packages.includes('@aws-sdk/*') || schemasOnly;
  return [
    ...(schemasOnly ? [callPattern] : []),
    ...(all.length > 0 ? [layerPattern(rule, all)] : []),
    ...(types.length > 0 ? [{ ...layerPattern(rule, types), allowTypeImports: true }] : []),
    ...(packages.length > 0 ? [packagePattern(rule.packages)] : []),
    ...(mayWrite ? [] : [writePattern]),
  ];
}

/** Types of a package do nothing by themselves; the core keeps clear of them all the same. */
function packagePattern(packages: Packages): Pattern {
  return {
    group: bannedPackages[packages],
    message: 'This layer may not use this package (scripts/layers.ts).',
    allowTypeImports: packages !== 'none',
  };
}

/** The simulator parses and renders by the schemas that the SDK clients export (`CreateRule$`); it calls nobody. */
const callPattern: Pattern = {
  group: ['@aws-sdk/*'],
  importNamePattern: '(Client|Command)$|^(paginate|waitUntil)',
  message: 'The simulator may import types and schemas of the AWS SDK, nothing that makes calls.',
};

const writePattern: Pattern = {
  group: ['@aws-sdk/*'],
  importNamePattern: `^(${writePrefixes.join('|')})`,
  message: 'Only src/aws/apply writes to AWS, and only for an operation of a plan.',
};

const timeGlobals = ['Date', 'setTimeout', 'setInterval', 'setImmediate', 'performance'];

/** The `overrides` of .oxlintrc.json; a later one replaces an earlier one's rule, so no two speak about the same files. */
export function layerOverrides(): readonly object[] {
  const imports = layerRules.map((rule) => ({
    files: rule.files.map((file) => `src/${file}`),
    ...(rule.except === undefined ? {} : { excludeFiles: rule.except.map((file) => `src/${file}`) }),
    rules: { 'no-restricted-imports': ['error', { patterns: importPatterns(rule) }] },
  }));
  return [
    ...imports,
    {
      files: ['src/core/**', 'src/lib/**'],
      // The two clocks are where time comes from.
      excludeFiles: ['src/lib/clock.ts', 'src/lib/virtual-clock.ts'],
      rules: {
        'no-restricted-globals': ['error', ...timeGlobals, 'process', 'fetch'],
        'no-restricted-properties': ['error', { object: 'Math', property: 'random' }],
      },
    },
    {
      files: ['src/engine/**'],
      rules: { 'no-restricted-globals': ['error', ...timeGlobals] },
    },
  ];
}
