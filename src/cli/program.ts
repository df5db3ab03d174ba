import { Command } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { adoptCommand } from './adopt.ts';
import { dashboardCommand } from './dashboard.ts';
import { driftCommand } from './drift.ts';
import { drainCommand } from './drain.ts';
import { explainCommand } from './explain.ts';
import { limitsCommand } from './limits.ts';
import { orphansCommand } from './orphans.ts';
import { planCommand } from './plan.ts';
import { runCommand } from './run.ts';
import { sandboxCommand } from './sandbox.ts';
import { simulateCommand } from './simulate.ts';

/** The whole command line; every subcommand throws instead of ending the process. */
export function program(): Command {
  const root = new Command('albatross')
    .description('External ingress for Kubernetes on AWS Application Load Balancers')
    .version(packageJson.version);
  // One line a subcommand.
  root.addCommand(runCommand());
  root.addCommand(planCommand());
  root.addCommand(limitsCommand());
  root.addCommand(driftCommand());
  root.addCommand(explainCommand());
  root.addCommand(adoptCommand());
  root.addCommand(orphansCommand());
  root.addCommand(drainCommand());
  root.addCommand(sandboxCommand());
  root.addCommand(simulateCommand());
  root.addCommand(dashboardCommand());
  for (const command of [root, ...root.commands]) command.exitOverride();
  return root;
}
