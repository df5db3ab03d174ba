import { SimulatedError } from '../errors.ts';
import type { Service } from '../operation.ts';
import { scalar } from './query.ts';
import type { Shape } from './shape.ts';

export type RestRequest = { readonly method: string; readonly path: string; readonly body: string };

/** Finds the operation of a REST call by method and path, and reads its input from path, query and XML body. */
export function parseRest(
  { method, path, body }: RestRequest,
  service: Service,
): { readonly operation: string; readonly params: Record<string, unknown> } {
  const { pathname, searchParams } = new URL(path, 'http://localhost');
  for (const [operation, { shape }] of Object.entries(service.operations)) {
    if (shape?.http === undefined || shape.http[0] !== method) continue;
    const labels = labelsOf(shape.http[1], pathname);
    if (labels === undefined || shape.input.kind !== 'structure') continue;
    const query = shape.input.members.flatMap(({ name, traits, shape: of }): [string, unknown][] => {
      const text = traits.httpQuery === undefined ? null : searchParams.get(traits.httpQuery);
      return text === null ? [] : [[name, read({ text, children: [] }, of())]];
    });
    const content = body === '' ? {} : (read(parseXml(body), shape.input) as Record<string, unknown>);
    return { operation, params: { ...content, ...Object.fromEntries(query), ...labels } };
  }
  throw new SimulatedError(
    'InvalidAction',
    `${method} ${pathname} is not simulated for ${service.name}`,
    404,
  );
}

function labelsOf(template: string, path: string): Record<string, string> | undefined {
  const wanted = template.split('/');
  const given = path.replace(/\/$/, '').split('/');
  if (wanted.length !== given.length) return undefined;
  const labels: Record<string, string> = {};
  for (const [i, part] of wanted.entries()) {
    const label = /^\{(\w+)\}$/.exec(part)?.[1];
    if (label !== undefined) labels[label] = decodeURIComponent(given[i] ?? '');
    else if (part !== given[i]) return undefined;
  }
  return labels;
}

type Element = {
  readonly text: string;
  readonly children: readonly { readonly name: string; readonly element: Element }[];
};

function read({ text, children }: Element, shape: Shape): unknown {
  switch (shape.kind) {
    case 'scalar':
      return scalar(text, shape.type);
    case 'list':
      return children.map(({ element }) => read(element, shape.item.shape()));
    case 'map':
      throw new SimulatedError('InvalidInput', 'maps are not read from XML');
    case 'structure':
      return Object.fromEntries(
        shape.members.flatMap((member) => {
          const found = children.find(({ name }) => name === (member.traits.xmlName ?? member.name));
          return found === undefined ? [] : [[member.name, read(found.element, member.shape())]];
        }),
      );
  }
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** The root element of a document as clients send it: no comments, no CDATA. */
function parseXml(body: string): Element {
  const tokens = body.replace(/<\?.*?\?>/s, '').match(/<[^>]+>|[^<]+/g) ?? [];
  let next = 0;
  const content = (): Element => {
    let text = '';
    const children: { name: string; element: Element }[] = [];
    for (let token = tokens[next++]; token !== undefined && !token.startsWith('</'); token = tokens[next++]) {
      if (!token.startsWith('<')) text += token;
      else {
        const name = /^<([^\s/>]+)/.exec(token)?.[1] ?? '';
        children.push({ name, element: token.endsWith('/>') ? { text: '', children: [] } : content() });
      }
    }
    const decoded = text.replace(/&(#x?[0-9a-f]+|\w+);/gi, (_whole, code: string) =>
      code.startsWith('#')
        ? String.fromCodePoint(Number(code.replace('#x', '0x').replace('#', '')))
        : (entities[code] ?? ''),
    );
    return { text: decoded, children };
  };
  const root = content().children[0];
  if (root === undefined) throw new SimulatedError('InvalidInput', 'The body is not XML');
  return root.element;
}
