import type { TargetGroupFact, VpcFact } from '../domain/facts.ts';
import type { CoreConfig } from '../domain/config.ts';

/** The cluster's VPC as the targets of a target group see it: for one in another VPC every address here is outside. */
export function vpcOfTargets(
  { vpcId }: TargetGroupFact,
  vpc: VpcFact | undefined,
  config: CoreConfig,
): VpcFact | undefined {
  return vpcId === config.vpcId ? vpc : vpc && { ...vpc, cidrs: [], ipv6Cidrs: [] };
}
