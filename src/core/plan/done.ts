import type { Attributes, Look, Operation } from '../domain/operation.ts';

/** An operation that was done, what AWS assigned, and how to read references to what earlier ones made. */
export type Done = { readonly operation: Operation; readonly attributes: Attributes; readonly look: Look };
