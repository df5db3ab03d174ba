import { unsupportedMediaType } from '../api-error.ts';
import type { Catalogue } from '../catalogue.ts';
import type { Json } from '../json.ts';
import { parseJson } from '../patch/patch.ts';
import { decodeProtobuf } from '../protobuf/decode.ts';
import { apiVersionOf } from '../resource.ts';
import * as s from '../schema/schema.ts';

const protobuf = 'application/vnd.kubernetes.protobuf';

const deleteOptions = s.object('v1.DeleteOptions', {
  preconditions: s.object('v1.Preconditions', { uid: s.string, resourceVersion: s.string }),
  orphanDependents: s.boolean,
  propagationPolicy: s.string,
  dryRun: s.atomicList(s.string),
});

/** Reads the body of a request that is not a patch: JSON, or protobuf for built-in kinds; anything else is 415. */
export function parseBody(body: Buffer, contentType: string, catalogue: Catalogue): Json {
  const type = mediaType(contentType);
  if (type === protobuf) {
    return decodeProtobuf(body, (apiVersion, kind) => {
      if (kind === 'DeleteOptions') return deleteOptions;
      const found = catalogue.all().find((each) => apiVersionOf(each) === apiVersion && each.kind === kind);
      return found?.custom === false ? found.schema : undefined;
    });
  }
  if (type !== '' && type !== 'application/json')
    throw unsupportedMediaType(type, ['application/json', protobuf]);
  return parseJson(body.toString('utf8'));
}

/** The content type without its parameters. */
export function mediaType(contentType: string): string {
  return (contentType.split(';')[0] ?? '').trim();
}
