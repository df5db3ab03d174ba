/** The end of a switch over a union: fails to compile when a case is missing, throws when the value came from outside. */
export function never(value: never): never {
  throw new TypeError(`unexpected value ${JSON.stringify(value)}`);
}
