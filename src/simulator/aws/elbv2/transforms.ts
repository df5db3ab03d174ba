import type { RuleTransform } from '@aws-sdk/client-elastic-load-balancing-v2';
import { validationError } from '../errors.ts';
import { checkRegex } from './conditions.ts';

/** Checks the transforms of a rule: one of each type, each with one rewrite. https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-transforms.html */
export function checkTransforms(transforms: readonly RuleTransform[] | undefined): readonly RuleTransform[] {
  const list = transforms ?? [];
  if (new Set(list.map(({ Type }) => Type)).size < list.length)
    throw validationError('A rule can have one transform of each type');
  for (const transform of list) checkTransform(transform);
  return list;
}

function checkTransform(transform: RuleTransform): void {
  const config = configOf(transform);
  if (config === undefined)
    throw validationError(
      `Transform type '${transform.Type}' must be host-header-rewrite or url-rewrite, with its config`,
    );
  const rewrites = config.Rewrites ?? [];
  if (rewrites.length !== 1)
    throw validationError(`Transform '${transform.Type}' must have exactly one rewrite`);
  for (const { Regex = '', Replace } of rewrites) {
    if (Regex.length < 1 || Regex.length > 1024)
      throw validationError('The regular expression of a rewrite must have 1 to 1024 characters');
    if ((Replace ?? '').length > 1024)
      throw validationError('The replacement of a rewrite can have at most 1024 characters');
    checkRegex(Regex);
  }
}

const configOf = (transform: RuleTransform): RuleTransform['UrlRewriteConfig'] => {
  if (transform.Type === 'host-header-rewrite') return transform.HostHeaderRewriteConfig;
  return transform.Type === 'url-rewrite' ? transform.UrlRewriteConfig : undefined;
};
