import { int32, jsonOf, jsonRefused, list, mapOf } from './decode.ts';
import { type Parsed, parsed, refusedAs } from './parsed.ts';

export type ListenPort = { readonly port: number; readonly protocol: 'HTTP' | 'HTTPS' };

const parse = jsonOf(list(mapOf(int32)));

/**
 * `[{"HTTP": 80, "HTTPS": 443}]`: ports in written order, a repeated one with its last protocol (albc-behaviour §1.4).
 * Stops at the first fault, as ALBC does.
 */
export function parseListenPorts(text: string): Parsed<readonly ListenPort[]> {
  const result = parse(text);
  if (!result.ok) return jsonRefused(result, `failed to parse listen-ports configuration: \`${text}\``);
  if (result.value.length === 0) {
    return refusedAs(`empty listen-ports configuration: \`${text}\``, 'which names no port');
  }
  const ports = new Map<number, ListenPort>();
  for (const element of result.value) {
    for (const [protocol, port] of new Map(element)) {
      const checked = listenPort(protocol, port);
      if (!checked.ok) return checked;
      ports.set(port, checked.value);
    }
  }
  return parsed([...ports.values()]);
}

function listenPort(protocol: string, port: number): Parsed<ListenPort> {
  const wrong = portRefused(port);
  if (wrong !== undefined) return wrong;
  if (protocol === 'HTTP' || protocol === 'HTTPS') return parsed({ port, protocol });
  return refusedAs(
    `listen protocol must be within [HTTP, HTTPS]: ${protocol}`,
    `where "${protocol}" is neither HTTP nor HTTPS`,
  );
}

/** What is wrong with a port that a listener should have. */
export function portRefused(port: number): Parsed<never> | undefined {
  if (port >= 1 && port <= 65535) return undefined;
  return refusedAs(
    `listen port must be within [1, 65535]: ${port}`,
    `where the port ${port} is not within 1 and 65535`,
  );
}
