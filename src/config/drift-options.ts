// The rows of the options table that concern what others do to our AWS resources.

import { lastPriority, type PriorityRange } from '../core/domain/priorities.ts';
import { option } from './option.ts';
import { duration, oneOf, type Parser } from './values.ts';

/** Of the priorities that AWS has, so many must be left for rules of ours: one load balancer may have hundreds. */
const leastLeft = 1000;

/** `1-100,40000-50000`; a single number is a range of one. */
const priorityRanges: Parser<readonly PriorityRange[]> = (given) => {
  const ranges: PriorityRange[] = [];
  for (const item of given.split(',').map((each) => each.trim())) {
    const [, start = '', end = start] = /^(\d+)(?:\s*-\s*(\d+))?$/.exec(item) ?? [];
    const [first, last] = [Number(start), Number(end)];
    if (start === '' || first < 1 || last > lastPriority || first > last)
      return {
        kind: 'mistake',
        message: `holds “${item}”, which is no range of priorities from 1 to ${lastPriority} such as 1-100`,
      };
    ranges.push({ first, last });
  }
  const count = ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  return lastPriority - count < leastLeft
    ? { kind: 'mistake', message: `leaves less than ${leastLeft} priorities for rules of the controller` }
    : { kind: 'value', value: ranges };
};

const noRanges: readonly PriorityRange[] = [];

export const driftOptions = {
  auditInterval: option({
    name: 'audit-interval',
    argument: 'duration',
    parse: duration,
    fallback: 300_000,
    group: 'Drift',
    doc: 'How often every group is read again from AWS, to find and repair what others changed there; at most 5m.',
  }),
  syncPeriod: option({
    name: 'sync-period',
    argument: 'duration',
    parse: duration,
    fallback: 36_000_000,
    group: 'Drift',
    doc: 'As --audit-interval, which is never longer than 5m; the shorter of the two counts.',
  }),
  foreign: option({
    name: 'foreign',
    argument: 'keep|remove',
    parse: oneOf('keep', 'remove'),
    fallback: undefined,
    group: 'Drift',
    doc: 'What becomes of what others added to load balancers and security groups of the controller: rules, listeners, certificates, tags, rules of security groups. keep: they stay and are listed; remove: they are deleted. Without it keep, with --compatibility=albc remove.',
  }),
  reservedRulePriorities: option({
    name: 'reserved-rule-priorities',
    argument: 'from-to,…',
    parse: priorityRanges,
    fallback: noRanges,
    group: 'Drift',
    doc: 'Priorities that the controller leaves to rules of others, such as “1-100”; its own rules there move to others.',
  }),
};
