// What a group takes over from others: its plan is an ordinary one, whose first writes are the tags.

import { adoptableArn, adoptedTag } from '../domain/adoption.ts';
import type { CoreConfig } from '../domain/config.ts';
import type { DesiredGroup, Tags } from '../domain/desired-group.ts';
import type { GroupModel } from '../domain/group-model.ts';
import type { ObservedGroup, ObservedLoadBalancer } from '../domain/observed-group.ts';
import type { Operation } from '../domain/operation.ts';
import type { PlanProblem } from './group-problem.ts';

/** Whether somebody else made it, so that it is never deleted. */
export const isAdopted = ({ tags }: Pick<ObservedLoadBalancer, 'tags'>): boolean => adoptedTag in tags;

/**
 * The observation in which listeners of the load balancer that is taken over are the group's, where it wants their ports and
 * nobody's tags are on them.
 */
export function withAdopted(
  observed: ObservedGroup,
  { desired, config }: { readonly desired: DesiredGroup; readonly config: CoreConfig },
): ObservedGroup {
  const arn = adoptableArn(desired.model.adopts, config);
  if (arn === undefined) return observed;
  const ports = new Set(desired.loadBalancer?.listeners.map(({ port }) => port));
  return {
    ...observed,
    loadBalancers: observed.loadBalancers.map((found) =>
      found.arn !== arn
        ? found
        : {
            ...found,
            listeners: found.listeners.map((listener) =>
              ports.has(listener.port) && listener.tags[clusterTag] === undefined
                ? { ...listener, isAdopted: true }
                : listener,
            ),
          },
    ),
  };
}

/** Everything waits for the tags by which a load balancer becomes the group's: where AWS refuses these, nothing of it is changed. */
export function afterAdoption(
  operations: readonly Operation[],
  { desired, config }: { readonly desired: DesiredGroup; readonly config: CoreConfig },
): readonly Operation[] {
  const arn = adoptableArn(desired.model.adopts, config);
  const claim = operations.find(
    (operation) => operation.kind === 'setTags' && operation.resource === arn && clusterTag in operation.add,
  );
  if (claim === undefined) return operations;
  return operations.map((operation) =>
    operation === claim ? operation : { ...operation, dependsOn: [claim.id, ...operation.dependsOn] },
  );
}

const clusterTag = 'elbv2.k8s.aws/cluster';

/** Why the load balancer that a group asks for cannot be taken over; undefined: it can be, or none is asked for. */
export function adoptionRefused(
  { adopts, key, loadBalancer: wanted }: GroupModel,
  observed: ObservedGroup,
  config: CoreConfig,
): PlanProblem | undefined {
  if (adopts === undefined) return undefined;
  const refuse = (why: string, hint: string): PlanProblem => ({
    code: 'AdoptionHeld',
    message: `Group ${key} cannot take over ${adopts.arn} (annotation albatross.dev/adopt): ${why}`,
    hint,
  });
  if (adoptableArn(adopts, config) === undefined) {
    return refuse(
      `that is no ARN of an application load balancer in ${config.region}`,
      'Write arn:aws:elasticloadbalancing:REGION:ACCOUNT:loadbalancer/app/NAME/ID',
    );
  }
  const found = observed.loadBalancers.find(({ arn }) => arn === adopts.arn);
  if (found === undefined) return refuse('AWS has no such load balancer', 'Look the ARN up');
  const { tags, scheme, vpcId } = found;
  if (vpcId !== undefined)
    return refuse(`it is in ${vpcId}, and this cluster in ${config.vpcId}`, 'Take one of this VPC');
  if (scheme !== wanted.scheme) {
    return refuse(
      `it is ${scheme}, and the group asks for ${wanted.scheme}`,
      `Write alb.ingress.kubernetes.io/scheme: ${scheme}`,
    );
  }
  const owner = ownerIn(tags);
  const isOurs = (owner.cluster ?? config.clusterName) === config.clusterName && (owner.group ?? key) === key;
  if (!isOurs) {
    const names = Object.entries(owner).flatMap(([what, name]) =>
      name === undefined ? [] : `${what} ${name}`,
    );
    return refuse(
      `it belongs to ${names.join(', ')}`,
      'Let that one release it first (albatross.dev/release)',
    );
  }
  const own = observed.loadBalancers.find(({ arn, type }) => arn !== adopts.arn && type === 'application');
  return own === undefined
    ? undefined
    : refuse(
        `the group has ${own.name} already`,
        'Release or delete that one first, or ask with another group',
      );
}

/** Whose it is by its tags, ours or those of another controller's stacks. */
const ownerIn = (
  tags: Tags,
): { readonly cluster: string | undefined; readonly group: string | undefined } => ({
  cluster: tags[clusterTag],
  group: Object.entries(tags).find(([name]) => /(^|\.)k8s\.aws\/stack$/.test(name))?.[1],
});
