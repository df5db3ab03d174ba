import { conditionsKey } from '../../domain/conditions-key.ts';
import { type Drift, type FieldPath, isWithheld, type Settled } from '../../domain/drift.ts';
import type { ResourceId } from '../../domain/ids.ts';
import type { Because, FieldChange, Operation } from '../../domain/operation.ts';
import { digest, pathOf } from './field.ts';

/**
 * The operations of a plan with the reason `drift` where all that they do is put back what somebody changed, and without
 * it where they do more: an operation that carries out an edit too is the edit's.
 */
export function withDriftReasons(
  operations: readonly Operation[],
  drift: readonly Drift[],
  settled: Settled,
): readonly Operation[] {
  const repaired = drift.filter((one) => !isWithheld(one));
  const before = settled !== 'everything' && 'get' in settled ? settled : new Map<FieldPath, string>();
  const subjects = new Set([...before.keys()].map((path) => path.split(' ')[0]));
  // With what is made again comes all that it had.
  const making = operations.filter(isMaking);
  const isGone = ({ subject }: Operation): boolean =>
    repaired.some(({ path }) => path === pathOf(subject, 'exists'));
  const isAll = making.some((one) => one.kind === 'createLoadBalancer' && isGone(one));
  const remade = new Set(
    making.filter((one) => isGone(one) || (isAll && subjects.has(one.subject))).map(({ subject }) => subject),
  );
  const isRemade = (operation: Operation): boolean =>
    operation.because.reason === 'missing' &&
    (remade.has(operation.subject) ||
      (operation.kind === 'createRule' &&
        remade.has(listenerOf(operation)) &&
        before.has(rulePath(operation))));
  return operations.map((operation) => {
    const { because } = operation;
    if (isRepair(operation, repaired) || isRemade(operation))
      return { ...operation, because: asDrift(because) };
    return because.reason === 'drift'
      ? { ...operation, because: { ...because, reason: 'changed' } }
      : operation;
  });
}

type RuleWrite = Extract<Operation, { kind: 'createRule' | 'modifyRule' }>;

const listenerOf = ({ subject }: RuleWrite): ResourceId =>
  subject.replace(/^rule/, 'listener').replace(/\/[^/]*$/, '') as ResourceId;

const rulePath = (operation: RuleWrite): FieldPath =>
  pathOf(listenerOf(operation), `rule ${digest(conditionsKey(operation.content.conditions))}`);

function asDrift(because: Because): Because {
  const { reason, text, changes = [] } = because;
  if (changes.length > 0)
    return {
      ...because,
      reason: 'drift',
      text: `${changes.map(({ field }) => field).join(', ')} changed in AWS`,
    };
  const did = { missing: 'somebody deleted it', unwanted: 'somebody made it' } as const;
  const who = reason === 'missing' || reason === 'unwanted' ? did[reason] : 'somebody changed it';
  return { ...because, reason: 'drift', text: `${text}: ${who} in AWS` };
}

/** Of an object that is there no more. */
const isMaking = ({ kind }: Operation): boolean =>
  kind === 'createLoadBalancer' ||
  kind === 'createListener' ||
  kind === 'createTargetGroup' ||
  kind === 'createSecurityGroup';

function isRepair(operation: Operation, repaired: readonly Drift[]): boolean {
  const { subject, because } = operation;
  const hasPath = (path: string): boolean => repaired.some((one) => one.path === path);
  switch (operation.kind) {
    case 'createRule':
    case 'modifyRule':
      return hasPath(rulePath(operation));
    case 'deleteRule':
      return repaired.some(({ resource, wanted }) => resource === operation.rule && wanted === '');
    case 'setRulePriorities':
      return hasPath(pathOf(subject, 'rule order'));
    case 'addListenerCertificate':
      return hasPath(pathOf(subject, 'certificate'));
    case 'createShieldProtection':
      return repaired.some(({ what }) => what === 'shieldProtection');
    case 'setTags':
      return isEvery(because.changes, ({ field }) =>
        repaired.some(
          ({ resource, what }) =>
            resource === operation.resource && (what === field || what.startsWith(`${field} of rule `)),
        ),
      );
    case 'authorizeIngress':
      return isEvery(because.changes, ({ field, to }) => hasPath(pathOf(subject, `${field} ${to}`)));
    default:
      return isEvery(because.changes, ({ field }) => hasPath(pathOf(subject, field)));
  }
}

const isEvery = (changes: readonly FieldChange[] = [], isIt: (change: FieldChange) => boolean): boolean =>
  changes.length > 0 && changes.every(isIt);
