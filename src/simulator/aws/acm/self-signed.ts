import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';

export type SelfSigned = {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  readonly notBefore: number;
  readonly notAfter: number;
};

const day = 86_400_000;

/** A self-signed P-256 certificate for `names` (the first is the common name), valid from `now` − 1 day for 397 days. */
export function selfSigned(names: readonly string[], now: number): SelfSigned {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const notBefore = now - day;
  const notAfter = now + 396 * day;
  const signed = body(names, publicKey, [notBefore, notAfter]);
  const signature = sign('sha256', signed, privateKey);
  const certificate = sequence(signed, algorithm, tagged(0x03, Buffer.concat([Buffer.of(0), signature])));
  return {
    certificatePem: pem('CERTIFICATE', certificate),
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    notBefore,
    notAfter,
  };
}

// DER, as far as an X.509 certificate (RFC 5280) needs it.
const tagged = (tag: number, content: Buffer): Buffer =>
  Buffer.concat([Buffer.of(tag), length(content.length), content]);
const sequence = (...items: readonly Buffer[]): Buffer => tagged(0x30, Buffer.concat(items));
const oid = (hex: string): Buffer => tagged(0x06, Buffer.from(hex, 'hex'));

function length(size: number): Buffer {
  if (size < 0x80) return Buffer.of(size);
  return size < 0x100 ? Buffer.of(0x81, size) : Buffer.of(0x82, size >> 8, size & 0xff);
}

/** ecdsa-with-SHA256 */
const algorithm = sequence(oid('2a8648ce3d040302'));
const commonName = (name: string): Buffer =>
  sequence(tagged(0x31, sequence(oid('550403'), tagged(0x0c, Buffer.from(name)))));

/** GeneralizedTime takes every year; UTCTime would end in 2049. */
const time = (ms: number): Buffer =>
  tagged(0x18, Buffer.from(`${new Date(ms).toISOString().replace(/[-T:]|\.\d+/g, '')}`));

function body(
  names: readonly string[],
  publicKey: KeyObject,
  [notBefore, notAfter]: readonly [number, number],
): Buffer {
  const key = publicKey.export({ type: 'spki', format: 'der' });
  const serial = createHash('sha256').update(key).digest().subarray(0, 15);
  const alternativeNames = sequence(...names.map((name) => tagged(0x82, Buffer.from(name))));
  const extensions = sequence(sequence(oid('551d11'), tagged(0x04, alternativeNames)));
  const name = commonName(names[0] ?? '');
  return sequence(
    tagged(0xa0, tagged(0x02, Buffer.of(2))),
    tagged(0x02, Buffer.concat([Buffer.of(1), serial])),
    algorithm,
    name,
    sequence(time(notBefore), time(notAfter)),
    name,
    key,
    tagged(0xa3, extensions),
  );
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
