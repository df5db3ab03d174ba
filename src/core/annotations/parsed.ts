/** What a parser makes of an annotation's text: a value, or what is wrong with it in our words and in ALBC's. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false;
      /** Continues "…is "15s", ": `which is not a whole number`. */
      readonly why: string;
      /** ALBC's name of the kind of value (`int32`) and Go's error after it where ALBC prints one, or all of ALBC's words. */
      readonly albc: { readonly kind: string; readonly tail?: string } | { readonly words: string };
    };

export type Parser<T> = (text: string) => Parsed<T>;

/** What a parser gives back for a text that it takes. */
export function parsed<T>(value: T): Parsed<T> {
  return { ok: true, value };
}

/** Refuses a value that was readable; `words` are ALBC's, without its `ingress: …` in front. */
export function refusedAs(words: string, why: string): Parsed<never> {
  return { ok: false, why, albc: { words } };
}

export function refused(kind: string, why: string, tail?: string): Parsed<never> {
  return { ok: false, why, albc: tail === undefined ? { kind } : { kind, tail } };
}
