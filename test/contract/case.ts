import type { Account } from './account.ts';

/** One thing that AWS documents, as a sentence and as calls that show it. */
export type Case = {
  readonly what: string;
  readonly run: (account: Account) => Promise<void>;
};
