// Writes every generated file of the repository; with --check it only says which of them are stale, and fails.
// A generator is one line of the table below.

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { adoptionPolicy } from '../src/cli/adopt-policy.ts';
import { renderAnnotationsPage } from '../src/core/annotations/page.ts';
import { renderIngressClassParamsCrd, renderTargetGroupBindingCrd } from './crds.ts';
import { chartFiles } from './helm-chart.ts';
import { policyKinds, renderIamPolicy } from './iam-policy.ts';
import { renderOptionsPage } from '../src/config/options-page.ts';
import { renderLimitsPage } from '../src/core/limits/page.ts';
import { renderProblemsPage } from '../src/core/report/problems-page.ts';
import { renderMetricsPage } from '../src/telemetry/metrics-page.ts';
import { oxlintConfig } from './oxlint-config.ts';
import { renderRbac } from './rbac.ts';

type Generator = {
  /** Path from the root of the repository. */
  readonly file: string;
  /** The whole text of the file; JSON and TypeScript are formatted afterwards. */
  readonly render: () => string | Promise<string>;
};

const partitions = ['aws', 'aws-cn', 'aws-us-gov', 'aws-iso', 'aws-iso-b'];

const generators: readonly Generator[] = [
  { file: '.oxlintrc.json', render: oxlintConfig },
  { file: 'deploy/base/rbac.yaml', render: renderRbac },
  { file: 'deploy/crds/ingressclassparams.yaml', render: () => renderIngressClassParamsCrd() },
  { file: 'deploy/crds/targetgroupbindings.yaml', render: () => renderTargetGroupBindingCrd() },
  ...chartFiles.map(({ file, render }) => ({ file: `deploy/helm/albatross/${file}`, render })),
  { file: 'docs/reference/limits.md', render: renderLimitsPage },
  { file: 'docs/reference/metrics.md', render: renderMetricsPage },
  { file: 'docs/reference/options.md', render: renderOptionsPage },
  { file: 'docs/reference/problems.md', render: renderProblemsPage },
  { file: 'docs/reference/annotations.md', render: renderAnnotationsPage },
  ...policyKinds.flatMap((kind) =>
    partitions.map((partition) => ({
      file: `iam/${['policy', ...(kind === 'full' ? [] : [kind])].join('-')}${partition === 'aws' ? '' : `.${partition}`}.json`,
      render: () => renderIamPolicy(kind, partition),
    })),
  ),
  {
    file: 'iam/policy-adopt.json',
    render: () => JSON.stringify(adoptionPolicy('LOAD_BALANCER_ARN')),
  },
];

const root = join(import.meta.dirname, '..');
const checking = process.argv.includes('--check');

function formatted(file: string, text: string): string {
  if (!/\.(json|ts|mjs)$/.test(file)) return text.endsWith('\n') ? text : `${text}\n`;
  const biome = spawnSync(
    join(root, 'node_modules', '.bin', 'biome'),
    ['format', `--stdin-file-path=${file}`],
    {
      cwd: root,
      input: text,
      encoding: 'utf8',
    },
  );
  if (biome.status !== 0) throw new Error(`${file}: ${biome.stderr || biome.error?.message}`);
  return biome.stdout;
}

function present(file: string): string | undefined {
  try {
    return readFileSync(join(root, file), 'utf8');
  } catch {
    return undefined;
  }
}

let stale = 0;
for (const { file, render } of generators) {
  const text = formatted(file, await render());
  if (text === present(file)) continue;
  stale += 1;
  if (checking) {
    console.error(`${file} is stale; run "npm run generate" and commit the result`);
  } else {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
    console.log(`wrote ${file}`);
  }
}
if (checking && stale > 0) process.exitCode = 1;
if (stale === 0) console.log(`${generators.length} generated files are up to date`);
