import type { Snapshot } from '../core/domain/snapshot.ts';

/** Whether the lists are whole whose gaps could read as "nobody wants this any more" (DESIGN §4.6). */
export function isWhole({ complete }: Snapshot): boolean {
  return (['Ingress', 'IngressClass', 'IngressClassParams', 'Service'] as const).every((kind) =>
    complete.has(kind),
  );
}
