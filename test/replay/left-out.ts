import { type Json, type JsonObject, present } from './json.ts';

type Step = Readonly<Record<string, Json>>;
type Binding = { readonly labels: JsonObject | null };

/**
 * A recorded step without the TargetGroupBindings that ALBC makes for Ingresses, their ConfigMaps and their events: they are
 * how ALBC works inside, and we register targets directly. Bindings that users wrote stay.
 */
export function withoutBindings(step: Step): Step {
  const kubernetes = (step['kubernetes'] ?? {}) as JsonObject;
  const bindings = (kubernetes['targetGroupBindings'] ?? {}) as Readonly<Record<string, Json>>;
  const configMaps = (kubernetes['configMaps'] ?? {}) as JsonObject;
  const kept = Object.entries(bindings).filter(([, binding]) => !isOfIngress(binding as Binding));
  const events = (step['events'] ?? []) as readonly { readonly object: string }[];
  return {
    ...step,
    kubernetes: present({
      ...kubernetes,
      targetGroupBindings: Object.fromEntries(kept),
      configMaps: Object.fromEntries(Object.entries(configMaps).filter(([name]) => !isOfBinding(name))),
    }),
    events: events.filter(({ object }) => !madeByAlbc.test(object)),
  };
}

const isOfIngress = ({ labels }: Binding): boolean =>
  Object.keys(labels ?? {}).some((label) => label.startsWith('ingress.k8s.aws/stack'));

/** ALBC's bindings have the name of their target group. */
const madeByAlbc = /^TargetGroupBinding [^/]+\/k8s-/;
const isOfBinding = (configMap: string): boolean => /\/aws-lbc-targets-k8s-/.test(configMap);
