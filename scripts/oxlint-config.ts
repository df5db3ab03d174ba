// Renders .oxlintrc.json: the rules for all files, and the layers of layers.ts.

import { layerOverrides } from './layers.ts';

/** node:test collects what these return; nobody has to await it. */
const nodeTest = [{ from: 'package', package: 'node:test', name: ['test', 'it', 'describe', 'suite'] }];

/** The whole configuration as JSON text. */
export function oxlintConfig(): string {
  const config = {
    $schema: './node_modules/oxlint/configuration_schema.json',
    plugins: ['eslint', 'typescript', 'import', 'oxc', 'unicorn'],
    categories: { correctness: 'error' },
    ignorePatterns: ['dist', 'docs', 'test/recordings', 'test/golden'],
    rules: {
      'typescript/no-floating-promises': ['error', { allowForKnownSafeCalls: nodeTest }],
      // Numbers and enumerations of strings in messages are fine; objects are caught by no-base-to-string.
      'typescript/restrict-template-expressions': 'off',
      'typescript/no-misused-promises': 'error',
      'typescript/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      'typescript/no-explicit-any': 'error',
      'typescript/no-non-null-assertion': 'error',
      'typescript/ban-ts-comment': 'error',
      'typescript/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      'import/no-cycle': 'error',
      'import/no-default-export': 'error',
      'no-console': 'error',
      complexity: ['error', 12],
      'max-depth': ['error', 3],
      'max-params': ['error', 4],
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
    },
    overrides: [
      {
        files: ['src/cli/**', 'src/sandbox/**', 'scripts/**', 'test/**', 'localstack/**'],
        rules: { 'no-console': 'off' },
      },
      ...layerOverrides(),
    ],
  };
  return JSON.stringify(config);
}
