import type { Member, Shape } from './shape.ts';

/** How the two form-encoded protocols differ: EC2 flattens lists and capitalises member names. */
export type QueryDialect = 'query' | 'ec2';

type Branch = { value?: string; readonly children: Map<string, Branch> };

/** Turns a form body into the value an operation's input shape describes. Fields the shape does not know are ignored. */
export function parseQuery(body: string, shape: Shape, dialect: QueryDialect): Record<string, unknown> {
  const root: Branch = { children: new Map() };
  for (const [key, value] of new URLSearchParams(body)) place(root, key.split('.'), value);
  return read(root, shape, dialect) as Record<string, unknown>;
}

function place(root: Branch, path: readonly string[], value: string): void {
  let branch = root;
  for (const part of path) {
    const next: Branch = branch.children.get(part) ?? { children: new Map() };
    branch.children.set(part, next);
    branch = next;
  }
  branch.value = value;
}

function read(branch: Branch, shape: Shape, dialect: QueryDialect): unknown {
  switch (shape.kind) {
    case 'scalar':
      return scalar(branch.value ?? '', shape.type);
    case 'list':
      return entries(branch, shape.item, dialect).map((entry) => read(entry, shape.item.shape(), dialect));
    case 'map':
      return readMap(branch, shape.value, dialect);
    case 'structure': {
      const result: Record<string, unknown> = {};
      for (const member of shape.members) {
        const child = branch.children.get(fieldName(member, dialect));
        if (child !== undefined) result[member.name] = read(child, member.shape(), dialect);
      }
      return result;
    }
  }
}

/** An empty list is sent as `Name=` by the Query protocol; it comes out as []. */
function entries(branch: Branch, item: Member, dialect: QueryDialect): readonly Branch[] {
  const holder = dialect === 'ec2' ? branch : branch.children.get(item.traits.xmlName ?? 'member');
  const numbered = [...(holder?.children ?? [])].filter(([key]) => /^\d+$/.test(key));
  return numbered.sort(([a], [b]) => Number(a) - Number(b)).map(([, entry]) => entry);
}

function readMap(branch: Branch, value: Member, dialect: QueryDialect): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const entry of branch.children.get('entry')?.children.values() ?? []) {
    const child = entry.children.get('value');
    if (child !== undefined)
      result[entry.children.get('key')?.value ?? ''] = read(child, value.shape(), dialect);
  }
  return result;
}

function fieldName(member: Member, dialect: QueryDialect): string {
  const { ec2QueryName, xmlName } = member.traits;
  if (dialect === 'query') return xmlName ?? member.name;
  const name = ec2QueryName ?? xmlName ?? member.name;
  return name.charAt(0).toUpperCase() + name.slice(1);
}

export function scalar(text: string, type: string): unknown {
  switch (type) {
    case 'number':
      return Number(text);
    case 'boolean':
      return text === 'true';
    case 'timestamp':
      return new Date(text);
    case 'blob':
      return Buffer.from(text, 'base64');
    default:
      return text;
  }
}
