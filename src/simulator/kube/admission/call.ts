import { request } from 'node:https';
import type { Json, JsonObject } from '../json.ts';
import { at, textOf } from '../json.ts';
import type { RegisteredWebhook } from './registered.ts';

/** Where a Service is reached from here, as the start of a URL: `https://localhost:9443`. */
export type ServiceAddress = (service: {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
}) => string | undefined;

const answerLimit = 3 * 1024 * 1024;

/** Sends a review and returns the parsed answer. Rejects with the clause that the API server puts into its error. */
export async function callWebhook(
  webhook: RegisteredWebhook,
  review: JsonObject,
  addressOf: ServiceAddress | undefined,
): Promise<Json> {
  const url = urlOf(webhook.clientConfig, addressOf);
  url.searchParams.set('timeout', `${webhook.timeoutMs / 1000}s`);
  const ca = Buffer.from(textOf(at(webhook.clientConfig, 'caBundle')), 'base64').toString('utf8');
  const { status, body } = await post(url, JSON.stringify(review), {
    ...(ca === '' ? {} : { ca }),
    timeoutMs: webhook.timeoutMs,
  }).catch((error: unknown) => {
    throw new Error(`failed to call webhook: Post "${url.href}": ${messageOf(error)}`);
  });
  if (status !== 200)
    throw new Error(`failed to call webhook: the server answered ${status}: ${body.trim()}`);
  try {
    return JSON.parse(body) as Json;
  } catch (error) {
    throw new Error(`failed to call webhook: the answer is not JSON: ${messageOf(error)}`);
  }
}

function urlOf(clientConfig: Json | undefined, addressOf: ServiceAddress | undefined): URL {
  const given = textOf(at(clientConfig, 'url'));
  if (given !== '') return new URL(given);
  const service = at(clientConfig, 'service');
  const namespace = textOf(at(service, 'namespace'));
  const name = textOf(at(service, 'name'));
  const start = addressOf?.({ namespace, name, port: Number(at(service, 'port') ?? 443) });
  if (start === undefined) throw new Error(`failed to call webhook: service "${name}" not found`);
  return new URL(textOf(at(service, 'path')) || '/', start);
}

async function post(
  url: URL,
  body: string,
  { ca, timeoutMs }: { readonly ca?: string; readonly timeoutMs: number },
): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      {
        method: 'POST',
        agent: false,
        signal: AbortSignal.timeout(timeoutMs),
        headers: { 'content-type': 'application/json' },
        ...(ca === undefined ? {} : { ca }),
      },
      (response) => {
        const chunks: Buffer[] = [];
        let length = 0;
        response.on('data', (chunk: Buffer) => {
          length += chunk.length;
          chunks.push(chunk);
          if (length > answerLimit) sent.destroy(new Error('the answer is too long'));
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
        );
        response.on('error', reject);
      },
    );
    sent.on('error', (error) =>
      reject(error.name === 'TimeoutError' ? new Error('context deadline exceeded') : error),
    );
    sent.end(body);
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
