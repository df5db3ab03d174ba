import type { Meta } from '../../core/domain/cluster.ts';
import type { Field } from './field.ts';
import { intern } from './intern.ts';

/** What of the metadata a kind keeps: everything else is memory that nobody reads. */
export type MetaOptions = {
  readonly scope: 'namespaced' | 'cluster';
  readonly keepAnnotation?: (key: string) => boolean;
  readonly keepLabel?: (key: string) => boolean;
};

/** kubectl's copy of the whole manifest; as large as the object itself. */
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * The metadata of an object. An API server fills in everything; a manifest file may lack the namespace (`default`, as
 * kubectl has it) and what only a server assigns ('' and 0).
 */
export function decodeMeta(field: Field, options: MetaOptions): Meta {
  const keepAnnotation = options.keepAnnotation ?? ((key: string): boolean => key !== lastApplied);
  const deletionTimestamp = field.at('deletionTimestamp').optionalText();
  return {
    namespace: options.scope === 'cluster' ? '' : intern(field.at('namespace').textOr('') || 'default'),
    name: field.at('name').textOr('') || field.at('name').fail('a name'),
    uid: field.at('uid').textOr(''),
    resourceVersion: field.at('resourceVersion').textOr(''),
    generation: field.at('generation').optionalInteger() ?? 0,
    annotations: field.at('annotations').texts(keepAnnotation),
    labels: field.at('labels').texts(options.keepLabel),
    finalizers: field.at('finalizers').list((item) => intern(item.text())),
    ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    creationTimestamp: field.at('creationTimestamp').textOr(''),
  };
}
