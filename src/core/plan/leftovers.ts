// What a group had in AWS and nobody asks for any more.

import { operationId, resourceId } from '../domain/ids.ts';
import type { ObservedLoadBalancer } from '../domain/observed-group.ts';
import type { Operation } from '../domain/operation.ts';
import { unwanted } from './because.ts';
import { unwantedCertificates } from './certificates.ts';
import type { PlanContext } from './context.ts';
import { isOfLoadBalancer } from './frontend-targets.ts';
import { isHolding } from './kept.ts';
import { releasedBy } from './references.ts';

/** Those of the group, beside the network load balancer in front of one. */
export const applicationLoadBalancers = ({ observed }: PlanContext): readonly ObservedLoadBalancer[] =>
  observed.loadBalancers.filter(({ type }) => type !== 'network');

/** What is asked for of one that nobody needs; what comes before it is the caller's to say. */
export function deleteLoadBalancer(found: ObservedLoadBalancer, context: PlanContext): Operation {
  const subject = resourceId('load-balancer', found.name);
  const id = operationId('deleteLoadBalancer', subject);
  const because = unwanted(
    `no Ingress of group ${context.desired.key} needs load balancer ${found.name} any more`,
  );
  const liftProtection = context.config.policy.deletionProtection === 'lift';
  return {
    kind: 'deleteLoadBalancer',
    id,
    subject,
    because,
    dependsOn: [],
    loadBalancer: found.arn,
    liftProtection,
  };
}

/** Target groups, certificates and managed security groups that nobody wants, after everything that let go of them. */
export function leftovers(operations: readonly Operation[], context: PlanContext): readonly Operation[] {
  if (!context.complete) return [];
  const targetGroups = unwantedTargetGroups(operations, context);
  if (isHolding(context)) return targetGroups;
  return [
    ...targetGroups,
    ...unwantedCertificates(operations, context),
    ...unwantedSecurityGroups(operations, context),
  ];
}

function unwantedTargetGroups(operations: readonly Operation[], context: PlanContext): readonly Operation[] {
  const { frontendNlb, targetGroups: ofRules } = context.desired;
  const ofNlb = (frontendNlb?.listeners ?? []).map(({ targetGroup }) => targetGroup);
  const wanted = new Set([...ofRules, ...ofNlb].map((group) => group.name));
  return context.observed.targetGroups.flatMap((found): Operation[] => {
    if (wanted.has(found.name) || (isHolding(context) && isOfLoadBalancer(found))) return [];
    const released = releasedBy(found, operations, context);
    if (released === undefined) return [];
    const subject = resourceId('target-group', found.name);
    const emptied = operations.filter(
      (other) => other.kind === 'deregisterTargets' && other.subject === subject,
    );
    return [
      {
        kind: 'deleteTargetGroup',
        id: operationId('deleteTargetGroup', subject),
        subject,
        because: unwanted(`no rule forwards to ${found.name} any more`),
        dependsOn: [...new Set([...released, ...emptied.map(({ id }) => id)])],
        targetGroup: found.arn,
      },
    ];
  });
}

function unwantedSecurityGroups(
  operations: readonly Operation[],
  { desired, observed }: PlanContext,
): readonly Operation[] {
  const wanted = new Set(desired.securityGroups.map((group) => group.name));
  const releases = operations.filter(
    (operation) => operation.kind === 'deleteLoadBalancer' || operation.kind === 'setSecurityGroups',
  );
  return observed.securityGroups.flatMap((found): Operation[] => {
    if (wanted.has(found.name)) return [];
    const subject = resourceId('security-group', found.name);
    return [
      {
        kind: 'deleteSecurityGroup',
        id: operationId('deleteSecurityGroup', subject),
        subject,
        because: unwanted(`no load balancer uses ${found.name} any more`),
        dependsOn: releases.map((operation) => operation.id),
        securityGroup: found.id,
      },
    ];
  });
}
