import { validationError } from '../errors.ts';

/**
 * Checks the name of a load balancer or target group: up to 32 letters, digits and hyphens, no hyphen at the ends. Target groups also
 * may not have two hyphens in a row, which AWS enforces without documenting it.
 */
export function checkName(name: string | undefined, what: 'Load balancer' | 'Target group'): string {
  if (name === undefined || name === '') throw validationError(`${what} name must not be empty`);
  if (name.length > 32) throw validationError(`${what} name '${name}' cannot be longer than '32' characters`);
  if (!/^[A-Za-z0-9-]+$/.test(name)) {
    throw validationError(
      `${what} name '${name}' can only contain characters that are alphanumeric characters or hyphens(-)`,
    );
  }
  if (/^-|-$/.test(name))
    throw validationError(`${what} name '${name}' cannot begin or end with a hyphen(-)`);
  if (what === 'Target group' && name.includes('--'))
    throw validationError(`${what} name '${name}' cannot contain two hyphens in a row`);
  return name;
}
