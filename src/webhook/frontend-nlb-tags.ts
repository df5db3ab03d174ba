// The annotation frontend-nlb-tags at admission. ALBC checks it here and nowhere else, in words of its own.

const maxTags = 50;
const maxKeyLength = 128;
const maxValueLength = 256;

/** What ALBC says about the value; undefined: it is fine. */
export function frontendNlbTagsFault(text: string): string | undefined {
  const tags = new Map<string, string>();
  const pairs = text.split(',').map((pair) => pair.trim());
  for (const pair of pairs.filter((each) => each !== '')) {
    const equals = pair.indexOf('=');
    if (equals < 0) return `invalid frontend NLB tags format: tag '${pair}' must be in 'key=value' format`;
    const key = pair.slice(0, equals).trim();
    const value = pair.slice(equals + 1).trim();
    if (key === '') return 'invalid frontend NLB tags format: tag key cannot be empty';
    if (value === '') return 'invalid frontend NLB tags format: tag value cannot be empty';
    if (tags.has(key)) return `invalid frontend NLB tags: duplicate tag key '${key}'`;
    tags.set(key, value);
  }
  if (tags.size > maxTags)
    return `invalid frontend NLB tags: number of tags (${tags.size}) exceeds maximum allowed (${maxTags})`;
  for (const [key, value] of tags) {
    const fault = tagFault(key, value);
    if (fault !== undefined) return `invalid frontend NLB tags: ${fault}`;
  }
  return undefined;
}

/** Lengths in bytes, as Go counts them. */
function tagFault(key: string, value: string): string | undefined {
  if (Buffer.byteLength(key) > maxKeyLength)
    return `tag key exceeds maximum length of ${maxKeyLength} characters`;
  if (Buffer.byteLength(value) > maxValueLength)
    return `tag value exceeds maximum length of ${maxValueLength} characters`;
  return key.toLowerCase().startsWith('aws:') ? `tag key '${key}' is reserved (aws:* pattern)` : undefined;
}
