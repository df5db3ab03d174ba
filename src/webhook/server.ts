// The HTTPS server of the admission webhooks. Every replica runs it, not only the leader.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import {
  type AdmissionRequest,
  type Denied,
  parseReview,
  renderReview,
  ReviewError,
  type Verdict,
} from './admission.ts';
import { type CertificateFiles, readCertificate, sameCertificate } from './certificate.ts';

export type Webhook = {
  readonly kind: 'validating' | 'mutating';
  /** Judges one write. A rejection is answered with HTTP 500, and the failurePolicy decides. */
  readonly judge: (request: AdmissionRequest, options: { readonly signal: AbortSignal }) => Promise<Verdict>;
};

export type WebhookServerOptions = {
  readonly port: number;
  readonly files: CertificateFiles;
  /** By path. */
  readonly webhooks: Readonly<Record<string, Webhook>>;
  /** Whether refusals end with the next step, after ALBC's words. */
  readonly withHints: boolean;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly signal: AbortSignal;
};

export type WebhookServer = {
  /** The port in use, for one that asked for 0; undefined while there is no certificate. */
  readonly port: () => number | undefined;
  /** Undefined: it serves. Otherwise one clause that says what is missing. */
  readonly unready: () => string | undefined;
  readonly close: () => Promise<void>;
};

/** A review holds the old and the new object, each of at most 3 MB in JSON: the limit of Kubernetes' own libraries. */
const bodyLimit = 7 * 1024 * 1024;
/** API servers give up after 10 s by default, and after 30 s at most. */
const requestTimeoutMs = 10_000;
const rereadMs = 10_000;

/**
 * Serves the webhooks, and goes on reading the certificate. Without a usable certificate it waits for one and is not
 * ready; a replacement that is unusable is reported and the old one stays. Rejects when the port cannot be bound.
 */
export async function serveWebhooks(options: WebhookServerOptions): Promise<WebhookServer> {
  const stopping = new AbortController();
  const signal = AbortSignal.any([options.signal, stopping.signal]);
  let waiting: string | undefined = `the certificate of the webhooks in ${options.files.certificate}`;
  let server: Server | undefined;
  const start = async (): Promise<void> => {
    const read = await readCertificate(options.files);
    if (read.kind === 'unusable') {
      options.log.warn({ problem: read.why }, 'The certificate of the webhooks cannot be used yet');
      waiting = `the certificate of the webhooks: ${read.why}`;
      return;
    }
    let current = read.certificate;
    const started = createServer(
      {
        ...current,
        minVersion: 'TLSv1.2',
        requestTimeout: requestTimeoutMs,
        ...(options.files.clientAuthority !== undefined && { requestCert: true, rejectUnauthorized: true }),
      },
      (request, response) => void answer(request, response, { ...options, signal }),
    );
    await listen(started, options.port);
    server = started;
    waiting = undefined;
    reread = async () => {
      const next = await readCertificate(options.files);
      if (next.kind === 'unusable') {
        options.log.warn({ problem: next.why }, 'The new certificate of the webhooks cannot be used');
      } else if (!sameCertificate(current, next.certificate)) {
        current = next.certificate;
        started.setSecureContext(current);
        options.log.info({}, 'The webhooks have a new certificate');
      }
    };
  };
  let reread = start;
  await start();
  const rereading = repeat(() => reread(), { clock: options.clock, signal, log: options.log });
  return {
    port: () => portOf(server),
    unready: () => waiting,
    close: async () => {
      stopping.abort();
      await rereading;
      await close(server);
    },
  };
}

async function repeat(
  work: () => Promise<void>,
  { clock, signal, log }: Pick<WebhookServerOptions, 'clock' | 'log' | 'signal'>,
): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(rereadMs, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    await work().catch((error: unknown) =>
      log.error({ problem: messageOf(error) }, 'The webhooks cannot be served'),
    );
  }
}

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, resolve);
  });
}

function portOf(server: Server | undefined): number | undefined {
  const address = server?.address();
  return typeof address === 'object' && address !== null ? address.port : undefined;
}

async function close(server: Server | undefined): Promise<void> {
  if (server === undefined) return;
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}

/** Whatever cannot be read or judged is an HTTP error: then the failurePolicy decides, and ours is Ignore. */
async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: WebhookServerOptions,
): Promise<void> {
  const [path = ''] = (request.url ?? '').split('?');
  try {
    const webhook = Object.hasOwn(options.webhooks, path) ? options.webhooks[path] : undefined;
    if (webhook === undefined) return send(response, 404, `no webhook is served at ${path}`);
    if (request.method !== 'POST') return send(response, 405, `${request.method} is not POST`);
    const body = await readBody(request);
    if (body === undefined) return send(response, 413, `the body is longer than ${bodyLimit} bytes`);
    const asked = parseReview(body);
    const verdict = await webhook.judge(asked, options);
    if (!verdict.allowed) note(path, webhook, asked, { ...options, verdict });
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(renderReview(asked.uid, verdict, options.withHints));
  } catch (error) {
    if (error instanceof ReviewError) return send(response, 400, error.message);
    options.log.error({ problem: messageOf(error), subject: path }, 'A webhook failed');
    send(response, 500, messageOf(error));
  }
}

/** Undefined when it is too long; what is left of it is not read. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  if (Number(request.headers['content-length'] ?? 0) > bodyLimit) return undefined;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk as Uint8Array);
    length += bytes.length;
    if (length > bodyLimit) return undefined;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function send(response: ServerResponse, status: number, text: string): void {
  if (response.headersSent || response.destroyed) return;
  response
    .writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' })
    .end(`${text}\n`);
}

function note(
  path: string,
  { kind }: Webhook,
  asked: AdmissionRequest,
  { log, metrics, verdict }: Pick<WebhookServerOptions, 'log' | 'metrics'> & { readonly verdict: Denied },
): void {
  const metric =
    kind === 'validating'
      ? 'awslbc_webhook_validation_failure_total'
      : 'awslbc_webhook_mutation_failure_total';
  metrics.increment(metric, { webhook_name: path, error_category: verdict.check });
  const object = asked.namespace === '' ? asked.name : `${asked.namespace}/${asked.name}`;
  log.info({ object, code: verdict.check, problem: verdict.words, subject: path }, 'A write was refused');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
