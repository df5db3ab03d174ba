import type { Calls } from '../../src/aws/ports.ts';
import type { ControlPlane } from '../../src/simulator/aws/control-plane.ts';

/** Reads the account without a trace, faults or time: for those who only look on. */
export function observerCalls(account: ControlPlane): Calls {
  const reader = (service: string) => (command: { readonly input: Record<string, unknown> }) =>
    account.call(service, command.constructor.name.replace(/Command$/, ''), command.input);
  return {
    elbv2: reader('elbv2'),
    ec2: reader('ec2'),
    acm: reader('acm'),
    route53: reader('route53'),
    wafv2: reader('wafv2'),
    classicWaf: reader('waf-regional'),
    shield: reader('shield'),
    tagging: reader('resource-groups-tagging-api'),
    close: () => undefined,
  } as unknown as Calls;
}
