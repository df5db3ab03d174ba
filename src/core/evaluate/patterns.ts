// Text patterns of ALB rules: wildcards, and the regular expressions that ALB takes.

/**
 * `*` is any run of characters (dots and slashes too), `?` exactly one. `escapes`: a backslash before one of them makes it
 * a literal, which ALB does in query strings only.
 */
export function matchesWildcard(
  pattern: string,
  text: string,
  options: { readonly ignoreCase: boolean; readonly escapes?: boolean },
): boolean {
  const source = pattern.replace(/\\[*?\\]|[\\^$.*+?()[\]{}|]/g, (token) => {
    if (token === '*') return '.*';
    if (token === '?') return '.';
    if (token.length === 2) return options.escapes === true ? token : wildcardAfterBackslash(token);
    return `\\${token}`;
  });
  return new RegExp(`^${source}$`, options.ignoreCase ? 'is' : 's').test(text);
}

/** Without escapes a backslash is itself, and what follows keeps its meaning. */
function wildcardAfterBackslash(token: string): string {
  const rest = token[1] === '*' ? '.*' : '.';
  return `\\\\${token[1] === '\\' ? '\\\\' : rest}`;
}

/**
 * What ALB's expressions lack (Application Load Balancers guide, "Rule basics"). JavaScript has some of it, so an expression
 * that AWS refuses must not match here.
 */
const unsupported: readonly (readonly [what: string, form: RegExp])[] = [
  ['look-around', /\(\?<?[=!]/],
  ['an atomic group', /\(\?>/],
  ['an inline condition or recursion', /\(\?(?:[(&R|0-9+]|-[0-9]|P[=>])/],
  ['a group of a kind that ALB does not know', /\(\?(?!:|P?<[A-Za-z_]|[imsU-]+[:)])/],
  ['a back-reference', /\\[1-9]|\\k[<{']|\\g/],
  ['a class of Unicode characters', /\\[pP]/],
  ['\\K', /\\K/],
  ['a possessive quantifier', /(?<!\\)[*+?}]\+/],
];

/** What keeps ALB from taking an expression, as in “has look-around”; undefined: nothing that is known. */
export function dialectFault(source: string): string | undefined {
  const found = unsupported.find(([, form]) => form.test(source));
  if (found !== undefined) return `has ${found[0]}`;
  // Forms that JavaScript does not know, or not all of.
  const plain = source.replaceAll('(?P<', '(?<').replaceAll(/\(\?[imsU-]+\)/g, '');
  return parsed(plain.replaceAll(/\(\?[imsU-]+:/g, '(?:'), '') === undefined
    ? 'is not a regular expression'
    : undefined;
}

/** The expression, or undefined where ALB would not take it. It may match anywhere in the text; anchors are the user's. */
export function expression(source: string, options: { readonly ignoreCase: boolean }): RegExp | undefined {
  if (unsupported.some(([, form]) => form.test(source))) return undefined;
  return parsed(source, options.ignoreCase ? 'is' : 's');
}

function parsed(source: string, flags: string): RegExp | undefined {
  try {
    return new RegExp(source, flags);
  } catch {
    return undefined;
  }
}

/** Whether one of the expressions matches; one that ALB would not take never does. */
export function matchesRegex(
  sources: readonly string[],
  text: string,
  options: { readonly ignoreCase: boolean },
): boolean {
  return sources.some((source) => expression(source, options)?.test(text) === true);
}
