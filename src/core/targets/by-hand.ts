// What others did by hand to the targets of one target group: those of ours that they took out, and those that they put in.
// Only a reading of AWS tells. What happens between two readings is our own doing.

import type { CoreConfig } from '../domain/config.ts';
import {
  type Drift,
  type DriftModes,
  type FieldPath,
  foreignTargetsTag,
  isWithheld,
  modeOf,
  type Rest,
  type Settled,
} from '../domain/drift.ts';
import { operationId, type ResourceId, resourceId, type TargetGroupArn } from '../domain/ids.ts';
import type { Operation, OperationOf } from '../domain/operation.ts';
import type { ObjectRef } from '../domain/problem.ts';
import { type DesiredTarget, isDraining, type ObservedTarget, targetKey } from '../domain/target.ts';

export type ByHand = {
  /** By key of a wanted target that a reading showed registered: the UID of its pod or node, for addresses are used again. */
  readonly settled: ReadonlyMap<string, string>;
  /** Keys of what was there at the last reading or was wanted since, all of it ours to take out; undefined: never read. */
  readonly known: ReadonlySet<string> | undefined;
  /** Keys of registered targets that are others'. */
  readonly foreign: ReadonlySet<string>;
  /** Keys of wanted targets that somebody took out. */
  readonly gone: ReadonlySet<string>;
};

export const nothingByHand: ByHand = {
  settled: new Map(),
  known: undefined,
  foreign: new Set(),
  gone: new Set(),
};

/** How changes by hand are judged in one target group. */
export type HandInput = {
  readonly before: ByHand;
  /** Whether `observed` was read now, rather than remembered. */
  readonly isReading: boolean;
  /** The target group's tag, which says what was others' before a restart. */
  readonly noted: string | undefined;
  /** Whether what others registered stays. */
  readonly foreign: 'keep' | 'remove';
  readonly modes: DriftModes;
  readonly resting: ReadonlyMap<FieldPath, Rest>;
  /** What has drifted in the eyes of those who were not there; absent: what `before` knows. */
  readonly told?: Settled;
};

/** Of those who look once and remember nothing. */
export const firstLook = ({ policy, drift }: Pick<CoreConfig, 'policy' | 'drift'>): HandInput => ({
  before: nothingByHand,
  isReading: true,
  noted: undefined,
  foreign: policy.foreign,
  modes: drift,
  resting: new Map(),
});

export type HandsSeen = {
  readonly next: ByHand;
  readonly drift: readonly Drift[];
  /** Keys of wanted targets that are left out. */
  readonly withheld: ReadonlySet<string>;
};

type About = {
  readonly name: string;
  readonly arn: TargetGroupArn;
  readonly object: ObjectRef;
  readonly desired: readonly DesiredTarget[];
  readonly observed: readonly ObservedTarget[];
};

/**
 * What was done by hand, and what is done about it. A target of ours that somebody took out is left out as the mode says,
 * unless the target group would have none at all then: nobody would be served. One that appears between two readings and
 * that nobody wanted is somebody else's. What was there when this process first looked is ours, but for what the tag says.
 */
export function handsSeen(input: HandInput, about: About): HandsSeen {
  const { before, isReading, told } = input;
  const { desired, observed } = about;
  const registered = new Set(observed.filter(({ state }) => !isDraining(state)).map(targetKey));
  const wanted = new Map(desired.map((target) => [targetKey(target), target]));
  // Who was not wanted for a while, or is another one now, was taken out by nobody else.
  const still = [...before.settled].filter(([key, uid]) => wanted.get(key)?.object.uid === uid);
  const present = isReading ? desired.map(entryOf).filter(([key]) => registered.has(key)) : [];
  const settled = new Map([...still, ...present]);
  const isGone = (key: string): boolean =>
    told === undefined
      ? settled.has(key) && (isReading || before.gone.has(key))
      : told === 'everything' || told.has(pathOf(about, key));
  const absent = [...wanted.keys()].filter((key) => !registered.has(key));
  const gone = new Set(absent.filter(isGone));
  const isServed = [...wanted.keys()].some((key) => !gone.has(key));
  const drift = [...gone].map((key) => driftOf(key, { ...input, isServed }, about));
  const withheld = new Set([...gone].filter((_key, index) => drift[index] && isWithheld(drift[index])));
  const foreign = foreignIn(input, { registered, wanted });
  const seen = isReading ? observed.map(targetKey).filter((key) => !foreign.has(key)) : (before.known ?? []);
  const isKnown = isReading || before.known !== undefined;
  const known = isKnown ? new Set([...seen, ...wanted.keys()]) : undefined;
  return { next: { settled, known, foreign, gone }, drift, withheld };
}

const entryOf = (target: DesiredTarget): readonly [string, string] => [targetKey(target), target.object.uid];

function foreignIn(
  { before, isReading, noted, foreign }: HandInput,
  {
    registered,
    wanted,
  }: { readonly registered: ReadonlySet<string>; readonly wanted: ReadonlyMap<string, unknown> },
): ReadonlySet<string> {
  if (foreign === 'remove') return new Set();
  const tagged = new Set(before.known === undefined ? keysIn(noted) : []);
  const isOthers = (key: string): boolean =>
    before.foreign.has(key) || tagged.has(key) || (isReading && before.known?.has(key) === false);
  return new Set([...registered].filter((key) => !wanted.has(key) && isOthers(key)));
}

const pathOf = ({ name }: Pick<About, 'name'>, key: string): FieldPath =>
  `${subjectOf(name)} target ${address(key)}`;
const subjectOf = (name: string): ResourceId => resourceId('target-group', name);
/** `10.0.0.1:8080`. */
export const address = (key: string): string => key.replace(' ', ':');

function driftOf(
  key: string,
  { modes, resting, isServed }: HandInput & { readonly isServed: boolean },
  about: About,
): Drift {
  const { name, arn, object, desired } = about;
  const path = pathOf(about, key);
  const rests = resting.get(path);
  const standing = desired.find((target) => targetKey(target) === key)?.object;
  return {
    path,
    field: 'targetGroup.targets',
    subject: subjectOf(name),
    resource: arn,
    what: `target ${address(key)}`,
    wanted: standing === undefined ? 'registered' : `${standing.kind} ${standing.id}`,
    found: '',
    mode: isServed ? modeOf('targetGroup.targets', modes) : 'repair',
    ...(rests === undefined || !isServed ? {} : { rests }),
    object,
  };
}

/** The operations with the reason `drift` where all that they register is what somebody took out. */
export function withDriftOfTargets(
  operations: readonly Operation[],
  gone: ReadonlySet<string>,
): readonly Operation[] {
  return operations.map((operation) =>
    operation.kind === 'registerTargets' && operation.targets.every((target) => gone.has(targetKey(target)))
      ? {
          ...operation,
          because: {
            ...operation.because,
            reason: 'drift',
            text: `${operation.because.text}: somebody took it out in AWS`,
          },
        }
      : operation,
  );
}

/** AWS's limit for the value of a tag. */
const longestValue = 256;

/** Writes to the tag which targets are others', where it says something else: a restart must not take them out. */
export function foreignTargetsNote(
  foreign: ReadonlySet<string>,
  { name, arn, noted = '' }: Pick<About, 'name' | 'arn'> & { readonly noted: string | undefined },
): readonly OperationOf<'setTags'>[] {
  const value = textOf(foreign);
  if (value === noted) return [];
  return [
    {
      kind: 'setTags',
      id: operationId('setTags', subjectOf(name), 'foreign targets'),
      subject: subjectOf(name),
      because: {
        reason: 'transition',
        text: 'the targets that others registered are noted, so that they stay after a restart',
      },
      dependsOn: [],
      resource: arn,
      add: value === '' ? {} : { [foreignTargetsTag]: value },
      remove: value === '' ? [foreignTargetsTag] : [],
    },
  ];
}

/** `10.0.0.1:8080 10.0.0.2:8080`, as many as fit. */
export function textOf(foreign: ReadonlySet<string>): string {
  let text = '';
  for (const key of [...foreign].toSorted()) {
    const longer = text === '' ? address(key) : `${text} ${address(key)}`;
    if (longer.length > longestValue) break;
    text = longer;
  }
  return text;
}

const keysIn = (noted = ''): readonly string[] =>
  noted
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => word.replace(/:(\d+)$/, ' $1'));
