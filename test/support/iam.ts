// As much of IAM as the policies of iam/ need: which permissions a call asks for, and whether a policy gives them.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FaultCall } from '../../src/simulator/aws/faults.ts';
import type { AwsState } from '../../src/simulator/aws/state.ts';
import type { LocalController } from './local-controller.ts';

export type Policy = {
  readonly Statement: readonly {
    readonly Sid: string;
    readonly Action: readonly string[];
    readonly Resource: string | readonly string[];
    readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
  }[];
};

/** A file of iam/. */
export const policyOf = (file: string, clusterName = 'test'): Policy =>
  JSON.parse(
    readFileSync(join(import.meta.dirname, '../../iam', file), 'utf8').replaceAll(
      'CLUSTER_NAME',
      clusterName,
    ),
  ) as Policy;

/** Puts a policy before AWS; the array fills with what it denies. */
export function guard({ aws }: LocalController['world'], policy: Policy): readonly string[] {
  const denied: string[] = [];
  aws.faults.add({
    when: (call) => {
      const news = denials(policy, call, aws.state);
      denied.push(...news);
      return news.length > 0;
    },
    action: { kind: 'deny' },
  });
  return denied;
}

/** One action on one resource, with the condition keys of the request. */
type Question = {
  readonly action: string;
  readonly resource: string;
  readonly keys: ReadonlyMap<string, readonly string[]>;
};

/** The questions of a call that the policy answers with no, as `action on resource`. */
export function denials(policy: Policy, call: FaultCall, state: AwsState): readonly string[] {
  return questions(call, state)
    .filter((question) => !policy.Statement.some((statement) => allows(statement, question)))
    .map(({ action, resource }) => `${action} on ${resource}`);
}

function allows({ Action, Resource, Condition = {} }: Policy['Statement'][number], asked: Question): boolean {
  return (
    Action.includes(asked.action) &&
    [Resource].flat().some((pattern) => isLike(asked.resource, pattern)) &&
    Object.entries(Condition).every(([operator, keys]) =>
      Object.entries(keys).every(([key, wanted]) => holds(operator, asked.keys.get(key), [wanted].flat())),
    )
  );
}

function holds(operator: string, found: readonly string[] | undefined, wanted: readonly string[]): boolean {
  const [value = ''] = found ?? [];
  switch (operator) {
    case 'Null':
      return (found === undefined) === (wanted[0] === 'true');
    case 'StringEquals':
      return found !== undefined && wanted.includes(value);
    case 'StringEqualsIfExists':
      return found === undefined || wanted.includes(value);
    case 'ForAllValues:StringEquals':
      return (found ?? []).every((one) => wanted.includes(one));
    case 'ForAllValues:StringLike':
      return (found ?? []).every((one) => wanted.some((pattern) => isLike(one, pattern)));
    default:
      throw new Error(`no policy used ${operator} until now`);
  }
}

const isLike = (text: string, pattern: string): boolean =>
  new RegExp(
    `^${pattern.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll('*', '.*')}$`,
    's',
  ).test(text);

const prefixes: Readonly<Record<string, string>> = {
  elbv2: 'elasticloadbalancing',
  'resource-groups-tagging-api': 'tag',
};

type SdkTag = { readonly Key?: string; readonly Value?: string };
type Params = Readonly<Record<string, unknown>>;

function questions({ service, operation, params }: FaultCall, state: AwsState): readonly Question[] {
  const prefix = prefixes[service] ?? service;
  const tags = tagsIn(params);
  const ask = (
    name: string,
    resource: string,
    more: readonly (readonly [string, string])[] = [],
  ): Question => ({
    action: `${prefix}:${name}`,
    resource,
    keys: new Map(
      [
        ...tags.map(([key, value]) => [`aws:RequestTag/${key}`, value] as const),
        ...tagsOf(resource, state).map(([key, value]) => [`aws:ResourceTag/${key}`, value] as const),
        ...more,
      ].map(([key, value]) => [key, [value]]),
    ),
  });
  if (/^(Describe|Get|List)/.test(operation)) return [ask(operation, '*')];
  const made = newResource(operation, params, state);
  const tagging = service === 'ec2' ? 'CreateTags' : 'AddTags';
  if (made !== undefined && made.withTags && tags.length > 0)
    return [
      ...made.resources.map((resource) => ask(operation, resource)),
      ask(tagging, made.arn, [[`${prefix}:CreateAction`, operation]]),
    ];
  return (made?.resources ?? named(params, state)).map((resource) => ask(operation, resource));
}

function tagsIn(params: Params): readonly (readonly [string, string])[] {
  const specifications = (params['TagSpecifications'] ?? []) as readonly {
    readonly Tags?: readonly SdkTag[];
  }[];
  const tags = [
    ...((params['Tags'] ?? []) as readonly SdkTag[]),
    ...specifications.flatMap(({ Tags = [] }) => Tags),
  ];
  return tags.map(({ Key = '', Value = '' }) => [Key, Value]);
}

function tagsOf(resource: string, { tags }: AwsState): readonly (readonly [string, string])[] {
  const id = resource.includes(':ec2:') ? resource.slice(resource.lastIndexOf('/') + 1) : resource;
  return [...(tags.get(id)?.current ?? [])];
}

type Made = { readonly arn: string; readonly resources: readonly string[]; readonly withTags: boolean };

/** What a call makes, which is not there yet, and the resources that it asks permission for. */
function newResource(operation: string, params: Params, state: AwsState): Made | undefined {
  const elb = `arn:aws:elasticloadbalancing:${state.region}:${state.account}:`;
  const on = (parent: unknown, kind: string): Made => {
    const arn = `${String(parent).replace(/:(loadbalancer|listener)\//, `:${kind}/`)}/new`;
    return { arn, resources: [String(parent)], withTags: true };
  };
  const alone = (arn: string): Made => ({ arn, resources: [arn], withTags: true });
  const name = String(params['Name']);
  switch (operation) {
    case 'CreateLoadBalancer':
      return alone(`${elb}loadbalancer/${params['Type'] === 'network' ? 'net' : 'app'}/${name}/new`);
    case 'CreateTargetGroup':
      return alone(`${elb}targetgroup/${name}/new`);
    case 'CreateListener':
      return on(params['LoadBalancerArn'], 'listener');
    case 'CreateRule':
      return on(params['ListenerArn'], 'listener-rule');
    case 'CreateSecurityGroup': {
      const arn = ec2Arn('security-group/sg-new', state);
      return { arn, resources: [arn, ec2Arn(`vpc/${String(params['VpcId'])}`, state)], withTags: true };
    }
    default:
      return undefined;
  }
}

const ec2Arn = (resource: string, { region, account }: AwsState): string =>
  `arn:aws:ec2:${region}:${account}:${resource}`;

/** What a call names, wherever it stands in its parameters. */
function named(params: Params, state: AwsState): readonly string[] {
  const priorities = (params['RulePriorities'] ?? []) as readonly { readonly RuleArn?: string }[];
  const groups = [params['GroupId'], ...((params['Resources'] ?? []) as readonly unknown[])];
  const found = [
    ...((params['ResourceArns'] ?? []) as readonly string[]),
    ...priorities.map(({ RuleArn = '' }) => RuleArn),
    ...['LoadBalancerArn', 'ListenerArn', 'RuleArn', 'TargetGroupArn'].flatMap((key) => params[key] ?? []),
    ...groups.filter((id) => id !== undefined).map((id) => ec2Arn(`security-group/${String(id)}`, state)),
  ].map(String);
  return found.length === 0 ? ['*'] : found;
}
