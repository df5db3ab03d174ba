import { GetSubscriptionStateCommand } from '@aws-sdk/client-shield';
import { Cached } from '../cached.ts';
import type { AwsContext, Signalled } from '../context.ts';
import { AwsError } from '../errors.ts';

const ttlMs = 2 * 60 * 60_000;

/** Answers whether the account is subscribed to Shield Advanced. */
export type ShieldSubscription = (options: Signalled) => Promise<boolean>;

/** A role that may not ask, or a Shield that does not answer, counts as no subscription: everything else goes on. */
export function shieldSubscription(
  { calls, clock }: Pick<AwsContext, 'calls' | 'clock'>,
  { signal }: Signalled,
): ShieldSubscription {
  const load = async (): Promise<boolean> => {
    try {
      const { SubscriptionState } = await calls.shield(new GetSubscriptionStateCommand({}), { signal });
      return SubscriptionState === 'ACTIVE';
    } catch (error) {
      if (error instanceof AwsError) return false;
      throw error;
    }
  };
  const cached = new Cached({ clock, ttlMs, load });
  return (options) => cached.get(options);
}
