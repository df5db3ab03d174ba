import { driftAnnotation } from '../domain/drift-modes.ts';
import type { Drift } from '../domain/drift.ts';
import type { ObservedGroup } from '../domain/observed-group.ts';
import type { ObjectRef } from '../domain/problem.ts';

export type DriftReport = {
  /** Put back by this run. */
  readonly repaired: readonly Drift[];
  /** Left alone, or not put back yet. */
  readonly open: readonly Drift[];
};

export type DriftEvent = {
  readonly type: 'Normal' | 'Warning';
  readonly reason: 'DriftRepaired' | 'DriftFound' | 'DriftFlaps';
  readonly message: string;
  /** Absent: it concerns the whole group. */
  readonly object?: ObjectRef;
};

/** One event for each object in AWS and for what is done about it; none of what is ignored. */
export function driftEvents({ repaired, open }: DriftReport, observed: ObservedGroup): readonly DriftEvent[] {
  const isResting = ({ mode, rests }: Drift): boolean => mode === 'repair' && rests !== undefined;
  return [
    ...each(repaired, (changes) => ({
      type: 'Normal',
      reason: 'DriftRepaired',
      message: `${changed(changes)}: ${changes.map((one) => putBack(one, observed)).join(', ')}`,
    })),
    ...each(
      open.filter(({ mode }) => mode === 'report'),
      (changes) => ({
        type: 'Warning',
        reason: 'DriftFound',
        message: `${changed(changes)}: ${changes.map(difference).join(', ')}; it is left so, as ${driftAnnotation} or --drift says`,
      }),
    ),
    ...open.filter(isResting).map(
      (one): DriftEvent => ({
        type: 'Warning',
        reason: 'DriftFlaps',
        message: `${one.subject}: ${difference(one)}; it was put back ${one.rests?.count} times and changed again each time, so somebody else keeps it so. It is left alone for ${minutes(one.rests?.forMs ?? 0)} minutes; stop whoever changes it, or leave it to them with ${driftAnnotation}: "${one.field}=ignore"`,
        ...to(one),
      }),
    ),
  ];
}

/** Changes of one object in AWS that concern the same user are told together. */
function each(
  drift: readonly Drift[],
  tell: (changes: readonly Drift[]) => Omit<DriftEvent, 'object'>,
): readonly DriftEvent[] {
  const groups = Map.groupBy(
    drift,
    ({ subject, object }) => `${subject} ${object?.namespace ?? ''}/${object?.name ?? ''}`,
  );
  return [...groups.values()].map((changes) => ({ ...tell(changes), ...to(changes[0]) }));
}

const to = (drift: Drift | undefined): Pick<DriftEvent, 'object'> =>
  drift?.object === undefined ? {} : { object: drift.object };

function changed(changes: readonly Drift[]): string {
  return `${changes[0]?.subject} was changed in AWS by somebody else`;
}

function putBack(drift: Drift, observed: ObservedGroup): string {
  const { what, wanted, found, field, subject } = drift;
  if (field === 'loadBalancer.exists') {
    const now = observed.loadBalancers.find(({ name }) => subject.endsWith(`/${name}`))?.dnsName;
    return `it was deleted and is made again, with another DNS name${now === undefined ? '' : `: ${now}`}`;
  }
  if (what === 'exists') return 'it was deleted and is made again';
  if (found === '') return `made again ${what}`;
  return wanted === '' ? `took away ${what}` : `put back ${what} from ${found} to ${wanted}`;
}

function difference({ what, wanted, found }: Drift): string {
  if (what === 'exists') return 'it was deleted';
  if (wanted === '') return `${what} was added`;
  return found === '' ? `${what} is gone` : `${what} is ${found} and should be ${wanted}`;
}

const minutes = (ms: number): number => Math.round(ms / 60_000);
