import { nearest } from '../../lib/nearest.ts';
import { type DriftMode, type DriftModes, driftModes, driftNames } from './drift.ts';

/** On an Ingress for its group, or on an IngressClass for the groups of its Ingresses. */
export const driftAnnotation = 'albatross.dev/drift';

export type ParsedModes =
  | { readonly ok: true; readonly value: DriftModes }
  /** Continues "“…” ". */
  | { readonly ok: false; readonly why: string };

/**
 * `repair`, `report`, `ignore`, or one of them with exceptions by field: `report; tags=ignore, listener.sslPolicy=repair`.
 * Exceptions alone are exceptions from repair.
 */
export function parseDriftModes(text: string): ParsedModes {
  const words = text
    .split(/[;,\s]+/)
    .map((word) => word.trim())
    .filter((word) => word !== '');
  let otherwise: DriftMode | undefined;
  const fields: Record<string, DriftMode> = {};
  for (const word of words) {
    const [name = '', ...rest] = word.split('=');
    const mode = modeIn(rest.length === 0 ? name : rest.join('='));
    if (mode === undefined) return wrong(`holds “${word}”, where ${driftModes.join(', ')} are allowed`);
    if (rest.length === 0) {
      if (otherwise !== undefined) return wrong(`names two modes for all fields, ${otherwise} and ${mode}`);
      otherwise = mode;
    } else if (driftNames.includes(name)) fields[name] = mode;
    else
      return wrong(`names “${name}”, which is no field${meant(name)}; fields are ${driftNames.join(', ')}`);
  }
  if (words.length === 0) return wrong(`is empty, where ${driftModes.join(', ')} are allowed`);
  return { ok: true, value: { otherwise: otherwise ?? 'repair', fields } };
}

const wrong = (why: string): ParsedModes => ({ ok: false, why });

const modeIn = (text: string): DriftMode | undefined => driftModes.find((mode) => mode === text);

function meant(name: string): string {
  const found = nearest(name, driftNames);
  return found === undefined ? '' : ` (did you mean ${found}?)`;
}
