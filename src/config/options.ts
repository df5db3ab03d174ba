// The one table of the controller's options. Flags, environment, defaults, validation, --help and
// docs/reference/options.md are all made from it. Names and defaults are ALBC's (albc-behaviour §9.1) where ALBC has
// the option. The rows are in a file for each group of options.

import { awsOptions } from './aws-options.ts';
import { certificateAndTagOptions } from './certificate-and-tag-options.ts';
import { driftOptions } from './drift-options.ts';
import { generalOptions } from './general-options.ts';
import { ingressOptions } from './ingress-options.ts';
import { operationsOptions } from './operations-options.ts';
import type { Option } from './option.ts';
import { safetyOptions } from './safety-options.ts';
import { securityGroupOptions } from './security-group-options.ts';
import { webhookOptions } from './webhook-options.ts';

export const options = {
  ...generalOptions,
  ...ingressOptions,
  ...awsOptions,
  ...securityGroupOptions,
  ...certificateAndTagOptions,
  ...operationsOptions,
  ...driftOptions,
  ...safetyOptions,
  ...webhookOptions,
};

export type Options = typeof options;
export type OptionKey = keyof Options;
export type OptionValues = {
  readonly [Key in OptionKey]: Options[Key] extends Option<infer T, infer Fallback>
    ? undefined extends Fallback
      ? T | undefined
      : T
    : never;
};
