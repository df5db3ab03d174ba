import { Command } from 'commander';
import { onlyQuotas } from '../core/domain/facts.ts';
import { groupKey } from '../core/domain/ids.ts';
import { onlyDescribed } from '../core/domain/observation.ts';
import { usage } from '../core/limits/rows.ts';
import { systemClock } from '../lib/clock.ts';
import { nearest } from '../lib/nearest.ts';
import { dashboardBody } from '../telemetry/dashboards.ts';
import { configFrom, givenOptions, withControllerOptions } from './controller-options.ts';
import { interruptSignal } from './interrupt.ts';
import { UserError } from './user-error.ts';

/** `albatross dashboard`: the body of a CloudWatch dashboard for one group, on standard output. Only reads. */
export function dashboardCommand(): Command {
  const command = new Command('dashboard')
    .description('Print the body of a CloudWatch dashboard for a group of Ingresses')
    .option(
      '--group <name>',
      'name of the group, or namespace/name of an Ingress without one; may be left out when there is only one',
    )
    .addHelpText(
      'after',
      '\nExample:\n  albatross dashboard --cluster-name=prod --aws-region=eu-west-1 --aws-vpc-id=vpc-0123456789abcdef0 --group=shop > body.json\n  aws cloudwatch put-dashboard --dashboard-name prod-shop --dashboard-body file://body.json',
    );
  withControllerOptions(command);
  return command.action(async (given: { readonly group?: string }) => {
    const signal = interruptSignal();
    const [{ callsFor, vpcPlaces, withRegion }, { createAws }, { findVpcId }] = await Promise.all([
      import('../controller/aws-calls.ts'),
      import('../aws/aws.ts'),
      import('../aws/facts/vpc.ts'),
    ]);
    const config = await withRegion(configFrom(givenOptions(command)), { signal });
    const calls = callsFor(config, { clock: systemClock, credentials: undefined, hooks: {} });
    const { clusterName, region } = config.core;
    const vpcId = await findVpcId(calls, vpcPlaces(config, undefined), { signal });
    const aws = createAws({
      calls,
      clock: systemClock,
      vpcId,
      clusterName,
      limits: config.aws.limits,
    });
    try {
      const inventory = await aws.inventory({ signal });
      const key = chosen(given.group, [...inventory.keys()], clusterName);
      const resources = inventory.get(key);
      if (resources === undefined) throw new UserError(`group ${key} has no resources`);
      const depth = { ...onlyDescribed, listenerCertificates: true };
      const observed = await aws.observeGroup(key, resources, depth, { signal });
      const { quotas } = await aws.facts({ ...onlyQuotas, serviceQuotas: true }, { signal });
      const body = dashboardBody({ clusterName, region, observed, usage: usage(observed, quotas) });
      console.log(JSON.stringify(body, undefined, 2));
    } finally {
      aws.close();
    }
  });
}

function chosen(given: string | undefined, keys: readonly string[], clusterName: string) {
  const [only, ...others] = keys;
  if (only === undefined)
    throw new UserError(`there is no load balancer of cluster ${clusterName} in this region and account`);
  const listed = keys.toSorted().join(', ');
  if (given === undefined && others.length > 0)
    throw new UserError(`which group? --group is one of ${listed}`, 2);
  const key = given ?? only;
  if (keys.includes(key)) return groupKey(key);
  const meant = nearest(key, keys);
  throw new UserError(
    `there is no group ${key}${meant === undefined ? `; there are ${listed}` : `; did you mean ${meant}?`}`,
  );
}
