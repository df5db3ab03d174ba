import type { Quota, QuotaName } from '../domain/facts.ts';
import type { ObjectRef, Problem } from '../domain/problem.ts';
import { increaseCommand, limitOf, quotaOf, quotaTable } from '../domain/quotas.ts';

/** Whether something was refused for a limit that nobody has said yet: AWS's documented one may not be that of the account. */
export function isRefusedUnasked(problems: readonly Problem[], quotas: readonly Quota[]): boolean {
  return problems.some(({ quota }) => quota !== undefined && quotaOf(quota, quotas).source === 'default');
}

/** The problem with its numbers: limit, used, wanted, and whether AWS raises it on request. */
export function exceeded(input: {
  readonly object: ObjectRef;
  readonly quota: QuotaName;
  readonly quotas: readonly Quota[];
  readonly used: number;
  readonly wanted: number;
  readonly severity: Problem['severity'];
  readonly region: string;
  readonly path?: string;
}): Problem {
  const { object, quota, quotas, used, wanted, severity, region } = input;
  const { code, adjustable, unit } = quotaTable[quota];
  const command = increaseCommand(quota, used + wanted, region);
  const limit = limitOf(quota, quotas);
  return {
    kind: 'problem',
    code: 'QuotaExceeded',
    quota,
    severity,
    scope: 'member',
    object,
    path: input.path ?? 'spec.rules',
    message: `${object.kind} ${object.namespace}/${object.name} needs ${wanted} ${used === 0 ? '' : 'more '}${unit}; ${used} of ${limit} are in use (quota ${quota}, ${code}, ${adjustable ? 'adjustable' : 'not adjustable'})`,
    hint:
      command === undefined
        ? 'Use fewer of them, or move some Ingresses to another group; AWS does not raise this quota'
        : `${waysOut[quota] ?? 'Move some Ingresses to another group'}, or ask AWS for more: ${command}`,
  };
}

const fewerPorts =
  'Lead fewer ports of the network load balancer to the load balancer with frontend-nlb-listener-port-mapping: each counts as 50 targets, or as 100 with load_balancing.cross_zone.enabled';

/** What else than more of it, or another group, helps. */
const waysOut: Partial<Record<QuotaName, string>> = {
  'network-load-balancers': 'Leave enable-frontend-nlb out',
  'targets-per-network-load-balancer': fewerPorts,
  'targets-per-availability-zone-per-network-load-balancer': fewerPorts,
  'targets-per-target-group':
    'Spread the pods over several target groups with the annotation albatross.dev/target-overflow: split, or send to node ports instead with node-port (docs/targets.md)',
  'targets-per-application-load-balancer':
    'Move some Ingresses to another group, or send to node ports where there are more pods than nodes with the annotation albatross.dev/target-overflow: node-port (docs/targets.md)',
};
