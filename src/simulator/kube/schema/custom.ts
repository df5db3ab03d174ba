import { topLevel } from './meta.ts';
import * as s from './schema.ts';

export const customResourceDefinition = topLevel('v1.CustomResourceDefinition', {
  spec: s.openObject('v1.CustomResourceDefinitionSpec', {
    group: s.string,
    names: s.openObject('v1.CustomResourceDefinitionNames', {
      plural: s.string,
      singular: s.string,
      kind: s.string,
      listKind: s.string,
      shortNames: s.atomicList(s.string),
      categories: s.atomicList(s.string),
    }),
    scope: s.string,
    versions: s.atomicList(
      s.openObject('v1.CustomResourceDefinitionVersion', {
        name: s.string,
        served: s.boolean,
        storage: s.boolean,
      }),
    ),
  }),
  status: s.openObject('v1.CustomResourceDefinitionStatus', {}),
});

/** A custom kind: its spec and status are kept as they come; the controller's own decoders judge them. */
export const customObject = s.openObject('v1.CustomResource', topLevel('', {}).fields);
