import type { Member, Shape } from './shape.ts';

/** Renders a value by its output shape as the inner XML of an answer; absent fields are left out. */
export function renderXml(value: unknown, shape: Shape): string {
  if (value === undefined || value === null) return '';
  switch (shape.kind) {
    case 'scalar':
      return escape(text(value));
    case 'list': {
      const name = shape.item.traits.xmlName ?? 'member';
      return (value as readonly unknown[])
        .map((item) => element(name, renderXml(item, shape.item.shape())))
        .join('');
    }
    case 'map':
      return Object.entries(value)
        .map(([key, item]) =>
          element(
            'entry',
            element('key', escape(key)) + element('value', renderXml(item, shape.value.shape())),
          ),
        )
        .join('');
    case 'structure':
      return shape.members
        .map((member) => renderMember(member, (value as Record<string, unknown>)[member.name]))
        .join('');
  }
}

/** One element with its (already escaped) content. */
export const element = (name: string, content: string): string => `<${name}>${content}</${name}>`;

export function escape(value: string): string {
  return value.replace(/[<>&"'\r\n]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function renderMember(member: Member, value: unknown): string {
  if (value === undefined || value === null || member.traits.httpHeader !== undefined) return '';
  return element(member.traits.xmlName ?? member.name, renderXml(value, member.shape()));
}

function text(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return String(value);
}
