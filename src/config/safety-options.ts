// Options that bound what a mistake can do; a part of the table in options.ts.

import { option } from './option.ts';
import { integer, list } from './values.ts';

const nothing: readonly string[] = [];

export const safetyOptions = {
  targetFloorPercent: option({
    name: 'target-floor-percent',
    argument: '0–100',
    parse: integer(0, 100),
    fallback: 50,
    group: 'Safety',
    doc: 'Part of the nodes that stays registered in a target group when more of them are not ready, or about to be removed, at once; the load balancer’s health checks decide then. 0: no floor. Without effect with --compatibility=albc.',
  }),
  maxGroupDeletions: option({
    name: 'max-group-deletions',
    argument: 'number',
    parse: integer(0),
    fallback: 20,
    group: 'Safety',
    doc: 'Most groups whose load balancers are deleted at the same time; more wait for the annotation albatross.dev/allow-deletion on their Ingresses or IngressClass. 0: any number. Without effect with --compatibility=albc.',
  }),
  formerClusterUids: option({
    name: 'former-cluster-uids',
    argument: 'uid,…',
    parse: list,
    fallback: nothing,
    group: 'Safety',
    doc: 'UIDs of clusters of the same name that are gone and whose resources in AWS this cluster takes over (tag albatross.dev/cluster-uid).',
  }),
};
