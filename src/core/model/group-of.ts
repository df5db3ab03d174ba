// Which group an Ingress names, which groups it still holds finalizers of, and whether that can be told at all. Which shard of
// the group it is in is not asked here: that depends on the other members (core/model/membership.ts).

import { fullKey } from '../annotations/table.ts';
import type { Ingress, IngressClassParams } from '../domain/cluster.ts';
import type { CoreConfig } from '../domain/config.ts';
import type { GroupIdentity, LeavingMember } from '../domain/group-model.ts';
import type { GroupKey } from '../domain/ids.ts';
import type { Problem } from '../domain/problem.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { type ClassAnswer, classOf } from './class.ts';
import { finalizerKeys, implicitIdentity } from './identity.ts';
import { ingressId, ingressRef } from './ingress-ref.ts';
import { isReleased } from './release.ts';

export type OwnGroup = {
  /**
   * The group it is in. While that cannot be told: the one that it names (with ALBC's policy the implicit one), where its
   * problems are shown and which is kept for it, unless it holds finalizers and is shown there. Undefined: none of ours.
   */
  readonly current: GroupIdentity | undefined;
  /** Keys of the groups whose finalizers it holds, sorted. */
  readonly finalizerKeys: readonly GroupKey[];
  /** Whether its class is readable and ours, and it is not being deleted. */
  readonly managed: boolean;
  /** Why it is in no group although it is ours, or holds our finalizers. Errors. */
  readonly problems: readonly Problem[];
  readonly params: IngressClassParams | undefined;
  /** What it is to a group whose finalizer it holds without being in it; undefined: it cannot be told, so it stays. */
  readonly proof: LeavingMember['proof'] | undefined;
};

const nothing = { current: undefined, managed: false, problems: [], params: undefined } as const;

/** Answers for one Ingress from one snapshot; Ingresses outside the watched namespace are nobody's. */
export function groupOf(ingress: Ingress, snapshot: Snapshot, config: CoreConfig): OwnGroup {
  const { watchNamespace } = config;
  if (watchNamespace !== undefined && watchNamespace !== '' && watchNamespace !== ingress.meta.namespace) {
    return { ...nothing, finalizerKeys: [], proof: undefined };
  }
  const held = finalizerKeys(ingress, config);
  if (isReleased(ingress)) return { ...nothing, finalizerKeys: held, proof: 'released' };
  if (ingress.meta.deletionTimestamp !== undefined) {
    return { ...nothing, finalizerKeys: held, proof: 'deleted' };
  }
  const answer = classOf(ingress, snapshot, config);
  const isLenient = config.policy.compatibility === 'albc';
  switch (answer.kind) {
    case 'ours':
      return inGroup(ingress, answer.params, config);
    case 'foreign':
      // A class list that is not whole may hold an old version of the class: no proof.
      return { ...nothing, finalizerKeys: held, proof: proofOfClass(ingress, snapshot) };
    case 'classless':
      // ALBC lets go of an Ingress whose class was taken away; a default class that vanished looks the same.
      if (isLenient) return { ...nothing, finalizerKeys: held, proof: 'otherClass' };
      if (held.length === 0) return { ...nothing, finalizerKeys: held, proof: undefined };
      return unusable(ingress, config, classless);
    case 'invalid':
      // Without a finalizer of ours, an Ingress with an unknown class may be anybody's.
      if (held.length === 0 && !answer.ours && !isLenient) {
        return { ...nothing, finalizerKeys: held, proof: undefined };
      }
      return unusable(ingress, config, answer);
  }
}

function proofOfClass(ingress: Ingress, snapshot: Snapshot): LeavingMember['proof'] | undefined {
  const byResource = ingress.className !== undefined || snapshot.ingressClasses.size > 0;
  return !byResource || snapshot.complete.has('IngressClass') ? 'otherClass' : undefined;
}

type Invalid = Omit<Extract<ClassAnswer, { kind: 'invalid' }>, 'kind' | 'ours'>;

const classless: Invalid = {
  code: 'ClassInvalid',
  why: 'names no class any more, and no IngressClass is the default',
  hint: 'Set spec.ingressClassName, or delete the Ingress to take its rules away',
  albc: 'no IngressClass',
};

function unusable(ingress: Ingress, config: CoreConfig, invalid: Invalid): OwnGroup {
  const problem: Problem = {
    kind: 'problem',
    code: invalid.code,
    severity: 'error',
    scope: 'member',
    object: ingressRef(ingress),
    path: 'spec.ingressClassName',
    message: `Ingress ${ingressId(ingress)} ${invalid.why}`,
    hint: invalid.hint,
    albcMessage: `invalid ingress class: ${invalid.albc}`,
    albcEvent: 'FailedLoadGroupID',
  };
  const held = finalizerKeys(ingress, config);
  return {
    current: held.length > 0 ? undefined : namedIdentity(ingress, config),
    finalizerKeys: held,
    managed: false,
    problems: [problem],
    params: undefined,
    proof: undefined,
  };
}

/** By the annotation alone; the parameters of the class may say otherwise. */
function namedIdentity(ingress: Ingress, { policy }: CoreConfig): GroupIdentity {
  const name = ingress.meta.annotations[fullKey('group.name')];
  const isNamed = policy.compatibility === 'none' && name !== undefined && wrongGroupName(name) === undefined;
  return isNamed ? { kind: 'explicit', name } : implicitIdentity(ingress);
}

function inGroup(ingress: Ingress, params: IngressClassParams | undefined, config: CoreConfig): OwnGroup {
  const held = finalizerKeys(ingress, config);
  const written = ingress.meta.annotations[fullKey('group.name')];
  const name = params?.groupName ?? written;
  const where =
    params?.groupName === undefined
      ? `annotation ${fullKey('group.name')}`
      : `IngressClassParams ${params.meta.name} spec.group.name`;
  const good = { finalizerKeys: held, managed: true, problems: [], params, proof: 'leftGroup' } as const;
  if (name === undefined) return { ...good, current: implicitIdentity(ingress) };
  const wrong = wrongGroupName(name);
  if (wrong === undefined) return { ...good, current: { kind: 'explicit', name } };
  const problem: Problem = {
    kind: 'problem',
    code: 'GroupNameInvalid',
    severity: 'error',
    scope: 'member',
    object: ingressRef(ingress),
    path: `metadata.annotations[${fullKey('group.name')}]`,
    message: `Ingress ${ingressId(ingress)}: ${where} is "${name}", which ${wrong.why}; allowed: at most 63 lower-case letters, digits, "-" and ".", beginning and ending with a letter or digit`,
    hint: wrong.hint,
    albcMessage: `invalid ingress group: ${wrong.albc}`,
    albcEvent: 'FailedLoadGroupID',
  };
  // ALBC takes an unusable name for leaving; a slip of the pen should not take rules away.
  const leaves = config.policy.compatibility === 'albc';
  return {
    current: held.length > 0 && !leaves ? undefined : implicitIdentity(ingress),
    finalizerKeys: held,
    managed: true,
    problems: [problem],
    params,
    proof: leaves ? 'leftGroup' : undefined,
  };
}

function wrongGroupName(name: string): { why: string; hint: string; albc: string } | undefined {
  const letters = /^([a-z0-9][-a-z0-9.]*)?[a-z0-9]$/;
  if (!letters.test(name)) {
    return {
      why: 'is no group name',
      hint: 'Write a name such as shop-public',
      albc: "groupName must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
    };
  }
  if (name.length <= 63) return undefined;
  return {
    why: `has ${name.length} characters; at most 63 are allowed`,
    hint: 'Shorten the name',
    albc: 'groupName must be no more than 63 characters',
  };
}
