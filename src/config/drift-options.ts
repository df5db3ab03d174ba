// The rows of the options table that concern what others do to our AWS resources.

import { type DriftModes, repairAll } from '../core/domain/drift.ts';
import { parseDriftModes } from '../core/domain/drift-modes.ts';
import { lastPriority, type PriorityRange } from '../core/domain/priorities.ts';
import { flag, option } from './option.ts';
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

const driftModes: Parser<DriftModes> = (given) => {
  const parsed = parseDriftModes(given);
  return parsed.ok ? { kind: 'value', value: parsed.value } : { kind: 'mistake', message: parsed.why };
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
  drift: option({
    name: 'drift',
    argument: 'repair|report|ignore;field=…',
    parse: driftModes,
    fallback: repairAll,
    group: 'Drift',
    doc: 'What is done about fields that others changed in AWS, with exceptions by field such as “report; tags=ignore, listener.sslPolicy=repair” (docs/drift.md lists the fields). The annotation albatross.dev/drift of an Ingress, for its group, or of an IngressClass goes before it.',
  }),
  lookUpDriftAuthors: flag(
    'look-up-drift-authors',
    false,
    'Drift',
    'Ask CloudTrail who made the changes that the audit finds, and tell it in events; needs the permission cloudtrail:LookupEvents (docs/drift.md).',
  ),
  foreign: option({
    name: 'foreign',
    argument: 'keep|remove',
    parse: oneOf('keep', 'remove'),
    fallback: undefined,
    group: 'Drift',
    doc: 'What becomes of what others added to load balancers, target groups and security groups of the controller: rules, listeners, certificates, targets, tags, rules of security groups. keep: they stay and are listed; remove: they are deleted. Without it keep, with --compatibility=albc remove.',
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
