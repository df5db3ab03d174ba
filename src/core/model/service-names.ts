import { parseAction } from '../annotations/actions.ts';
import { fullKey } from '../annotations/table.ts';
import type { Ingress, IngressBackend, Service } from '../domain/cluster.ts';

/** Whether an Ingress sends to a Service, by a backend or by one of its forward actions. */
export function namesService(ingress: Ingress, service: Service): boolean {
  if (ingress.meta.namespace !== service.meta.namespace) return false;
  const { name } = service.meta;
  return backendsOf(ingress).some((backend) => backend.name === name) || inActions(ingress, name);
}

/** The Services that an Ingress sends to, by a backend or by one of its forward actions; names of actions are among them. */
export function serviceNames(ingress: Ingress): ReadonlySet<string> {
  const forwards = Object.entries(ingress.meta.annotations).flatMap(([key, text]) =>
    key.startsWith(fullKey('actions.')) ? forwardedTo(text) : [],
  );
  return new Set([...backendsOf(ingress).map(({ name }) => name), ...forwards]);
}

/** Every Service backend of an Ingress, the default one first; those that stand for actions too. */
export function backendsOf(ingress: Ingress): readonly Extract<IngressBackend, { kind: 'service' }>[] {
  const all = [
    ingress.defaultBackend,
    ...ingress.rules.flatMap((rule) => (rule.paths ?? []).map((path) => path.backend)),
  ];
  return all.flatMap((backend) => (backend?.kind === 'service' ? [backend] : []));
}

function inActions(ingress: Ingress, name: string): boolean {
  const start = fullKey('actions.');
  return Object.entries(ingress.meta.annotations).some(([key, text]) => {
    // Most changes concern Services that no action names: a look at the text spares the parsing.
    if (!key.startsWith(start) || !text.includes(name)) return false;
    return forwardedTo(text).includes(name);
  });
}

function forwardedTo(text: string): readonly string[] {
  const action = parseAction(text);
  if (!action.ok || action.value.kind !== 'forward') return [];
  return action.value.targets.flatMap(({ to }) => (to.kind === 'service' ? [to.name] : []));
}
