// A webhook server with a certificate of its own in a folder that ends with the test.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request, type RequestOptions } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { VirtualClock } from '../../../src/lib/virtual-clock.ts';
import { type SelfSigned, selfSigned } from '../../../src/simulator/aws/acm/self-signed.ts';
import { createLog } from '../../../src/telemetry/log.ts';
import { createMetrics, type Metrics } from '../../../src/telemetry/metrics.ts';
import { serveWebhooks, type Webhook, type WebhookServer } from '../../../src/webhook/server.ts';

export type Answer = { readonly status: number; readonly body: string };

export type Served = {
  readonly server: WebhookServer;
  readonly clock: VirtualClock;
  readonly metrics: Metrics;
  /** Writes a certificate where the server looks for it. */
  readonly install: (certificate: SelfSigned) => void;
  readonly post: (path: string, body: string, options?: RequestOptions) => Promise<Answer>;
};

export const certificate = (): SelfSigned => selfSigned(['localhost'], Date.now());

/** Serves the webhooks on a free port; `installed: false` leaves the folder empty. */
export async function served(
  context: TestContext,
  webhooks: Readonly<Record<string, Webhook>>,
  given: {
    readonly installed?: boolean;
    readonly withHints?: boolean;
    readonly clientAuthority?: string;
  } = {},
): Promise<Served> {
  const folder = mkdtempSync(join(tmpdir(), 'webhooks-'));
  const files = { certificate: join(folder, 'tls.crt'), key: join(folder, 'tls.key') };
  const install = ({ certificatePem, privateKeyPem }: SelfSigned): void => {
    writeFileSync(files.certificate, certificatePem);
    writeFileSync(files.key, privateKeyPem);
  };
  const authority = join(folder, 'client.crt');
  if (given.clientAuthority !== undefined) writeFileSync(authority, given.clientAuthority);
  if (given.installed !== false) install(certificate());
  const [clock, metrics] = [new VirtualClock(), createMetrics()];
  const server = await serveWebhooks({
    port: 0,
    files: { ...files, clientAuthority: given.clientAuthority === undefined ? undefined : authority },
    webhooks,
    withHints: given.withHints === true,
    clock,
    metrics,
    log: createLog('silent'),
    signal: new AbortController().signal,
  });
  context.after(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    server,
    clock,
    metrics,
    install,
    post: (path, body, options) => post(server.port() ?? 0, path, body, options),
  };
}

/** Rejects when the connection fails or is cut. */
async function post(port: number, path: string, body: string, options: RequestOptions = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: 'localhost',
        port,
        path,
        method: 'POST',
        agent: false,
        rejectUnauthorized: false,
        headers: { 'content-type': 'application/json' },
        ...options,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
        );
        response.on('error', reject);
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

/** The text of an AdmissionReview that creates an object. */
export function reviewOf(object: unknown, more: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: { uid: 'u-1', operation: 'CREATE', namespace: 'shop', name: 'web', object, ...more },
  });
}
