// Carries out the operations of a plan: one handler for each kind. Every handler may be repeated: what an earlier try left
// behind is taken over, what it already removed counts as removed.

import { InvariantError } from '../../core/domain/invariant-error.ts';
import type { Handlers, Look, Operation, OperationKind } from '../../core/domain/operation.ts';
import type { AwsContext } from '../context.ts';
import { AwsError, refused, withSubject } from '../errors.ts';
import type { RegionCount } from '../region-use.ts';
import { addOnHandlers } from './add-ons.ts';
import { certificateHandlers } from './certificates.ts';
import { classicWebAclHandlers } from './classic-web-acl.ts';
import { listenerHandlers } from './listeners.ts';
import { loadBalancerHandlers } from './load-balancers.ts';
import { releaseHandlers } from './release.ts';
import { ruleHandlers } from './rules.ts';
import { securityGroupHandlers } from './security-groups.ts';
import { tagHandlers } from './tags.ts';
import { targetGroupHandlers } from './target-groups.ts';
import { targetHandlers } from './targets.ts';

/** Handlers whose failures say what was attempted and on what: "create target group k8s-shop-web-0123456789: …". */
export function createHandlers(context: AwsContext): Handlers {
  const handlers: Handlers = {
    ...loadBalancerHandlers(context),
    ...addOnHandlers(context),
    ...classicWebAclHandlers(context),
    ...certificateHandlers(context),
    ...listenerHandlers(context),
    ...ruleHandlers(context),
    ...targetGroupHandlers(context),
    ...targetHandlers(context),
    ...securityGroupHandlers(context),
    ...tagHandlers(context),
    ...releaseHandlers(context),
  };
  const explained = Object.entries(handlers).map(([kind, handle]) => [
    kind,
    explaining(handle as AnyHandler, context),
  ]);
  return Object.fromEntries(explained) as Handlers;
}

type AnyHandler = (
  operation: Operation,
  look: Look,
  options: { readonly signal: AbortSignal },
) => Promise<unknown>;

function explaining(handle: AnyHandler, { regionCount }: AwsContext): AnyHandler {
  return async (operation, look, options) => {
    try {
      const done = await handle(operation, look, options);
      countIn(regionCount, operation);
      return done;
    } catch (error) {
      if (error instanceof AwsError) throw withSubject(error, attempted(operation));
      if (options.signal.aborted && !(error instanceof InvariantError)) throw stopped(operation);
      throw error;
    }
  };
}

/** Network load balancers have a limit of their own. */
function countIn(regionCount: RegionCount, operation: Operation): void {
  const { kind } = operation;
  const counted = (isNetwork: boolean) => (isNetwork ? 'networkLoadBalancers' : 'loadBalancers');
  if (kind === 'createLoadBalancer') regionCount.changed(counted(operation.type === 'network'), 1);
  if (kind === 'deleteLoadBalancer')
    regionCount.changed(counted(operation.loadBalancer.includes(':loadbalancer/net/')), -1);
  if (kind === 'createTargetGroup') regionCount.changed('targetGroups', 1);
  if (kind === 'deleteTargetGroup') regionCount.changed('targetGroups', -1);
  if (kind === 'createSecurityGroup') regionCount.changed('securityGroups', 1);
  if (kind === 'deleteSecurityGroup') regionCount.changed('securityGroups', -1);
}

/** Nothing of the operation was sent, or only steps of it that may be repeated. */
function stopped(operation: Operation): AwsError {
  return refused('unavailable', {
    code: 'Stopped',
    action: operation.kind,
    message: `${attempted(operation)}: the controller is stopping`,
  });
}

function attempted({ kind, subject }: { readonly kind: OperationKind; readonly subject: string }): string {
  const words = kind.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return `${words} ${subject.slice(subject.indexOf('/') + 1)}`;
}
