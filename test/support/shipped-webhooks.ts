// The webhook configurations of deploy/webhooks, pointed at a controller on this machine.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { selfSigned } from '../../src/simulator/aws/acm/self-signed.ts';
import { freePorts } from './free-ports.ts';

const shipped = join(import.meta.dirname, '../../deploy/webhooks/configurations.yaml');

export type LocalWebhooks = {
  /** What the controller is started with, to serve on a port and with a certificate of its own. */
  readonly flags: Readonly<Record<string, string>>;
  /** The configurations; ALBC's fail closed. */
  readonly configurations: (failurePolicy: 'Fail' | 'Ignore') => readonly object[];
  readonly close: () => void;
};

type Configuration = {
  readonly webhooks: readonly { readonly clientConfig: { readonly service: { readonly path: string } } }[];
};

export async function localWebhooks(): Promise<LocalWebhooks> {
  const folder = mkdtempSync(join(tmpdir(), 'webhooks-'));
  const [port] = await freePorts(1);
  const { certificatePem, privateKeyPem } = selfSigned(['localhost'], Date.now());
  writeFileSync(join(folder, 'tls.crt'), certificatePem);
  writeFileSync(join(folder, 'tls.key'), privateKeyPem);
  const caBundle = Buffer.from(certificatePem).toString('base64');
  const documents = parseAllDocuments(readFileSync(shipped, 'utf8')).map(
    (document) => document.toJS() as Configuration,
  );
  return {
    flags: { 'webhook-bind-port': String(port), 'webhook-cert-dir': folder },
    configurations: (failurePolicy) =>
      documents.map((document) => ({
        ...document,
        webhooks: document.webhooks.map((webhook) => ({
          ...webhook,
          failurePolicy,
          clientConfig: { url: `https://localhost:${port}${webhook.clientConfig.service.path}`, caBundle },
        })),
      })),
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}
