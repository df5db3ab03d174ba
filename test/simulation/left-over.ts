// What is in the account with our tags, or was let in for our targets, and nobody wants once everything has come to rest.

import type { ControlPlane } from '../../src/simulator/aws/control-plane.ts';
import { registered, tagOf } from './account.ts';
import { type Expected, resourceTag, stackTag } from './expectations.ts';
import { foreignDescription } from './strangers.ts';

type Input = {
  readonly account: ControlPlane;
  readonly expected: Expected;
  /** Groups that may have more than is expected: a member is held, or a stranger keeps something there. */
  readonly isLoose: (key: string) => boolean;
};

/** Listeners, rules and security groups of groups that are there, and ways to targets. */
export function unwanted(input: Input): readonly string[] {
  return [...unwantedRules(input), ...unwantedSecurityGroups(input), ...openWays(input)];
}

/** As many rules as there are wanted, for which one answers is compared by requests. */
function unwantedRules({ account, expected, isLoose }: Input): readonly string[] {
  const { listeners, rules } = account.state;
  return [...listeners.values()].flatMap((listener) => {
    const key = tagOf(account, listener.arn, stackTag);
    // What hangs on a load balancer that was let go keeps its tags.
    const isOurs = tagOf(account, listener.loadBalancerArn, stackTag) === key;
    if (key === undefined || !isOurs || isLoose(key)) return [];
    const wanted = expectedOf(key, expected)?.loadBalancer?.listeners.find(
      ({ port }) => port === listener.port,
    );
    const own = [...rules.values()].filter(
      ({ arn, listenerArn, priority }) =>
        listenerArn === listener.arn && priority !== 'default' && tagOf(account, arn, stackTag) !== undefined,
    );
    if (wanted === undefined) return [`listener ${listener.port} of ${key} is left over`];
    return own.length <= wanted.rules.length
      ? []
      : [`${own.length} rules of ${key}:${listener.port} instead of ${wanted.rules.length}`];
  });
}

function unwantedSecurityGroups({ account, expected, isLoose }: Input): readonly string[] {
  const { securityGroups } = account.state;
  return [...securityGroups.values()].flatMap(({ id, name }) => {
    const key = tagOf(account, id, stackTag);
    if (tagOf(account, id, resourceTag) === 'backend-sg')
      return [...expected.keys.values()].flat().length > 0
        ? []
        : [`shared security group ${id} is left over`];
    if (key === undefined || isLoose(key)) return [];
    const isWanted = expectedOf(key, expected)?.securityGroups.some((wanted) => wanted.name === name);
    return isWanted === true ? [] : [`security group ${name} of ${key} is left over`];
  });
}

/** Rules that let load balancers in to ports where no target is. */
function openWays({ account, expected, isLoose }: Input): readonly string[] {
  if ([...expected.groups.keys()].some(isLoose)) return [];
  const { securityGroups, targetGroups } = account.state;
  const ports = [...targetGroups.values()].flatMap((group) =>
    [...registered(group)].map((target) => Number(target.slice(target.lastIndexOf(':') + 1))),
  );
  return [...securityGroups.values()].flatMap(({ id, rules }) =>
    tagOf(account, id, stackTag) !== undefined || tagOf(account, id, resourceTag) !== undefined
      ? []
      : [...rules.values()].flatMap(({ egress, description, source, fromPort, toPort }) => {
          const isOurs = !egress && description !== foreignDescription && source.kind === 'group';
          const isUsed = ports.some((port) => port >= fromPort && port <= toPort);
          return isOurs && !isUsed ? [`ports ${fromPort} to ${toPort} of ${id} are open for nobody`] : [];
        }),
  );
}

/** What others have on our load balancers, where nobody else is to have anything there. */
export function othersThings({ account }: Pick<Input, 'account'>): readonly string[] {
  const { listeners, rules } = account.state;
  const isOurs = (arn: string): boolean => tagOf(account, arn, stackTag) !== undefined;
  const ofOthers = [
    ...[...listeners.values()].filter(({ arn, loadBalancerArn }) => isOurs(loadBalancerArn) && !isOurs(arn)),
    ...[...rules.values()].filter(
      ({ arn, listenerArn, priority }) => isOurs(listenerArn) && priority !== 'default' && !isOurs(arn),
    ),
  ];
  return ofOthers.map(({ arn }) => `${arn} is somebody else's`);
}

const expectedOf = (key: string, { groups }: Expected) =>
  [...groups].find(([each]) => String(each) === key)?.[1];
