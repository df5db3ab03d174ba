// Target groups that speak HTTP/2 or gRPC, which AWS takes on HTTPS listeners only.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html#target-group-protocol-version

import { fullKey } from '../annotations/table.ts';
import type { CoreConfig } from '../domain/config.ts';
import type { ListenerIntent, TargetGroupIntent } from '../domain/group-model.ts';
import { namespacedName } from '../domain/ids.ts';
import type { ProblemWords } from './context.ts';
import type { MemberDraft } from './member-draft.ts';
import { mergedListeners } from './merge.ts';

/** The mistake of each member whose requests would reach such a target group from an HTTP listener, as the group stands. */
export function http2OnHttp(
  accepted: readonly MemberDraft[],
  config: CoreConfig,
): readonly { readonly draft: MemberDraft; readonly words: ProblemWords }[] {
  if (!accepted.some(({ targetGroups }) => targetGroups.some(isModern))) return [];
  const plain = mergedListeners(accepted, config)
    .map(({ listener }) => listener)
    .filter(({ protocol }) => protocol === 'HTTP');
  return accepted.flatMap((draft) => {
    for (const listener of plain) {
      const found = draft.targetGroups.find((group) => isModern(group) && leadsTo(listener, group.id));
      if (found !== undefined) return [{ draft, words: wordsOf(draft, listener, found) }];
    }
    return [];
  });
}

const isModern = ({ protocolVersion }: TargetGroupIntent): boolean => protocolVersion !== 'HTTP1';

const leadsTo = ({ rules, defaultActions }: ListenerIntent, id: string): boolean =>
  [...rules.flatMap(({ actions }) => actions), ...defaultActions].some(
    (action) =>
      action.kind === 'forward' &&
      action.targetGroups.some(({ targetGroup }) => targetGroup.kind === 'managed' && targetGroup.id === id),
  );

const key = fullKey('backend-protocol-version');

function wordsOf(draft: MemberDraft, { port }: ListenerIntent, group: TargetGroupIntent): ProblemWords {
  const { snapshot } = draft.context;
  const { namespace, name } = group.service;
  const onService =
    snapshot.services.get(namespacedName(namespace, name))?.meta.annotations[key] !== undefined;
  return {
    code: 'AnnotationInvalid',
    path: `${onService ? `Service ${namespace}/${name} ` : ''}metadata.annotations[${key}]`,
    message: `Ingress ${draft.member.id}: annotation ${key} is "${group.protocolVersion}" for Service ${namespace}/${name}, and HTTP listener ${port} sends requests there; AWS takes such target groups on HTTPS listeners only`,
    hint: `List only HTTPS ports in ${fullKey('listen-ports')}, or set ${fullKey('ssl-redirect')} so that HTTP ports redirect`,
  };
}
