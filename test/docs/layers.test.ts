// Plants one violation of every rule of the lint configuration in a copy of the source tree's shape, runs the linter on it
// once, and demands that each of them is found, and that what is allowed is not. So the wall cannot go blind in silence.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { after, test } from 'node:test';
import { type Layer, type LayerRule, layerRules, layers, writePrefixes } from '../../scripts/layers.ts';

type Plant = { readonly path: string; readonly text: string; readonly rule: string; readonly allowed?: true };

const root = join(import.meta.dirname, '..', '..');
const tree = mkdtempSync(join(tmpdir(), 'albatross-layers-'));
after(() => rmSync(tree, { recursive: true, force: true }));

let planted = 0;

/** A new file beside those of a layer; where the rule names a single file, that file. */
function fileOf(glob: string): string {
  planted += 1;
  if (!glob.includes('*')) return `src/${glob}`;
  return `src/${glob
    .replace('**', `planted-${planted}.ts`)
    .replace(/\*\.ts$/, `planted-${planted}.ts`)
    .replaceAll('*', 'folder')}`;
}

function importOf(from: string, layer: Layer, kind: 'import' | 'import type'): string {
  const target = layer.endsWith('.ts') ? layer : `${layer}/planted.ts`;
  const path = relative(dirname(from), join('src', target));
  return `${kind} { thing } from '${path.startsWith('.') ? path : `./${path}`}';\n`;
}

const importRule = 'eslint(no-restricted-imports)';
const use = 'export { thing };\n';
/** A layer whose rule names single files has one file for all its plants: they become lines of one text. */
const isFolder = (rule: LayerRule) => rule.files.some((file) => file.includes('*'));

function layerPlants(rule: LayerRule): readonly Plant[] {
  const glob = rule.files[0] ?? '';
  return layers.flatMap((layer): readonly Plant[] => {
    const path = fileOf(glob);
    if (path === `src/${layer}` || !isFolder(rule)) return [];
    const plant = { path, rule: importRule, text: `${importOf(path, layer, 'import')}${use}` };
    if (rule.mayImport.includes(layer)) return [{ ...plant, allowed: true }];
    if (rule.mayImportTypes?.includes(layer) !== true) return [plant];
    const typePath = fileOf(glob);
    const typePlant = {
      path: typePath,
      text: `${importOf(typePath, layer, 'import type')}export type { thing };\n`,
    };
    return [plant, { ...typePlant, rule: importRule, allowed: true }];
  });
}

function importing(glob: string, name: string, specifier: string, allowed?: true): Plant {
  const text = `import { ${name} } from '${specifier}';\nexport { ${name} };\n`;
  return { path: fileOf(glob), rule: importRule, text, ...(allowed === true ? { allowed } : {}) };
}

function code(glob: string, rule: string, text: string, allowed?: true): Plant {
  return { path: fileOf(glob), rule, text, ...(allowed === true ? { allowed } : {}) };
}

const pureFolders = ['lib/**', 'core/domain/**', 'core/model/**', 'core/plan/**', 'core/targets/**'];
const impurePackages = [
  'node:fs',
  'node:fs/promises',
  '@aws-sdk/client-ec2',
  '@kubernetes/client-node',
  'undici',
  'p-queue',
  'pino',
];
const sdk = '@aws-sdk/client-elastic-load-balancing-v2';
const readingFolders = ['aws/observe/**', 'aws/facts/**', 'cli/**', 'sandbox/**'];
const clockless = [
  'new Date()',
  'process.pid',
  'setTimeout(() => 1, 2)',
  'setInterval(() => 1, 2)',
  'fetch("x")',
  'performance.now()',
];
const branches = Array.from({ length: 13 }, (_, index) => `if (value === ${index}) return ${index};`).join(
  '\n',
);
const lines = Array.from({ length: 402 }, (_, index) => `export const value${index} = ${index};`).join('\n');

const plants: readonly Plant[] = [
  ...layerRules.flatMap(layerPlants),
  {
    path: 'src/main.ts',
    rule: importRule,
    text: `import { thing } from './simulator/aws/server.ts';\n${use}`,
  },
  {
    path: 'src/core/pipeline.ts',
    rule: importRule,
    text: `import { thing } from '../engine/reconcile.ts';\n${use}`,
  },
  {
    path: 'src/cli/sandbox.ts',
    rule: importRule,
    text: `import { thing } from '../simulator/aws/server.ts';\n${use}`,
    allowed: true,
  },
  ...pureFolders.flatMap((glob) => impurePackages.map((name) => importing(glob, 'thing', name))),
  ...pureFolders.flatMap((glob) =>
    ['node:crypto', 'ipaddr.js'].map((name) => importing(glob, 'thing', name, true)),
  ),
  importing('engine/**', 'ELBV2Client', sdk),
  importing('kube/**', 'ELBV2Client', sdk),
  ...readingFolders.flatMap((glob) =>
    writePrefixes.map((prefix) => importing(glob, `${prefix}ThingCommand`, sdk)),
  ),
  ...readingFolders.map((glob) => importing(glob, 'DescribeRulesCommand', sdk, true)),
  importing('aws/apply/**', 'CreateRuleCommand', sdk, true),
  ...['EC2Client', 'DescribeRulesCommand', 'paginateDescribeRules'].map((name) =>
    importing('simulator/*/*.ts', name, sdk),
  ),
  importing('simulator/*/*.ts', 'CreateRule$', sdk, true),
  ...pureFolders.flatMap((glob) =>
    clockless.map((expression) =>
      code(glob, 'eslint(no-restricted-globals)', `export const value = ${expression};\n`),
    ),
  ),
  code('engine/**', 'eslint(no-restricted-globals)', 'export const value = Date.now();\n'),
  code('lib/clock.ts', 'eslint(no-restricted-globals)', 'export const value = Date.now();\n', true),
  ...pureFolders.map((glob) =>
    code(glob, 'eslint(no-restricted-properties)', 'export const value = Math.random();\n'),
  ),
  code('engine/**', 'eslint(no-console)', 'console.log("x");\n'),
  code('cli/**', 'eslint(no-console)', 'console.log("x");\n', true),
  code('kube/**', 'typescript(no-explicit-any)', 'export const value: any = 1;\n'),
  code(
    'kube/**',
    'typescript(no-non-null-assertion)',
    'export const first = (list: string[]) => list[0]!;\n',
  ),
  code('kube/**', 'typescript(ban-ts-comment)', '// @ts-ignore\nexport const value: string = 1;\n'),
  code('kube/**', 'typescript(no-floating-promises)', 'export function run() {\n  Promise.resolve(1);\n}\n'),
  code(
    'kube/**',
    'typescript(no-misused-promises)',
    'export const run = () => [1].forEach(async () => {});\n',
  ),
  code(
    'kube/**',
    'typescript(switch-exhaustiveness-check)',
    "export function name(kind: 'a' | 'b') {\n  switch (kind) {\n    case 'a':\n      return 1;\n  }\n  return 2;\n}\n",
  ),
  code(
    'kube/**',
    'typescript(consistent-type-imports)',
    "import { Thing } from './thing.ts';\nexport const value: Thing = 1;\n",
  ),
  code('kube/**', 'import(no-default-export)', 'export default 1;\n'),
  code(
    'kube/**',
    'eslint(complexity)',
    `export function choose(value: number) {\n${branches}\nreturn 0;\n}\n`,
  ),
  code(
    'kube/**',
    'eslint(max-params)',
    'export const sum = (a: number, b: number, c: number, d: number, e: number) => a + b + c + d + e;\n',
  ),
  code(
    'kube/**',
    'eslint(max-depth)',
    'export function deep(x: number) {\n  if (x) {\n    if (x > 1) {\n      if (x > 2) {\n        if (x > 3) x = 0;\n      }\n    }\n  }\n  return x;\n}\n',
  ),
  code('kube/**', 'eslint(max-lines)', `${lines}\n`),
  {
    path: 'src/kube/cycle-a.ts',
    rule: 'import(no-cycle)',
    text: "import { b } from './cycle-b.ts';\nexport const a = () => b;\n",
  },
  {
    path: 'src/kube/cycle-b.ts',
    rule: 'import(no-cycle)',
    text: "import { a } from './cycle-a.ts';\nexport const b = () => a;\n",
  },
];

type Diagnostic = { readonly code: string; readonly filename: string };

function lint(): ReadonlySet<string> {
  cpSync(join(root, '.oxlintrc.json'), join(tree, '.oxlintrc.json'));
  writeFileSync(
    join(tree, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: { strict: true, target: 'es2024', types: [] } }),
  );
  for (const { path, text } of plants) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), text);
  }
  const oxlint = join(root, 'node_modules', '.bin', 'oxlint');
  const { stdout, stderr } = spawnSync(oxlint, ['--type-aware', '--format=json', 'src'], {
    cwd: tree,
    encoding: 'utf8',
  });
  assert.match(stdout, /^\{/, stderr);
  const { diagnostics } = JSON.parse(stdout) as { readonly diagnostics: readonly Diagnostic[] };
  return new Set(diagnostics.map(({ code, filename }) => `${filename} ${code}`));
}

test('the linter finds every planted violation and nothing where it is allowed', () => {
  const found = lint();
  const describe = ({ path, rule, text }: Plant) => `${rule} in ${path}: ${text.split('\n')[0]}`;
  const isFound = ({ path, rule }: Plant) => found.has(`${path} ${rule}`);
  const missed = plants.filter((plant) => plant.allowed !== true && !isFound(plant));
  const wrong = plants.filter((plant) => plant.allowed === true && isFound(plant));
  assert.deepEqual(missed.map(describe), [], 'violations that were not found');
  assert.deepEqual(wrong.map(describe), [], 'allowed code that was rejected');
});
