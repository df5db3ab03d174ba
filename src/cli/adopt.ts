import { Command } from 'commander';
import { configFrom, givenOptions, withControllerOptions } from './controller-options.ts';
import { interruptSignal } from './interrupt.ts';
import { UserError } from './user-error.ts';

/** `albatross adopt`: what it would mean to take over a load balancer; an annotation does it. */
export function adoptCommand(): Command {
  const command = new Command('adopt')
    .description('Print what taking over a load balancer would change, without doing it')
    .requiredOption('--load-balancer <arn>', 'the application load balancer to take over')
    .requiredOption('--ingress <namespace/name>', 'the Ingress whose group takes it over')
    .addHelpText(
      'after',
      '\nThe annotation albatross.dev/adopt on the Ingress does it. Exit code 1: it cannot be taken over.' +
        '\n\nExample:\n  albatross adopt --load-balancer=arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/shop/0123456789abcdef --ingress=shop/web --cluster-name=prod',
    );
  withControllerOptions(command);
  return command.action(
    async (given: { readonly loadBalancer: string; readonly ingress: string }): Promise<void> => {
      const [namespace = '', name = '', ...more] = given.ingress.split('/');
      if (namespace === '' || name === '' || more.length > 0)
        throw new UserError(`“${given.ingress}” is not the name of an Ingress; write NAMESPACE/NAME`, 2);
      const config = configFrom(givenOptions(command));
      const { planAdoption, renderAdoption } = await import('./adopt-plan.ts');
      const adoption = await planAdoption(config, {
        arn: given.loadBalancer,
        namespace,
        name,
        signal: interruptSignal(),
      });
      process.stdout.write(renderAdoption(adoption));
      if (adoption.planned.plan.standstill !== undefined) process.exitCode = 1;
    },
  );
}
