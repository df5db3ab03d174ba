// The serving certificate on disk: read, and read again, because cert-manager and the kubelet replace it in place.

import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { fileTrouble } from '../lib/file-trouble.ts';

export type CertificateFiles = {
  readonly certificate: string;
  readonly key: string;
  /** Only clients with a certificate of this authority are served (`--kube-ca-pem-filepath`); undefined: all. */
  readonly clientAuthority: string | undefined;
};

export type Certificate = { readonly cert: string; readonly key: string; readonly ca?: string };

export type ReadCertificate =
  | { readonly kind: 'read'; readonly certificate: Certificate }
  /** A file is missing or unreadable, or the key is not that of the certificate; `why` names the files. */
  | { readonly kind: 'unusable'; readonly why: string };

/** Reads the files and checks that they belong together. */
export async function readCertificate(files: CertificateFiles): Promise<ReadCertificate> {
  try {
    const [cert, key, ca] = await Promise.all([
      readFile(files.certificate, 'utf8'),
      readFile(files.key, 'utf8'),
      files.clientAuthority === undefined ? undefined : readFile(files.clientAuthority, 'utf8'),
    ]);
    const certificate = { cert, key, ...(ca === undefined ? {} : { ca }) };
    createSecureContext(certificate);
    return { kind: 'read', certificate };
  } catch (error) {
    const path = error instanceof Error && 'path' in error ? `${String(error.path)}: ` : '';
    return { kind: 'unusable', why: `${files.certificate} and ${files.key}: ${path}${fileTrouble(error)}` };
  }
}

export function sameCertificate(a: Certificate, b: Certificate): boolean {
  return a.cert === b.cert && a.key === b.key && a.ca === b.ca;
}
