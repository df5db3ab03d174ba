// Whose an Ingress is: by its class annotation, its class, or the default class (albc-behaviour §2.1).

import type { Ingress, IngressClass, IngressClassParams } from '../domain/cluster.ts';
import type { CoreConfig } from '../domain/config.ts';
import { namespacedName } from '../domain/ids.ts';
import { matchesLabels } from '../domain/label-selector.ts';
import type { ProblemCode } from '../domain/problem.ts';
import type { Snapshot } from '../domain/snapshot.ts';

export type ClassAnswer =
  | { readonly kind: 'ours'; readonly params: IngressClassParams | undefined }
  /** A readable class of somebody else. */
  | { readonly kind: 'foreign' }
  /** No class at all, and no default. */
  | { readonly kind: 'classless' }
  /** The class cannot be used. `ours`: the class itself is readable and ours. */
  | {
      readonly kind: 'invalid';
      readonly ours: boolean;
      readonly code: ProblemCode;
      readonly why: string;
      readonly hint: string;
      readonly albc: string;
    };

export const classAnnotation = 'kubernetes.io/ingress.class';

/** Decides from the snapshot alone; a kind whose list is incomplete never proves that something is missing. */
export function classOf(ingress: Ingress, snapshot: Snapshot, config: CoreConfig): ClassAnswer {
  const annotated = ingress.meta.annotations[classAnnotation];
  if (annotated !== undefined && config.policy.classAnnotation) return byAnnotation(annotated, config);
  if (ingress.className !== undefined) return byName(ingress, ingress.className, { snapshot, config });
  if (annotated !== undefined) return { kind: 'foreign' };
  return byDefault(ingress, { snapshot, config });
}

type World = { readonly snapshot: Snapshot; readonly config: CoreConfig };

function byAnnotation(annotated: string, config: CoreConfig): ClassAnswer {
  const isOurs =
    config.ingressClass === '' ? annotated === 'alb' || annotated === '' : annotated === config.ingressClass;
  return isOurs ? { kind: 'ours', params: undefined } : { kind: 'foreign' };
}

function byDefault(ingress: Ingress, world: World): ClassAnswer {
  const defaults = [...world.snapshot.ingressClasses.values()].filter((candidate) => candidate.isDefault);
  const [first, second] = defaults;
  if (second !== undefined) return ambiguous(defaults, world.config);
  if (first !== undefined) return byClass(ingress, first, world);
  if (!world.snapshot.complete.has('IngressClass'))
    return unreadable('IngressClass', 'its default class', false);
  return world.config.ingressClass === '' ? { kind: 'ours', params: undefined } : { kind: 'classless' };
}

function ambiguous(defaults: readonly IngressClass[], config: CoreConfig): ClassAnswer {
  const names = defaults.map((candidate) => candidate.meta.name).toSorted();
  const ours = defaults.filter((candidate) => config.policy.controllers.includes(candidate.controller));
  if (ours.length === 0) return { kind: 'foreign' };
  return {
    kind: 'invalid',
    ours: ours.length === defaults.length,
    code: 'ClassAmbiguous',
    why: `names no class and ${names.length} IngressClasses are marked as the default: ${names.join(', ')}`,
    hint: 'Set spec.ingressClassName, or leave one default IngressClass',
    albc: `multiple default IngressClass found: [${names.join(' ')}]`,
  };
}

function byName(ingress: Ingress, name: string, world: World): ClassAnswer {
  const found = world.snapshot.ingressClasses.get(namespacedName('', name));
  if (found !== undefined) return byClass(ingress, found, world);
  if (!world.snapshot.complete.has('IngressClass')) return unreadable('IngressClass', name, false);
  return {
    kind: 'invalid',
    ours: false,
    code: 'ClassInvalid',
    why: `names the IngressClass "${name}", which does not exist`,
    hint: `Create the IngressClass "${name}", or correct spec.ingressClassName`,
    albc: `IngressClass.networking.k8s.io "${name}" not found`,
  };
}

function byClass(ingress: Ingress, found: IngressClass, world: World): ClassAnswer {
  if (!world.config.policy.controllers.includes(found.controller)) return { kind: 'foreign' };
  const { parameters } = found;
  if (parameters === undefined) return { kind: 'ours', params: undefined };
  const wrong = (why: string, albc: string): ClassAnswer => ({
    kind: 'invalid',
    ours: true,
    code: 'ClassInvalid',
    why: `has the IngressClass "${found.meta.name}", ${why}`,
    hint: 'Parameters of the class must name an existing IngressClassParams of elbv2.k8s.aws',
    albc,
  });
  if (parameters.apiGroup !== 'elbv2.k8s.aws') {
    return wrong(
      `whose parameters are of the group "${parameters.apiGroup}"`,
      'IngressClass group references unknown parameters',
    );
  }
  if (parameters.kind !== 'IngressClassParams') {
    return wrong(
      `whose parameters are of the kind "${parameters.kind}"`,
      'IngressClass kind references unknown parameters',
    );
  }
  const params = world.snapshot.ingressClassParams.get(namespacedName('', parameters.name));
  if (params !== undefined) return inNamespace(ingress, params, world.snapshot);
  if (!world.snapshot.complete.has('IngressClassParams')) {
    return unreadable('IngressClassParams', parameters.name, true);
  }
  return wrong(
    `whose IngressClassParams "${parameters.name}" do not exist`,
    `IngressClassParams.elbv2.k8s.aws "${parameters.name}" not found`,
  );
}

function inNamespace(ingress: Ingress, params: IngressClassParams, snapshot: Snapshot): ClassAnswer {
  const selector = params.namespaceSelector;
  if (selector === undefined) return { kind: 'ours', params };
  const found = snapshot.namespaces.get(namespacedName('', ingress.meta.namespace));
  if (found === undefined) return unreadable('Namespace', ingress.meta.namespace, true);
  if (matchesLabels(selector, found.meta.labels)) return { kind: 'ours', params };
  return {
    kind: 'invalid',
    ours: true,
    code: 'ClassInvalid',
    why: `is in the namespace "${ingress.meta.namespace}", which the namespaceSelector of IngressClassParams "${params.meta.name}" does not select`,
    hint: 'Label the namespace, or use another class',
    albc: `namespaceSelector of IngressClassParams ${params.meta.name} mismatch`,
  };
}

function unreadable(kind: string, name: string, ours: boolean): ClassAnswer {
  return {
    kind: 'invalid',
    ours,
    code: 'ClassInvalid',
    why: `depends on the ${kind} "${name}", which could not be read yet`,
    hint: `Nothing to do if the controller has just started; else it may lack permission to list ${kind}`,
    albc: `${kind} "${name}" not found`,
  };
}
