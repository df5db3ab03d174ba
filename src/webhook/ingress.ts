// Ingresses at admission (albc-behaviour §9.7): ALBC's refusals in its words, and every other mistake as a warning. Only
// Ingresses of our own classes are judged.

import { parseConditions } from '../core/annotations/conditions.ts';
import { fullKey } from '../core/annotations/table.ts';
import type { Ingress, IngressClass } from '../core/domain/cluster.ts';
import type { CoreConfig } from '../core/domain/config.ts';
import { namespacedName } from '../core/domain/ids.ts';
import type { Problem, ProblemCode } from '../core/domain/problem.ts';
import type { Snapshot } from '../core/domain/snapshot.ts';
import { type ClassAnswer, classAnnotation, classOf } from '../core/model/class.ts';
import { groupModel } from '../core/model/group.ts';
import { keyOf } from '../core/model/identity.ts';
import { ingressId } from '../core/model/ingress-ref.ts';
import { membership } from '../core/model/membership.ts';
import { albcWords } from '../core/model/read-annotations.ts';
import { allowed, type Denied, firstDenied, type Verdict } from './admission.ts';
import { claimProblems, withAge } from './claim-warnings.ts';
import { frontendNlbTagsFault } from './frontend-nlb-tags.ts';

export type IngressWrite = {
  readonly ingress: Ingress;
  /** Undefined on creation. */
  readonly before: Ingress | undefined;
};

export type IngressWorld = {
  readonly snapshot: Snapshot;
  readonly config: CoreConfig;
  /** `--disable-ingress-class-annotation` and `--disable-ingress-group-name-annotation`. */
  readonly forbidden: { readonly classAnnotation: boolean; readonly groupName: boolean };
};

/** Judges a new or changed Ingress. One that is being deleted is never held up: its finalizers must come off. */
export function judgeIngress(write: IngressWrite, world: IngressWorld): Verdict {
  const { ingress } = write;
  if (ingress.meta.deletionTimestamp !== undefined || isElsewhere(ingress, world.config)) return allowed;
  const answer = classOf(ingress, world.snapshot, world.config);
  if (answer.kind === 'foreign' || answer.kind === 'classless') return allowed;
  if (answer.kind === 'invalid' && !answer.ours && world.config.policy.compatibility === 'none')
    return allowed;
  return (
    firstDenied(
      () => classFault(answer, world),
      () => classAnnotationFault(write, world),
      () => groupNameFault(write, world),
      () => conditionsFault(ingress),
      () => tagsFault(ingress),
    ) ?? warned(write, world)
  );
}

function isElsewhere({ meta }: Ingress, { watchNamespace = '' }: CoreConfig): boolean {
  return watchNamespace !== '' && watchNamespace !== meta.namespace;
}

/** A class that does not exist could be anybody's, so that only ALBC's preset refuses it. */
function classFault(answer: ClassAnswer, { config, snapshot }: IngressWorld): Denied | undefined {
  if (answer.kind !== 'invalid' || config.policy.compatibility === 'none') return undefined;
  const isAmbiguous = answer.code === 'ClassAmbiguous';
  // Parameters are not looked at here: they may come after the Ingress.
  if (!snapshot.complete.has('IngressClass') || (answer.ours && !isAmbiguous)) return undefined;
  return {
    allowed: false,
    words: isAmbiguous ? answer.albc : `invalid ingress class: ${answer.albc}`,
    hint: answer.hint,
    check: 'checkIngressClass',
  };
}

function classAnnotationFault({ ingress, before }: IngressWrite, world: IngressWorld): Denied | undefined {
  if (!world.forbidden.classAnnotation || !usesClassAnnotation(ingress, world.config)) return undefined;
  if (before !== undefined && usesClassAnnotation(before, world.config)) return undefined;
  return {
    allowed: false,
    words: `new usage of \`${classAnnotation}\` annotation is forbidden`,
    hint: `Ingress ${ingressId(ingress)}: set spec.ingressClassName instead`,
    check: 'checkIngressClassAnnotationUsage',
  };
}

function usesClassAnnotation(ingress: Ingress, { ingressClass }: CoreConfig): boolean {
  const value = ingress.meta.annotations[classAnnotation];
  if (value === undefined) return false;
  return value === ingressClass || (ingressClass === '' && value === 'alb');
}

function groupNameFault({ ingress, before }: IngressWrite, world: IngressWorld): Denied | undefined {
  const key = fullKey('group.name');
  const name = ingress.meta.annotations[key];
  if (!world.forbidden.groupName || name === undefined) return undefined;
  if (before !== undefined && before.meta.annotations[key] === name) return undefined;
  return {
    allowed: false,
    words: `new usage of \`${key}\` annotation is forbidden`,
    hint: `Ingress ${ingressId(ingress)}: use a class whose IngressClassParams name the group "${name}"`,
    check: 'checkGroupNameAnnotationUsage',
  };
}

function conditionsFault(ingress: Ingress): Denied | undefined {
  const backends = ingress.rules.flatMap(({ paths = [] }) => paths.map(({ backend }) => backend));
  for (const backend of backends) {
    if (backend.kind !== 'service') continue;
    const short = `conditions.${backend.name}`;
    const text = ingress.meta.annotations[fullKey(short)];
    const parsed = text === undefined ? undefined : parseConditions(text);
    if (text === undefined || parsed === undefined || parsed.ok) continue;
    const words = albcWords(short, text, parsed);
    const isJson = !('words' in parsed.albc);
    return {
      allowed: false,
      words: isJson
        ? words
        : `ignoring Ingress ${ingressId(ingress)} since invalid ${fullKey(short)} annotation: ${words}`,
      hint: `the annotation has a value ${parsed.why}`,
      check: 'checkIngressAnnotationConditions',
    };
  }
  return undefined;
}

function tagsFault(ingress: Ingress): Denied | undefined {
  const key = fullKey('frontend-nlb-tags');
  const words = frontendNlbTagsFault(ingress.meta.annotations[key] ?? '');
  if (words === undefined) return undefined;
  return {
    allowed: false,
    words,
    hint: `Ingress ${ingressId(ingress)}: write ${key} as key=value,key=value`,
    check: 'checkFrontendNlbTagsAnnotation',
  };
}

/** Of other objects, which may come in the same breath. */
const notItsOwn: readonly ProblemCode[] = [
  'ServiceNotFound',
  'ServicePortNotFound',
  'ServiceNotRoutable',
  'SecretUnusable',
  'DeletionHeld',
];

/** The API server's clients see at most 256 bytes of a warning. */
const longestWarning = 256;

/** What the controller will report about the Ingress once it is there, among its group. */
function warned(write: IngressWrite, { snapshot, config }: IngressWorld): Verdict {
  const { ingress } = write;
  const id = ingressId(ingress);
  const after = { ...snapshot, ingresses: new Map(snapshot.ingresses).set(id, withAge(write)) };
  const found = membership(ingress, after, config);
  const problems =
    found.problems.length > 0 || found.current === undefined
      ? found.problems
      : [
          ...groupModel(after, keyOf(found.current), config).problems,
          ...claimProblems(write, { snapshot, config }),
        ];
  const isOwn = ({ object, code }: Problem) =>
    object.kind === 'Ingress' &&
    namespacedName(object.namespace, object.name) === id &&
    !notItsOwn.includes(code);
  const warnings = [...new Set(problems.filter(isOwn).map(({ message }) => cut(message)))];
  return { allowed: true, warnings };
}

function cut(text: string): string {
  return Buffer.byteLength(text) <= longestWarning
    ? text
    : `${Buffer.from(text)
        .subarray(0, longestWarning - 3)
        .toString('utf8')
        .replace(/\uFFFD+$/u, '')}…`;
}

/** The snapshot with a class that the watch has not brought yet. */
export function withClass(snapshot: Snapshot, found: IngressClass): Snapshot {
  const id = namespacedName('', found.meta.name);
  return { ...snapshot, ingressClasses: new Map(snapshot.ingressClasses).set(id, found) };
}

/** The class that an Ingress names and the snapshot lacks. */
export function missingClass(ingress: Ingress, { ingressClasses }: Snapshot): string | undefined {
  const { className } = ingress;
  if (className === undefined || ingressClasses.has(namespacedName('', className))) return undefined;
  return className;
}
