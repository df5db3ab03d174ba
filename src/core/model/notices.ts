// Nothing is ignored in silence: annotations with our prefix that have no effect are reported.

import { annotationPrefix } from '../annotations/entry.ts';
import type { ListenPort } from '../annotations/listen-ports.ts';
import { entryOf, fullKey, suggestKey } from '../annotations/table.ts';
import type { Ingress, Service } from '../domain/cluster.ts';
import { namespacedName } from '../domain/ids.ts';
import type { MemberContext, ProblemWords } from './context.ts';
import { ingressClassOf } from './host-policy.ts';
import { reportOwnAnnotations } from './own-notices.ts';
import { backendsOf } from './service-names.ts';
import { stage } from './stage.ts';

/** Warns of annotations of the Ingress, and of the Services behind it, that are unknown, not built, or out of place. */
export function reportUnusedAnnotations(context: MemberContext, ports: readonly ListenPort[]): void {
  const own = { kind: 'Ingress', name: `Ingress ${context.id}`, path: '' } as const;
  for (const key of keysOf(context.ingress)) {
    const words =
      unused(key, own) ??
      (key.startsWith('listener-attributes.') ? noListener(key, ports) : noBackend(key, context.ingress));
    if (words !== undefined) report(context, own, key, words);
  }
  reportOwnAnnotations(context, 'Ingress', context.ingress.meta);
  const found = ingressClassOf(context.ingress, context.snapshot);
  if (found !== undefined) reportOwnAnnotations(context, 'IngressClass', found.meta);
  for (const service of servicesOf(context)) {
    reportOwnAnnotations(context, 'Service', service.meta);
    const id = namespacedName(service.meta.namespace, service.meta.name);
    const holder = { kind: 'Service', name: `Service ${id}`, path: `Service ${id} ` } as const;
    for (const key of keysOf(service)) {
      const words = unused(key, holder);
      if (words !== undefined) report(context, holder, key, words);
    }
  }
}

type Holder = { readonly kind: 'Ingress' | 'Service'; readonly name: string; readonly path: string };
type Unused = Pick<ProblemWords, 'code' | 'hint'> & { readonly what: string };

function report(context: MemberContext, holder: Holder, key: string, words: Unused): void {
  const { what, ...rest } = words;
  context.report(stage.ours, {
    ...rest,
    severity: 'warning',
    path: `${holder.path}metadata.annotations[${fullKey(key)}]`,
    message: `${holder.name}: annotation ${fullKey(key)} ${what}`,
  });
}

function keysOf(object: Ingress | Service): readonly string[] {
  return Object.keys(object.meta.annotations)
    .filter((key) => key.startsWith(annotationPrefix))
    .map((key) => key.slice(annotationPrefix.length))
    .toSorted();
}

function unused(key: string, holder: Holder): Unused | undefined {
  const entry = entryOf(key);
  if (entry === undefined) {
    const meant = suggestKey(key);
    const hint =
      meant === undefined
        ? 'Take it away, or look its name up in docs/reference/annotations.md'
        : `Write ${fullKey(meant)}`;
    return { code: 'AnnotationUnknown', what: 'is unknown and has no effect', hint };
  }
  if (!entry.on.includes(holder.kind)) {
    return {
      code: 'AnnotationUnknown',
      what: `has no effect on a ${holder.kind}`,
      hint: `Write it on the ${entry.on.join(' or the ')}`,
    };
  }
  return undefined;
}

/** `actions.NAME` and its like hold for the backends of that name; an action only where the port says `use-annotation`. */
function noBackend(key: string, ingress: Ingress): Unused | undefined {
  const match = /^(actions|conditions|transforms)\.(.+)$/.exec(key);
  if (match === null) return undefined;
  const [, family, name] = match;
  const named = backendsOf(ingress).filter((backend) => backend.kind === 'service' && backend.name === name);
  if (family !== 'actions') {
    if (named.length > 0) return undefined;
    const hint = `Name a backend of this Ingress ${name}, or take the annotation away`;
    return {
      code: 'AnnotationInvalid',
      what: `has no effect: no backend of this Ingress is called ${name}`,
      hint,
    };
  }
  const isUsed = named.some(({ port }) => port?.kind === 'name' && port.name === 'use-annotation');
  if (isUsed) return undefined;
  const hint = `Write service.name: ${name} with service.port.name: use-annotation where the action is wanted`;
  return { code: 'AnnotationInvalid', what: 'has no effect: no backend of this Ingress uses it', hint };
}

function noListener(key: string, ports: readonly ListenPort[]): Unused | undefined {
  const listeners = ports.map(({ port, protocol }) => `${protocol}-${port}`);
  if (listeners.includes(key.slice('listener-attributes.'.length))) return undefined;
  return {
    code: 'AnnotationInvalid',
    what: `names no listener of this Ingress and has no effect; it has ${listeners.join(', ')}`,
    hint: `For example ${fullKey(`listener-attributes.${listeners[0] ?? 'HTTP-80'}`)}`,
  };
}

/** Services that backends name directly, in order of name. */
function servicesOf({ ingress, snapshot }: MemberContext): readonly Service[] {
  const names = new Set(backendsOf(ingress).map((backend) => backend.name));
  return [...names].toSorted().flatMap((name) => {
    const service = snapshot.services.get(namespacedName(ingress.meta.namespace, name));
    return service === undefined ? [] : [service];
  });
}
