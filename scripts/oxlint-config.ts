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
      // Code points are what we want of a string's spread; the rule is kept for promises and class instances.
      'typescript/no-misused-spread': ['error', { allow: ['string'] }],
      // An exhaustive switch with a line per kind counts as one branch.
      complexity: ['error', { max: 12, variant: 'modified' }],
      'max-depth': ['error', 3],
      'max-params': ['error', 4],
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
    },
    overrides: [
      {
        files: ['src/cli/**', 'src/sandbox/**', 'scripts/**', 'test/**', 'localstack/**'],
        rules: { 'no-console': 'off' },
      },
      {
        // A test may print whatever it got, and reach for what must be there; it fails when it is not.
        files: ['test/**'],
        rules: {
          'typescript/no-base-to-string': 'off',
          'typescript/unbound-method': 'off',
          'no-unsafe-optional-chaining': 'off',
          complexity: 'off',
        },
      },
      {
        // Decoders: each `?? default` counts as a branch, and there is one per field.
        files: [
          'src/kube/decode/**',
          'src/aws/{observe,wire}/**',
          'src/simulator/aws/protocol/**',
          'src/simulator/dataplane/rule-forms.ts',
        ],
        rules: { complexity: ['error', { max: 32, variant: 'modified' }] },
      },
      ...layerOverrides(),
    ],
  };
  return JSON.stringify(config);
}
