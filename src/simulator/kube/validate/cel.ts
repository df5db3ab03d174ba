import type { Json } from '../json.ts';
import { at, sameJson } from '../json.ts';

type Scope = { readonly self: Json; readonly oldSelf: Json | undefined };
type Value = Json | undefined;

/**
 * The part of CEL that the definitions we ship use: `self`, `oldSelf`, fields of them, `has(…)`, texts in quotes, `!`, `&&`, `||`,
 * `==`, `!=` and parentheses. Returns undefined for any other rule, and for a rule about `oldSelf` where nothing was there
 * before: what cannot be evaluated refuses nothing.
 */
export function evaluateRule(rule: string, scope: Scope): boolean | undefined {
  if (scope.oldSelf === undefined && /\boldSelf\b/.test(rule)) return undefined;
  try {
    return new Evaluation(rule, scope).result();
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

class Evaluation {
  readonly #tokens: readonly string[];
  readonly #scope: Scope;
  #place = 0;

  constructor(rule: string, scope: Scope) {
    this.#tokens = rule.match(/'[^']*'|"[^"]*"|[A-Za-z_][\w.]*|&&|\|\||[=!]=|\S/g) ?? [];
    this.#scope = scope;
  }

  result(): boolean {
    const result = this.#either();
    if (this.#place < this.#tokens.length || typeof result !== 'boolean')
      throw new SyntaxError('not a rule we know');
    return result;
  }

  #accept(token: string): boolean {
    if (this.#tokens[this.#place] !== token) return false;
    this.#place++;
    return true;
  }

  #expect(token: string): void {
    if (!this.#accept(token)) throw new SyntaxError(`expected ${token}`);
  }

  #either(): Value {
    let left = this.#both();
    while (this.#accept('||')) left = isTrue(this.#both()) || isTrue(left);
    return left;
  }

  #both(): Value {
    let left = this.#comparison();
    while (this.#accept('&&')) left = isTrue(this.#comparison()) && isTrue(left);
    return left;
  }

  #comparison(): Value {
    const left = this.#primary();
    if (this.#accept('==')) return sameJson(left, this.#primary());
    if (this.#accept('!=')) return !sameJson(left, this.#primary());
    return left;
  }

  #primary(): Value {
    if (this.#accept('!')) return !isTrue(this.#primary());
    if (this.#accept('(')) {
      const inner = this.#either();
      this.#expect(')');
      return inner;
    }
    if (this.#accept('has')) {
      this.#expect('(');
      const found = this.#primary();
      this.#expect(')');
      return found !== undefined;
    }
    return this.#operand(this.#tokens[this.#place++] ?? '');
  }

  #operand(token: string): Value {
    if (/^['"]/.test(token)) return token.slice(1, -1);
    const [name, ...path] = token.split('.');
    if (name === 'self') return at(this.#scope.self, ...path);
    if (name === 'oldSelf') return at(this.#scope.oldSelf, ...path);
    throw new SyntaxError(`${token} is not known`);
  }
}

function isTrue(value: Value): boolean {
  if (typeof value !== 'boolean') throw new SyntaxError('not a truth value');
  return value;
}
