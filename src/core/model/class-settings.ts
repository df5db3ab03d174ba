// Where a class keeps what concerns a whole load balancer to itself, no Ingress decides it for the others of its group.

import { annotationPrefix, ownPrefix } from '../annotations/entry.ts';
import { entryOf } from '../annotations/table.ts';
import type { MemberContext } from './context.ts';
import { ingressClassOf } from './host-policy.ts';
import { shardsAnnotation } from './shards.ts';
import { stage } from './stage.ts';

/** On an IngressClass: `class` leaves such settings to it and its parameters. */
export const settingsAnnotation = `${ownPrefix}group-settings`;

/** Maps whose keys are united over the group, each of them a setting of the load balancer or of a listener. */
const unitedSettings = new Set(['load-balancer-attributes', 'listener-attributes.<protocol>-<port>']);

/** An error for each annotation of the Ingress that its class keeps to itself. */
export function reportClassSettings(context: MemberContext): void {
  const { ingress, snapshot } = context;
  const owner = ingressClassOf(ingress, snapshot);
  if (owner?.meta.annotations[settingsAnnotation] !== 'class') return;
  for (const annotation of Object.keys(ingress.meta.annotations).filter(isOfGroup).toSorted()) {
    const params = entryOf(annotation.slice(annotationPrefix.length))?.params;
    context.report(stage.leaving, {
      code: 'SettingOfClass',
      path: `metadata.annotations[${annotation}]`,
      message: `Ingress ${context.id}: annotation ${annotation} is a setting of a whole load balancer or of a listener, and IngressClass ${owner.meta.name} keeps those to itself (${settingsAnnotation}: class)`,
      hint: `Take the annotation away, or have the owner of the class set it${params === undefined ? '' : ` (${params} of its IngressClassParams)`}`,
    });
  }
}

function isOfGroup(annotation: string): boolean {
  if (annotation === shardsAnnotation) return true;
  if (!annotation.startsWith(annotationPrefix)) return false;
  const entry = entryOf(annotation.slice(annotationPrefix.length));
  return entry !== undefined && (entry.merge.startsWith('one value') || unitedSettings.has(entry.key));
}
