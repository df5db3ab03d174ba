import type { Json, JsonObject } from '../json.ts';
import type { KubeObject } from '../object.ts';
import type { Resource } from '../resource.ts';
import { columnsOf } from './columns.ts';

/** Objects as a meta.k8s.io/v1 Table. `attached`: what comes with each row (kubectl needs at least the metadata). */
export function renderTable(
  resource: Resource,
  objects: readonly KubeObject[],
  options: {
    readonly metadata: JsonObject;
    readonly attached: (object: KubeObject) => Json;
    readonly now: number;
  },
): JsonObject {
  const columns = columnsOf(resource);
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: options.metadata,
    columnDefinitions: columns.map((column) => ({
      name: column.name,
      type: 'string',
      format: column.name === 'Name' ? 'name' : '',
      description: '',
      priority: column.wide ? 1 : 0,
    })),
    rows: objects.map((object) => ({
      cells: columns.map((column) => column.cell(object, options.now)),
      object: options.attached(object),
    })),
  };
}
