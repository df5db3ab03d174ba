import type { Quota, QuotaName } from '../domain/facts.ts';
import type { ObservedGroup, ObservedListener } from '../domain/observed-group.ts';
import { limitOf } from '../domain/quotas.ts';
import type { Action } from '../domain/rule.ts';

export type Usage = { readonly quota: QuotaName; readonly used: number; readonly limit: number };

/** What a group's load balancer uses of the quotas of a load balancer; of several, the fullest one counts. */
export function usage({ loadBalancers }: ObservedGroup, quotas: readonly Quota[]): readonly Usage[] {
  const most = (count: (listeners: readonly ObservedListener[]) => number): number =>
    Math.max(0, ...loadBalancers.map(({ listeners }) => count(listeners)));
  const actionsOf = ({ defaultActions, rules }: ObservedListener) => [
    defaultActions,
    ...rules.map(({ actions }) => actions),
  ];
  const used: readonly (readonly [QuotaName, number])[] = [
    ['listeners-per-application-load-balancer', most((listeners) => listeners.length)],
    [
      'rules-per-application-load-balancer',
      most((listeners) => sum(listeners.map(({ rules }) => rules.length))),
    ],
    [
      'certificates-per-application-load-balancer',
      most((listeners) => sum(listeners.map(extraCertificates))),
    ],
    [
      'target-groups-per-application-load-balancer',
      most(
        (listeners) =>
          new Set(listeners.flatMap((listener) => actionsOf(listener).flatMap(forwardedTo))).size,
      ),
    ],
    [
      'target-groups-per-action-on-application-load-balancer',
      most((listeners) =>
        Math.max(0, ...listeners.flatMap(actionsOf).map((actions) => forwardedTo(actions).length)),
      ),
    ],
  ];
  return used.map(([quota, count]) => ({ quota, used: count, limit: limitOf(quota, quotas) }));
}

/** Default certificates are not counted by AWS. */
const extraCertificates = ({ certificates = [], defaultCertificate }: ObservedListener): number =>
  certificates.filter((arn) => arn !== defaultCertificate).length;

const forwardedTo = (actions: readonly Action<string>[]): readonly string[] =>
  actions.flatMap((action) =>
    action.kind === 'forward' ? action.targetGroups.map(({ targetGroup }) => targetGroup) : [],
  );

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
