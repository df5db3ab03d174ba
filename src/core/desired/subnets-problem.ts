import type { SubnetFact } from '../domain/facts.ts';
import type { ObjectRef, Problem } from '../domain/problem.ts';

/** Why no usable set of subnets came out: in our words, and in those of ALBC where they differ. */
export type Refusal = {
  readonly refused: {
    readonly text: string;
    readonly albc?: string;
    readonly hint?: string;
    readonly path?: string;
  };
};

export const subnetsAnnotation = 'metadata.annotations[alb.ingress.kubernetes.io/subnets]';

const defaultHint =
  'Name subnets with the annotation alb.ingress.kubernetes.io/subnets, or tag at least two in different zones with kubernetes.io/role/elb=1 (internet-facing) or kubernetes.io/role/internal-elb=1 (internal)';

/** The refusal of subnets as the problem of whom it concerns: `SubnetsUnusable`. */
export function subnetProblem({ text, albc, hint, path }: Refusal['refused'], object: ObjectRef): Problem {
  return {
    kind: 'problem',
    code: 'SubnetsUnusable',
    severity: 'error',
    scope: 'group',
    object,
    path: path ?? 'metadata.annotations',
    message: `No usable subnets for the load balancer: ${text}`,
    hint: hint ?? defaultHint,
    ...(albc === undefined ? {} : { albcMessage: albc }),
  };
}

/** `1 subnet`, `3 subnets`. */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** `subnet-1 (us-west-2a)`. */
export function subnetLabel(subnet: SubnetFact): string {
  return `${subnet.id} (${subnet.availabilityZone})`;
}
