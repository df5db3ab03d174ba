// What others made or added on our resources: it stays, and is listed.

import type { Tags } from '../domain/desired-group.ts';
import type { ObservedListener } from '../domain/observed-group.ts';
import type { Problem } from '../domain/problem.ts';
import { isOwned, isOwnedListener, type PlanContext } from './context.ts';
import { groupProblem } from './group-problem.ts';
import { isKept } from './kept.ts';
import { foreignCertificates } from './listener-certificates.ts';
import { currentLoadBalancer } from './load-balancers.ts';
import { foreignRules } from './security-groups.ts';
import { foreignTags } from './tags.ts';

/** Ports that members want and on which our load balancer has a listener that is not ours. */
export function portProblems(context: PlanContext): readonly Problem[] {
  const wanted = context.desired.loadBalancer;
  if (wanted === undefined || context.config.policy.foreign === 'remove') return [];
  const found = currentLoadBalancer(context, wanted);
  return (found?.listeners ?? [])
    .filter(
      (listener) =>
        !isOwnedListener(listener, context) && wanted.listeners.some(({ port }) => port === listener.port),
    )
    .map(({ port, protocol }) =>
      groupProblem(context, {
        code: 'ListenerForeign',
        message: `listener ${protocol} ${port} of ${found?.name} was made by somebody else, so nothing of the group is served on port ${port}`,
        hint: 'delete that listener, or listen on another port',
      }),
    );
}

/** One line each; none where everything on our resources is taken for ours. */
export function foreignObjects(context: PlanContext): readonly string[] {
  if (context.config.policy.foreign === 'remove') return [];
  return [...onLoadBalancers(context), ...inSecurityGroups(context), ...onTargetGroups(context)];
}

function onLoadBalancers(context: PlanContext): readonly string[] {
  const { desired, observed, previous } = context;
  const wanted = desired.loadBalancer;
  return observed.loadBalancers.flatMap((loadBalancer) => {
    const { name, listeners, tags, type } = loadBalancer;
    const isCurrent = wanted !== undefined && type === 'application';
    const added = isCurrent ? tagsOf(wanted.tags, tags, previous?.loadBalancer?.tags, context) : [];
    const acl = isCurrent && wanted.webAclArn === undefined ? (loadBalancer.webAclArn ?? '') : '';
    return [
      ...listeners.flatMap((listener) => onListener(listener, context).map((line) => `${line} of ${name}`)),
      ...added.map((key) => `tag ${key} of ${name}`),
      ...(acl === '' ? [] : [`web ACL ${acl} of ${name}`]),
    ];
  });
}

function onListener(listener: ObservedListener, context: PlanContext): readonly string[] {
  const { port, rules, tags } = listener;
  const before = context.previous?.loadBalancer?.listeners.find((one) => one.port === port);
  const wanted = context.desired.loadBalancer?.listeners.find((one) => one.port === port);
  const where = `listener ${port}`;
  if (!isOwnedListener(listener, context)) return [where];
  return [
    ...rules
      .filter((rule) => !isOwned(rule.tags, context) && !isKept(rule, context))
      .map(({ priority }) => `rule ${priority} of ${where}`),
    ...(wanted === undefined
      ? []
      : [
          ...foreignCertificates(wanted, listener, context).map((arn) => `certificate ${arn} of ${where}`),
          ...tagsOf(wanted.tags, tags, before?.tags, context).map((key) => `tag ${key} of ${where}`),
        ]),
  ];
}

function inSecurityGroups(context: PlanContext): readonly string[] {
  const { desired, observed, previous } = context;
  return desired.securityGroups.flatMap((wanted) => {
    const found = observed.securityGroups.find(({ name }) => name === wanted.name);
    if (found === undefined) return [];
    const before = previous?.securityGroups.find(({ id }) => id === wanted.id)?.tags;
    return [
      ...foreignRules(wanted, found, context).map((rule) => `rule ${rule} of security group ${found.name}`),
      ...tagsOf(wanted.tags, found.tags, before, context).map(
        (key) => `tag ${key} of security group ${found.name}`,
      ),
    ];
  });
}

function onTargetGroups(context: PlanContext): readonly string[] {
  const { desired, observed, previous } = context;
  return desired.targetGroups.flatMap((wanted) => {
    const found = observed.targetGroups.find(({ name }) => name === wanted.name);
    if (found === undefined) return [];
    const before = previous?.targetGroups.find(({ id }) => id === wanted.id)?.tags;
    return tagsOf(wanted.tags, found.tags, before, context).map(
      (key) => `tag ${key} of target group ${found.name}`,
    );
  });
}

const tagsOf = (
  wanted: Tags,
  found: Tags,
  previous: Tags | undefined,
  { config }: PlanContext,
): readonly string[] => foreignTags(wanted, found, { config, previous });
