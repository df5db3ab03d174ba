// TargetGroupBindings as webhooks see them: the fields that ALBC's webhooks judge, and the target group behind them.

import { z } from 'zod';
import type { TargetGroupFact } from '../core/domain/facts.ts';

/** Empty texts count as absent, as ALBC has them. */
const text = z
  .string()
  .nullish()
  .transform((given) => (given === '' || given === null ? undefined : given));

const shape = z.object({
  metadata: z.object({ name: text, namespace: text, uid: text }),
  spec: z.object({
    targetGroupARN: text,
    targetGroupName: text,
    targetType: text,
    targetGroupProtocol: text,
    ipAddressType: text,
    vpcID: text,
    nodeSelector: z.unknown().optional(),
    multiClusterTargetGroup: z.boolean().nullish(),
    iamRoleArnToAssume: text,
    assumeRoleExternalId: text,
  }),
});

export type BindingSpec = z.infer<typeof shape>['spec'];
export type WrittenBinding = {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly spec: BindingSpec;
};

/** Undefined for an object of another shape, which the schema of the kind refuses. */
export function readBinding(object: unknown, namespace = ''): WrittenBinding | undefined {
  const parsed = shape.safeParse(object);
  if (!parsed.success) return undefined;
  const { metadata, spec } = parsed.data;
  return {
    namespace: metadata.namespace ?? namespace,
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    spec,
  };
}

/** What AWS says about the target group of a binding. */
export type TargetGroupAnswer =
  | { readonly kind: 'found'; readonly targetGroup: TargetGroupFact }
  /** AWS says that there is none; `words` as the AWS SDK for Go, which ALBC passes on. */
  | { readonly kind: 'none'; readonly words: string }
  /** AWS cannot be asked now. */
  | { readonly kind: 'unknown'; readonly why: string };
