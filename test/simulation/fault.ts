// A fault of a scenario as the simulated account wants it.

import type { ControlPlane } from '../../src/simulator/aws/control-plane.ts';
import type { Disturbance } from './scenario.ts';

/** `onMet` is called with its kind for each call that meets it. */
export function faultOf(
  { operation, nth, times, action }: Disturbance & { readonly kind: 'awsFault' },
  onMet: (kind: string) => void,
): Parameters<ControlPlane['faults']['add']>[0] {
  const kind = action.kind === 'fail' ? `aws fail ${action.code}` : `aws ${action.kind}`;
  let met = 0;
  return {
    ...(operation === undefined ? {} : { operation }),
    times,
    when: () => {
      met += 1;
      const isMet = met >= nth && met < nth + times;
      if (isMet) onMet(kind);
      return isMet;
    },
    action,
  };
}
