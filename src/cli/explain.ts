import ipaddr from 'ipaddr.js';
import { Command } from 'commander';
import { explain } from '../core/evaluate/explain.ts';
import { type WebRequest, webRequest } from '../core/evaluate/request.ts';
import type { Source } from './explain-sources.ts';
import { explanationJson, renderExplanation, targetGroupKeys } from './explain-output.ts';
import { configFrom, knownOptions, withControllerOptions } from './controller-options.ts';
import { interruptSignal } from './interrupt.ts';
import { offline } from './plan.ts';
import { isOfGroup, noSuchGroup } from './of-group.ts';
import { UserError } from './user-error.ts';

type Given = {
  readonly header: readonly string[];
  readonly method: string;
  readonly sourceIp: string;
  readonly file: readonly string[];
  readonly live?: true;
  readonly group?: string;
  readonly json?: true;
};

/** `albatross explain`: which rule answers a URL, and why; from files, from a cluster, or from AWS alone. */
export function explainCommand(): Command {
  const command = new Command('explain')
    .description('Print which rule of which Ingress answers a URL, and why the rules before it do not')
    .argument('<url>', 'such as https://app.example.com/api')
    .option(
      '-H, --header <header>',
      '“Name: value”, as often as needed; Host stands in for the URL’s',
      collected,
      [],
    )
    .option('--method <method>', 'HTTP method', 'GET')
    .option('--source-ip <address>', 'address of the client, for conditions on it', '203.0.113.1')
    .option(
      '-f, --file <path>',
      'manifests (a file or folder), as often as needed: explain them offline',
      collected,
      [],
    )
    .option('--live', 'without -f: the rules that AWS has now, whatever the cluster wants; needs no cluster')
    .option('--group <name>', 'only the load balancer of this group')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nWithout -f and --live: the rules that the cluster of the kubeconfig wants, with the health that AWS knows.' +
        '\nExit code 1: nobody answers.' +
        '\n\nExamples:\n  albatross explain https://app.example.com/api -f ingress.yaml' +
        "\n  albatross explain https://app.example.com/ -H 'X-Canary: yes' --live --cluster-name=prod --aws-region=eu-west-1",
    );
  withControllerOptions(command).allowUnknownOption(false).allowExcessArguments(false);
  return command.action(async (url: string, given: Given) => {
    const request = requestOf(url, given);
    await withSource(command, given, async (source) => {
      process.stdout.write(await explained(request, given, source));
    });
  });
}

const collected = (text: string, before: readonly string[]): readonly string[] => [...before, text];

/** @throws UserError for a URL, header or address that is none. */
function requestOf(text: string, { header, method, sourceIp }: Given): WebRequest {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new UserError(`“${text}” is not a URL; write it whole, such as https://app.example.com/api`, 2);
  // The library also takes `999` for the address 0.0.3.231.
  if (!ipaddr.IPv4.isValidFourPartDecimal(sourceIp) && !ipaddr.IPv6.isValid(sourceIp))
    throw new UserError(`--source-ip “${sourceIp}” is not an IP address`, 2);
  const headers = header.map((line) => {
    const [, name, value] = /^([^\s:]+):\s*(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined)
      throw new UserError(`-H “${line}” is not a header; write “Name: value”`, 2);
    return [name, value] as const;
  });
  return webRequest(url, { method: method.toUpperCase(), headers: Object.fromEntries(headers), sourceIp });
}

async function withSource(
  command: Command,
  { file, live, group }: Given,
  work: (source: Source) => Promise<void>,
): Promise<void> {
  if (file.length > 0 && live) throw new UserError('--live and -f exclude each other', 2);
  const { fromAws, fromCluster, fromFiles } = await import('./explain-sources.ts');
  if (file.length > 0) {
    const flags = new Map([...Object.entries(offline), ...knownOptions(command)]);
    const source = await fromFiles(file, configFrom({ flags, env: {} }).core);
    await work(source);
    return;
  }
  const config = configFrom({ flags: knownOptions(command), env: process.env });
  await (live ? fromAws : fromCluster)(config, { group, signal: interruptSignal() }, work);
}

/** The text or JSON to print. @throws UserError where nobody answers. */
export async function explained(
  request: WebRequest,
  { group, json }: Pick<Given, 'group' | 'json'>,
  source: Source,
): Promise<string> {
  const all = source.loadBalancers;
  const some = all.filter((one) => isOfGroup(one.group, group));
  if (group !== undefined && some.length === 0)
    throw noSuchGroup(
      group,
      all.map((one) => one.group),
    );
  // Of several load balancers of a group that answer for every host, `--group` names the first one.
  const own = some.filter((one) => one.group === group);
  const found = explain(some, request, { follow: true });
  const explanation =
    'unexplained' in found && own.length > 0 ? explain(own, request, { follow: true }) : found;
  if ('unexplained' in explanation) {
    const why = [...source.complaints, ...source.held.map(({ message }) => message)];
    throw new UserError([explanation.unexplained, ...new Set(why)].join('\n  '));
  }
  const keys = [...new Set(targetGroupKeys(explanation))];
  const known = await Promise.all(keys.map(async (key) => [key, await source.targetGroup(key)] as const));
  const context = { source, targetGroups: new Map(known) };
  return json ? explanationJson(explanation, context) : renderExplanation(explanation, context);
}
