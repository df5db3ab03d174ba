import type { Shape } from './shape.ts';

/** Parses a JSON 1.0/1.1 body by shape: numbers become dates and base64 becomes bytes where the shape says so. */
export function parseJson(body: string, shape: Shape | undefined): Record<string, unknown> {
  const value: unknown = body === '' ? {} : JSON.parse(body);
  if (typeof value !== 'object' || value === null) throw new SyntaxError('the body is not a JSON object');
  return (shape === undefined ? value : convert(value, shape, fromWire)) as Record<string, unknown>;
}

/** Renders an answer as JSON: timestamps are seconds since the epoch, bytes are base64. */
export function renderJson(value: unknown, shape: Shape | undefined): string {
  return JSON.stringify(shape === undefined ? value : convert(value, shape, toWire));
}

type Convert = (value: unknown, type: string) => unknown;

const fromWire: Convert = (value, type) => {
  if (type === 'timestamp') return new Date(Number(value) * 1000);
  return type === 'blob' ? Buffer.from(String(value), 'base64') : value;
};

const toWire: Convert = (value, type) => {
  if (type === 'timestamp' && value instanceof Date) return value.getTime() / 1000;
  return type === 'blob' && value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value;
};

function convert(value: unknown, shape: Shape, leaf: Convert): unknown {
  if (value === undefined || value === null) return undefined;
  switch (shape.kind) {
    case 'scalar':
      return leaf(value, shape.type);
    case 'list':
      return (value as readonly unknown[]).map((item) => convert(item, shape.item.shape(), leaf));
    case 'map':
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [key, convert(item, shape.value.shape(), leaf)]),
      );
    case 'structure': {
      const source = value as Record<string, unknown>;
      const present = shape.members.filter((member) => source[member.name] !== undefined);
      return Object.fromEntries(
        present.map((member) => [member.name, convert(source[member.name], member.shape(), leaf)]),
      );
    }
  }
}
