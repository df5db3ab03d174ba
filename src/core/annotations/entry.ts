export const annotationPrefix = 'alb.ingress.kubernetes.io/';
/** Of annotations that ALBC does not have. */
export const ownPrefix = 'albatross.dev/';

/** How the values of several members become one. */
export type Merge =
  /** At most one distinct value in the group; members that do not set it agree with everybody. */
  | 'one value in the group'
  /** The same, among members that share a listen port. */
  | 'one value per port'
  /** United; the same key with two values is a conflict. */
  | 'merged'
  /** Concerns only the Ingress or Service that carries it. */
  | 'own';

export type AnnotationEntry = {
  readonly prefix: typeof annotationPrefix | typeof ownPrefix;
  /** Without the prefix. A part in `<…>` stands for a name: the entry is a family. */
  readonly key: string;
  readonly on: readonly ('Ingress' | 'Service' | 'IngressClass' | 'Node' | 'Pod')[];
  readonly merge: Merge;
  /** What is allowed, as it stands in messages. */
  readonly allowed: string;
  /** What holds without the annotation. */
  readonly byDefault: string;
  readonly doc: string;
  readonly example: string;
  /** `written`: an output of the controller. */
  readonly status: 'built' | 'written';
  /** The IngressClassParams field that overrides it. */
  readonly params?: string;
  /** The only values, where there are few; others are warned of, and mean the default. */
  readonly words?: readonly string[];
};

export type AnnotationSection = { readonly title: string; readonly entries: readonly AnnotationEntry[] };

type Shared = Pick<AnnotationEntry, 'on' | 'merge' | 'status'>;
type Own = Omit<AnnotationEntry, 'prefix' | 'key' | keyof Shared> & Partial<Shared>;

/** A section whose entries share some fields; `own` of an entry wins. */
export function section(
  title: string,
  shared: Shared,
  entries: Readonly<Record<string, Own>>,
  prefix: AnnotationEntry['prefix'] = annotationPrefix,
): AnnotationSection {
  return {
    title,
    entries: Object.entries(entries).map(([key, own]) => ({ prefix, key, ...shared, ...own })),
  };
}
