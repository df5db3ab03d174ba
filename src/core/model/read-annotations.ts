// Reads annotations of a member and turns what cannot be read into problems that name key, value and allowed form.

import type { Parsed, Parser } from '../annotations/parsed.ts';
import { entryOf, fullKey } from '../annotations/table.ts';
import type { Service } from '../domain/cluster.ts';
import { namespacedName } from '../domain/ids.ts';
import type { Problem } from '../domain/problem.ts';
import type { MemberContext } from './context.ts';

type Holder = {
  readonly name: string;
  readonly path: string;
  readonly annotations: Readonly<Record<string, string>>;
};

export type AnnotationReader = {
  /** The text of an annotation, from the Service if it has it, else from the Ingress. */
  readonly text: (key: string) => string | undefined;
  /** The parsed value; undefined when the annotation is absent or was refused. */
  readonly value: <T>(key: string, parse: Parser<T>) => T | undefined;
  /** Reports that a value is not acceptable. `why` continues "…is "x", "; `albc` are ALBC's words without its prefix. */
  readonly refuse: (key: string, why: string, albc?: string) => void;
};

export type ReaderOptions = {
  readonly stage: number;
  /** Whether ALBC puts `ingress: namespace/name: ` in front. */
  readonly albcPrefix: boolean;
  /** Its annotations go before those of the Ingress. */
  readonly service?: Service;
};

/** A reader that reports to the member. The same annotation refused twice is one problem. */
export function annotationReader(context: MemberContext, options: ReaderOptions): AnnotationReader {
  const holders = holdersOf(context, options.service);
  const find = (key: string): { holder: Holder; text: string } | undefined => {
    for (const holder of holders) {
      const text = holder.annotations[fullKey(key)];
      if (text !== undefined) return { holder, text };
    }
    return undefined;
  };
  const refuse = (key: string, why: string, albc?: string): void => {
    const found = find(key);
    if (found === undefined) return;
    context.report(options.stage, {
      code: 'AnnotationInvalid',
      path: `${found.holder.path}metadata.annotations[${fullKey(key)}]`,
      ...describe(found.holder.name, key, `is ${quoted(found.text)}, ${why}`),
      ...(albc === undefined
        ? {}
        : { albcMessage: `${options.albcPrefix ? `ingress: ${context.id}: ` : ''}${albc}` }),
    });
  };
  return {
    text: (key) => find(key)?.text,
    refuse,
    value: (key, parse) => {
      const found = find(key);
      if (found === undefined) return undefined;
      const result = parse(found.text);
      if (result.ok) return result.value;
      refuse(key, result.why, albcWords(key, found.text, result));
      return undefined;
    },
  };
}

/** ALBC's words about a value that its parser refused. */
export function albcWords(
  key: string,
  text: string,
  result: Extract<Parsed<unknown>, { ok: false }>,
): string {
  if ('words' in result.albc) return result.albc.words;
  const { kind, tail } = result.albc;
  return `failed to parse ${kind} annotation, ${fullKey(key)}: ${text}${tail === undefined ? '' : `: ${tail}`}`;
}

function holdersOf(context: MemberContext, service: Service | undefined): readonly Holder[] {
  const { ingress } = context;
  const own: Holder = { name: `Ingress ${context.id}`, path: '', annotations: ingress.meta.annotations };
  if (service === undefined) return [own];
  const id = namespacedName(service.meta.namespace, service.meta.name);
  return [{ name: `Service ${id}`, path: `Service ${id} `, annotations: service.meta.annotations }, own];
}

/** Message and hint about one annotation, with the allowed form and an example from the table. */
function describe(holder: string, key: string, what: string): Pick<Problem, 'message' | 'hint'> {
  const entry = entryOf(key);
  const message = `${holder}: annotation ${fullKey(key)} ${what}`;
  if (entry === undefined) return { message };
  return {
    message: `${message}; allowed: ${entry.allowed}`,
    hint: `For example ${fullKey(key)}: '${entry.example}'`,
  };
}

/** The value in quotes, cut where it is long. */
export function quoted(text: string): string {
  return text.length > 120 ? `"${text.slice(0, 120)}…"` : `"${text}"`;
}

/** Turns a word into the union it must be of, or refuses it. */
export function oneOf<T extends string>(
  reader: AnnotationReader,
  key: string,
  allowed: readonly T[],
  albc: (text: string) => string,
): T | undefined {
  const text = reader.text(key);
  if (text === undefined) return undefined;
  const word = allowed.find((candidate) => candidate === text);
  if (word === undefined) reader.refuse(key, 'which is none of the allowed words', albc(text));
  return word;
}
