import { createHash } from 'node:crypto';

const urlNamespace = '6ba7b8119dad11d180b400c04fd430c8';

/** A version 5 UUID in the URL namespace (RFC 9562): the same name always gives the same id. */
export function uuidV5(name: string): string {
  const bytes = createHash('sha1')
    .update(Buffer.from(urlNamespace, 'hex'))
    .update(name)
    .digest()
    .subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** The UID that a Service has in the recordings, whose target group names hash it. */
export function serviceUid(namespace: string, name: string): string {
  return uuidV5(`service/${namespace}/${name}`);
}
