import { badRequest, unprocessable } from '../api-error.ts';
import type { Json, JsonObject } from '../json.ts';
import { isList, isObject, sameJson, textOf } from '../json.ts';

/** Applies a JSON patch (RFC 6902) to a copy; 422 when an operation does not apply, as the API server answers. */
export function jsonPatch(document: JsonObject, patch: Json): JsonObject {
  if (!isList(patch)) throw badRequest('json: cannot unmarshal object into Go value of type jsonpatch.Patch');
  let result: Json = document;
  for (const operation of patch) {
    if (!isObject(operation)) throw badRequest('a JSON patch is a list of operation objects');
    result = applyOperation(result, operation);
  }
  if (!isObject(result))
    throw unprocessable('the patch replaces the whole object by something that is not an object');
  return result;
}

function applyOperation(document: Json, operation: JsonObject): Json {
  const name = textOf(operation['op']);
  const path = pointer(operation['path']);
  const value = operation['value'];
  switch (name) {
    case 'add':
      return setAt(document, path, required(value, name), 'insert');
    case 'replace':
      // The API server's library lets a missing key of an object be replaced.
      lookup(document, path.slice(0, -1), name);
      return setAt(document, path, required(value, name), 'replace');
    case 'remove':
      lookup(document, path, name);
      return removeAt(document, path);
    case 'test':
      if (!sameJson(lookup(document, path, name, true) ?? null, value ?? null)) {
        throw unprocessable(`testing value ${textOf(operation['path'])} failed: test failed`);
      }
      return document;
    case 'copy':
    case 'move': {
      const from = pointer(operation['from']);
      const found = required(lookup(document, from, name), name);
      return setAt(name === 'move' ? removeAt(document, from) : document, path, found, 'insert');
    }
    default:
      throw unprocessable(
        `Unexpected kind: ${name || '(none)'}; a JSON patch knows add, remove, replace, move, copy, test`,
      );
  }
}

function required(value: Json | undefined, operation: string): Json {
  if (value === undefined) throw unprocessable(`the JSON patch operation ${operation} has no value`);
  return value;
}

function pointer(path: Json | undefined): readonly string[] {
  if (typeof path !== 'string' || (path !== '' && !path.startsWith('/'))) {
    throw unprocessable(`${JSON.stringify(path)} is not a JSON pointer: it must be empty or start with "/"`);
  }
  return path === ''
    ? []
    : path
        .slice(1)
        .split('/')
        .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function lookup(
  document: Json,
  path: readonly string[],
  operation: string,
  optional = false,
): Json | undefined {
  let here: Json | undefined = document;
  for (const part of path) {
    if (isList(here)) here = here[Number(part)];
    else if (isObject(here) && Object.hasOwn(here, part)) here = here[part];
    else here = undefined;
    if (here === undefined) break;
  }
  if (here === undefined && !optional) {
    throw unprocessable(
      `${operation} operation does not apply: doc is missing path: /${path.join('/')}: missing value`,
    );
  }
  return here;
}

function setAt(document: Json, path: readonly string[], value: Json, mode: 'insert' | 'replace'): Json {
  const [head, ...rest] = path;
  if (head === undefined) return value;
  if (isList(document)) return setInList(document, path, value, mode);
  if (!isObject(document) || (rest.length > 0 && !Object.hasOwn(document, head))) {
    throw unprocessable(
      `add operation does not apply: doc is missing path: "/${path.join('/')}": missing value`,
    );
  }
  return { ...document, [head]: rest.length > 0 ? setAt(document[head] ?? null, rest, value, mode) : value };
}

function setInList(
  list: readonly Json[],
  path: readonly string[],
  value: Json,
  mode: 'insert' | 'replace',
): Json {
  const [head = '', ...rest] = path;
  const index = head === '-' ? list.length : Number(head);
  if (!Number.isInteger(index) || index < 0 || index > list.length) {
    throw unprocessable(`Unable to access invalid index: ${head}`);
  }
  if (rest.length > 0) return list.with(index, setAt(list[index] ?? null, rest, value, mode));
  return list.toSpliced(index, mode === 'replace' ? 1 : 0, value);
}

function removeAt(document: Json, path: readonly string[]): Json {
  const [head, ...rest] = path;
  if (head === undefined) return {};
  if (isList(document)) {
    const index = Number(head);
    return rest.length > 0
      ? document.with(index, removeAt(document[index] ?? null, rest))
      : document.toSpliced(index, 1);
  }
  if (!isObject(document)) return document;
  if (rest.length > 0) return { ...document, [head]: removeAt(document[head] ?? null, rest) };
  return Object.fromEntries(Object.entries(document).filter(([key]) => key !== head));
}
