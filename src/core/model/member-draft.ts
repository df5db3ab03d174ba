// One member by itself: everything its Ingress says, and everything wrong with it, before the group is looked at.

import { parseMap } from '../annotations/string-map.ts';
import type { IngressClassParams } from '../domain/cluster.ts';
import type { Member, TargetGroupIntent } from '../domain/group-model.ts';
import type { Routing } from './backend.ts';
import { reportClassSettings } from './class-settings.ts';
import type { MemberContext } from './context.ts';
import { type FrontendNlbDraft, frontendNlbDraft } from './frontend-nlb.ts';
import { type ListenDraft, listenDraft } from './listen.ts';
import { type LoadBalancerDraft, loadBalancerDraft } from './load-balancer.ts';
import { reportUnusedAnnotations } from './notices.ts';
import { annotationReader } from './read-annotations.ts';
import { type DefaultDraft, defaultDraft, type Listens, type RuleDraft, ruleDrafts } from './rules.ts';
import { stage } from './stage.ts';
import { memberTags } from './tags.ts';

export type MemberDraft = {
  readonly member: Member;
  readonly context: MemberContext;
  readonly params: IngressClassParams | undefined;
  readonly listen: ListenDraft;
  readonly loadBalancer: LoadBalancerDraft;
  readonly frontendNlb: FrontendNlbDraft;
  /** Of the annotation and the class, without the controller's defaults. */
  readonly tags: Readonly<Record<string, string>>;
  /** By port. */
  readonly listenerAttributes: ReadonlyMap<number, Readonly<Record<string, string>>>;
  /** Undefined without a default backend, and after an error in it. */
  readonly defaultAction: DefaultDraft | undefined;
  readonly rules: readonly RuleDraft[];
  readonly targetGroups: readonly TargetGroupIntent[];
};

/** Reads one active Ingress. Problems are in `context.findings`; with an error among them the rest must not be used. */
export function memberDraft(member: Member, context: MemberContext): MemberDraft {
  const listen = listenDraft(context);
  const loadBalancer = loadBalancerDraft(context);
  const tags = memberTags(context, stage.tags);
  const routing: Routing = { context, memberTags: tags, targetGroups: new Map() };
  const listens: Listens = {
    https: listen.ports.some(({ protocol }) => protocol === 'HTTPS'),
    http:
      loadBalancer.sslRedirectPort === undefined && listen.ports.some(({ protocol }) => protocol === 'HTTP'),
  };
  const { defaultBackend } = context.ingress;
  const defaultAction =
    defaultBackend === undefined ? undefined : defaultDraft(routing, defaultBackend, listens);
  const listenerAttributes = listenerAttributesOf(context, listen);
  const rules = ruleDrafts(routing, listens);
  const frontendNlb = frontendNlbDraft(
    context,
    listen.ports.map(({ port }) => port),
  );
  reportUnusedAnnotations(context, listen.ports);
  reportClassSettings(context);
  return {
    member,
    context,
    params: context.params,
    listen,
    loadBalancer,
    frontendNlb,
    tags,
    listenerAttributes,
    defaultAction,
    rules,
    targetGroups: [...routing.targetGroups.values()],
  };
}

function listenerAttributesOf(
  context: MemberContext,
  listen: ListenDraft,
): ReadonlyMap<number, Readonly<Record<string, string>>> {
  const reader = annotationReader(context, { stage: stage.listeners, albcPrefix: false });
  return new Map(
    listen.ports.map(({ port, protocol }) => [
      port,
      reader.value(`listener-attributes.${protocol}-${port}`, parseMap) ?? {},
    ]),
  );
}
