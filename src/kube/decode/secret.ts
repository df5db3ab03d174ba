import { ClientSecret } from '../../core/domain/client-secret.ts';
import type { Secret } from '../../core/domain/cluster.ts';
import { DecodeError } from './decode-error.ts';
import type { Field } from './field.ts';
import { decodeMeta } from './meta.ts';

/**
 * v1 Secret: the two values that sign-in needs, under the keys and with the ends cut off as albc-behaviour §8.3 has it.
 * `stringData` is what manifests may have; a server shows `data` alone.
 */
export function decodeSecret(object: Field): Secret {
  const clientId = valueOf(object, 'clientID') ?? valueOf(object, 'clientId');
  const clientSecret = valueOf(object, 'clientSecret');
  return {
    kind: 'Secret',
    meta: decodeMeta(object.at('metadata'), { scope: 'namespaced', keepAnnotation: () => false }),
    values: {
      clientId: clientId?.replace(/\p{White_Space}+$/u, ''),
      clientSecret:
        clientSecret === undefined ? undefined : new ClientSecret(clientSecret.replace(/\p{Cc}+$/u, '')),
    },
  };
}

function valueOf(object: Field, key: string): string | undefined {
  const written = hiddenText(() => object.at('stringData').at(key));
  if (written !== undefined) return written;
  const encoded = hiddenText(() => object.at('data').at(key));
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('utf8');
}

/** A DecodeError quotes what it found, and that would be the secret: a value of the wrong type counts as absent. */
function hiddenText(field: () => Field): string | undefined {
  try {
    return field().optionalText();
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}
