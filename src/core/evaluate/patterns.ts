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
 * What ALB's expressions lack (Application Load Balancers guide, "Rule basics"): look-around, atomic groups, inline
 * conditions, recursion, back-references, possessive quantifiers and Unicode classes. JavaScript has some of them, so
 * an expression that AWS refuses must not match here.
 */
const unsupported = /\(\?(?!:|P?<[A-Za-z_]|[imsU-]+[:)])|\\[1-9]|\\k[<{']|\\[pPgK]|(?<!\\)[*+?}]\+/;

/** The expression, or undefined where ALB would not take it. It may match anywhere in the text; anchors are the user's. */
export function expression(source: string, options: { readonly ignoreCase: boolean }): RegExp | undefined {
  if (unsupported.test(source)) return undefined;
  try {
    return new RegExp(source, options.ignoreCase ? 'is' : 's');
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
