// What it would mean that the group of an Ingress takes over a load balancer: reads only.

import type { Config } from '../config/load.ts';
import { adoptAnnotation } from '../core/domain/adoption.ts';
import { type NamespacedName, namespacedName } from '../core/domain/ids.ts';
import type { ObservedLoadBalancer } from '../core/domain/observed-group.ts';
import { withObjects } from '../core/domain/snapshot.ts';
import type { GroupPlan } from '../core/pipeline.ts';
import { renderPlan, renderProblem } from '../core/plan/render.ts';
import { adoptionPolicy } from './adopt-policy.ts';
import { planCluster } from './plan-cluster.ts';
import { UserError } from './user-error.ts';

export type AdoptPlan = {
  readonly arn: string;
  readonly ingress: NamespacedName;
  readonly planned: GroupPlan;
  /** Undefined: AWS has none with that ARN. */
  readonly found: ObservedLoadBalancer | undefined;
};

/** Plans with the annotation that would ask for it. Rejects with a UserError where no Ingress of ours has that name. */
export async function planAdoption(
  config: Config,
  {
    arn,
    namespace,
    name,
    signal,
  }: {
    readonly arn: string;
    readonly namespace: string;
    readonly name: string;
    readonly signal: AbortSignal;
  },
): Promise<AdoptPlan> {
  const id = namespacedName(namespace, name);
  const { groups, seen } = await planCluster(config, {
    group: undefined,
    signal,
    view: (snapshot) => {
      const ingress = snapshot.ingresses.get(id);
      if (ingress === undefined) throw new UserError(`the cluster has no Ingress ${id}`);
      const annotations = { ...ingress.meta.annotations, [adoptAnnotation]: arn };
      return withObjects(snapshot, [{ ...ingress, meta: { ...ingress.meta, annotations } }]);
    },
  });
  const planned = groups.find(({ model }) =>
    [...model.members, ...model.held].some((member) => member.id === id),
  );
  if (planned === undefined) throw new UserError(`Ingress ${id} is of no group of this controller`);
  const found = seen.groups
    .get(planned.model.key)
    ?.loadBalancers.find((loadBalancer) => loadBalancer.arn === arn);
  return { arn, ingress: id, planned, found };
}

/** For people: the plan, what would keep settings as they are, and how to ask for it. */
export function renderAdoption({ arn, ingress, planned, found }: AdoptPlan): string {
  const problems = planned.problems.map((problem) => `  ${renderProblem(problem)}\n`).join('');
  const [namespace = '', name = ''] = ingress.split('/');
  const annotate = `kubectl -n ${namespace} annotate ingress ${name} ${adoptAnnotation}=${arn}\n`;
  const stays =
    found === undefined
      ? ''
      : settings(found)
          .map((line) => `  ${line}\n`)
          .join('');
  return [
    renderPlan(planned.plan),
    problems === '' ? '' : `Problems:\n${problems}\n`,
    stays === '' ? '' : `Annotations that leave settings of the load balancer as they are:\n${stays}\n`,
    planned.plan.standstill === undefined
      ? `To do this:\n  ${annotate}\n${permission(found?.arn ?? arn)}`
      : '',
  ].join('');
}

const permission = (arn: string): string =>
  [
    "The controller's role needs one permission more until it is done, for iam/policy.json and iam/policy-cluster.json let it",
    'tag only what has the tag of a cluster (iam/policy-adopt.json):',
    ...JSON.stringify(adoptionPolicy(arn), undefined, 2)
      .split('\n')
      .map((line) => `  ${line}`),
    '',
  ].join('\n');

const settings = ({ scheme, securityGroups, subnets }: ObservedLoadBalancer): readonly string[] => [
  `alb.ingress.kubernetes.io/scheme: ${scheme}`,
  `alb.ingress.kubernetes.io/security-groups: ${securityGroups.join(',')}`,
  'alb.ingress.kubernetes.io/manage-backend-security-group-rules: "true"',
  `alb.ingress.kubernetes.io/subnets: ${subnets.join(',')}`,
];
