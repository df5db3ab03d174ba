// User tags: of a member, of a Service behind it, and the controller's defaults, in the precedence of albc-behaviour §5.5.

import { parseMap } from '../annotations/string-map.ts';
import { fullKey } from '../annotations/table.ts';
import type { Service } from '../domain/cluster.ts';
import type { CoreConfig } from '../domain/config.ts';
import { namespacedName } from '../domain/ids.ts';
import type { MemberContext } from './context.ts';
import { mapOf } from './load-balancer.ts';
import { annotationReader, quoted } from './read-annotations.ts';

type Tags = Readonly<Record<string, string>>;

/** Tags that a member brings to everything of its own: those of its class over those of its annotation. */
export function memberTags(context: MemberContext, place: number): Tags {
  const reader = annotationReader(context, { stage: place, albcPrefix: false });
  const written = reader.value('tags', parseMap) ?? {};
  refuseExternal(context, written, { place, holder: `Ingress ${context.id}`, albcPrefix: '' });
  return { ...written, ...mapOf(context.params?.tags ?? []) };
}

/** Tags of a target group before the defaults: the Service's annotation over the member's tags. */
export function targetGroupTags(
  context: MemberContext,
  service: Service,
  ofMember: Tags,
  place: number,
): Tags {
  const text = service.meta.annotations[fullKey('tags')];
  if (text === undefined) return ofMember;
  const written = annotationReader(context, { stage: place, albcPrefix: true, service }).value(
    'tags',
    parseMap,
  );
  const id = namespacedName(service.meta.namespace, service.meta.name);
  const albcPrefix = `ingress: ${context.id}: `;
  refuseExternal(context, written ?? {}, { place, holder: `Service ${id}`, albcPrefix });
  return { ...ofMember, ...written };
}

/** Default tags of the controller go before a user's, or behind them with the gate EnableDefaultTagsLowPriority. */
export function withDefaultTags(tags: Tags, config: CoreConfig): Tags {
  return config.featureGates.EnableDefaultTagsLowPriority
    ? { ...config.defaultTags, ...tags }
    : { ...tags, ...config.defaultTags };
}

function refuseExternal(
  context: MemberContext,
  tags: Tags,
  at: { readonly place: number; readonly holder: string; readonly albcPrefix: string },
): void {
  for (const key of Object.keys(tags).toSorted()) {
    if (!context.config.externalManagedTags.includes(key)) continue;
    context.report(at.place, {
      code: 'AnnotationInvalid',
      path: `metadata.annotations[${fullKey('tags')}]`,
      message: `${at.holder}: annotation ${fullKey('tags')} sets the tag ${quoted(key)}, which is managed outside the cluster (--external-managed-tags)`,
      hint: `Take the tag "${key}" out of the annotation`,
      albcMessage: `${at.albcPrefix}failed build tags for ${at.holder}: external managed tag key ${key} cannot be specified`,
    });
  }
}
