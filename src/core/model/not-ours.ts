// Why an Ingress of the cluster gets no load balancer from this controller, for the people who expected one.

import type { Ingress } from '../domain/cluster.ts';
import type { CoreConfig } from '../domain/config.ts';
import { namespacedName } from '../domain/ids.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { classAnnotation, classOf } from './class.ts';
import { membership } from './membership.ts';

/** A sentence with the next step; undefined when the Ingress is ours, or was and still holds a finalizer of ours. */
export function whyNotOurs(ingress: Ingress, snapshot: Snapshot, config: CoreConfig): string | undefined {
  const { current, finalizerKeys } = membership(ingress, snapshot, config);
  if (current !== undefined || finalizerKeys.length > 0) return undefined;
  if (ingress.meta.deletionTimestamp !== undefined) return 'it is being deleted';
  const { watchNamespace } = config;
  if (watchNamespace && watchNamespace !== ingress.meta.namespace)
    return `only the namespace ${watchNamespace} is watched (--watch-namespace)`;
  const answer = classOf(ingress, snapshot, config);
  if (answer.kind === 'invalid') return `it ${answer.why}: ${answer.hint}`;
  return answer.kind === 'classless'
    ? 'it names no IngressClass, and none is the default: set spec.ingressClassName'
    : foreign(ingress, snapshot, config);
}

const albcController = 'ingress.k8s.aws/alb';

function foreign(ingress: Ingress, snapshot: Snapshot, { policy, ingressClass }: CoreConfig): string {
  const annotated = ingress.meta.annotations[classAnnotation];
  if (annotated !== undefined && policy.classAnnotation)
    return `its annotation ${classAnnotation} is "${annotated}", and "${ingressClass}" is served (--ingress-class)`;
  const classes = [...snapshot.ingressClasses.values()];
  const found =
    ingress.className === undefined
      ? classes.find(({ isDefault }) => isDefault)
      : snapshot.ingressClasses.get(namespacedName('', ingress.className));
  if (annotated !== undefined && ingress.className === undefined)
    return `its annotation ${classAnnotation}: ${annotated} is read with --compatibility=albc only: set spec.ingressClassName instead`;
  const controllers = policy.controllers.join(', ');
  const takeOver =
    found?.controller === albcController
      ? ', or serve that class with --compatibility=albc while AWS Load Balancer Controller does not run'
      : '';
  return `its IngressClass ${found?.meta.name} is for the controller ${found?.controller}: name a class with the controller ${controllers}${takeOver}`;
}
