const escapes: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
};

/** The text as Go's `strconv.Quote` prints it, which is how it stands in ALBC's messages; `quote` is `"` or `'`. */
export function goQuote(text: string, quote = '"'): string {
  const inner = [...text].map((char) => {
    if (char === quote) return `\\${quote}`;
    const known = escapes[char];
    if (known !== undefined) return known;
    const code = char.codePointAt(0) ?? 0;
    return code < 0x20 || code === 0x7f ? `\\x${code.toString(16).padStart(2, '0')}` : char;
  });
  return `${quote}${inner.join('')}${quote}`;
}
