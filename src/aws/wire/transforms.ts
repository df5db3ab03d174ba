// Rule transforms: the domain's form and AWS's, in both directions.

import type { RuleTransform } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Transform } from '../../core/domain/rule.ts';

export function wireTransforms(transforms: readonly Transform[]): RuleTransform[] {
  return transforms.map(({ kind, rewrites }) => {
    const config = { Rewrites: rewrites.map(({ regex, replace }) => ({ Regex: regex, Replace: replace })) };
    return kind === 'host-header-rewrite'
      ? { Type: kind, HostHeaderRewriteConfig: config }
      : { Type: kind, UrlRewriteConfig: config };
  });
}

/** Transforms of a kind that we do not know are left out, as unknown conditions are. */
export function observedTransforms(transforms: readonly RuleTransform[] = []): readonly Transform[] {
  return transforms.flatMap(({ Type, HostHeaderRewriteConfig, UrlRewriteConfig }) => {
    if (Type !== 'host-header-rewrite' && Type !== 'url-rewrite') return [];
    const config = Type === 'host-header-rewrite' ? HostHeaderRewriteConfig : UrlRewriteConfig;
    const rewrites = (config?.Rewrites ?? []).map(({ Regex = '', Replace = '' }) => ({
      regex: Regex,
      replace: Replace,
    }));
    return [{ kind: Type, rewrites }];
  });
}
