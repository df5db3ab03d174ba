/** AWS's descriptions lag behind writes by seconds: what was just made may not be listed, what was just changed look like drift. */
const longestMs = 30_000;

/** How long after a write nothing is concluded from what AWS describes, in milliseconds. */
export const settlingMs = ({ auditIntervalMs }: { readonly auditIntervalMs: number }): number =>
  Math.min(longestMs, auditIntervalMs / 10);
