// The rows of the options table that say where AWS is, how it is called and which of its services are used.

import type { Quota } from '../core/domain/facts.ts';
import { limitsFile } from './limits-file.ts';
import { flag, option } from './option.ts';
import { type ApiThrottle, endpoints, integer, map, matching, throttles } from './values.ts';

const none: Readonly<Record<string, string>> = {};
const noLimits: readonly Quota[] = [];
const noThrottles: readonly ApiThrottle[] = [];

export const awsOptions = {
  awsRegion: option({
    name: 'aws-region',
    argument: 'region',
    parse: matching(/^[a-z]{2,}(-[a-z]+)+-\d+$/, 'an AWS region such as us-west-2'),
    fallback: undefined,
    env: ['AWS_DEFAULT_REGION', 'AWS_REGION'],
    group: 'AWS',
    doc: 'Region of the cluster; without it that of the instance that the controller runs on (instance metadata).',
  }),
  awsVpcId: option({
    name: 'aws-vpc-id',
    argument: 'id',
    parse: matching(/^vpc-[0-9a-f]+$/, 'a VPC id such as vpc-0123456789abcdef0'),
    fallback: undefined,
    group: 'AWS',
    doc: 'VPC of the cluster; without it the one with --aws-vpc-tags, else that of the instance that the controller runs on (instance metadata), else that of a node (first the one that NODENAME in the environment names).',
  }),
  awsVpcTags: option({
    name: 'aws-vpc-tags',
    argument: 'key=value,…',
    parse: map,
    fallback: none,
    group: 'AWS',
    doc: 'Tags that all must be on the VPC of the cluster; they must match exactly one.',
  }),
  awsApiEndpoints: option({
    name: 'aws-api-endpoints',
    argument: 'service=url,…',
    parse: endpoints,
    fallback: none,
    group: 'AWS',
    doc: 'Other endpoints for services, by the service ids of the AWS SDK for Go v2 with their blanks, such as “EC2=http://127.0.0.1:4566,Elastic Load Balancing v2=http://127.0.0.1:4566”.',
  }),
  awsMaxRetries: option({
    name: 'aws-max-retries',
    argument: 'number',
    parse: integer(0, 100),
    fallback: 10,
    group: 'AWS',
    doc: 'How often the SDK repeats a call that failed for a passing reason.',
  }),
  awsApiThrottle: option({
    name: 'aws-api-throttle',
    argument: 'service:regex=rate:burst,…',
    parse: throttles,
    fallback: noThrottles,
    group: 'AWS',
    doc: 'Limits of our own calls, for each service that it names instead of the built-in ones, which are below AWS’s limits: calls a second and burst by operations, such as “WAFV2:^AssociateWebACL|DisassociateWebACL=0.5:1”.',
  }),
  limitsFile: option({
    name: 'limits-file',
    argument: 'file',
    parse: limitsFile,
    fallback: noLimits,
    group: 'AWS',
    doc: 'Limits to believe before what AWS says: YAML, a number for each name of docs/reference/limits.md. Read at the start.',
  }),
  enableWaf: flag(
    'enable-waf',
    true,
    'AWS',
    'Associate load balancers with the web ACLs of WAF Classic that Ingresses ask for; off: those annotations have no effect.',
  ),
  enableWafv2: flag(
    'enable-wafv2',
    true,
    'AWS',
    'Associate load balancers with the web ACLs that Ingresses ask for; off: those annotations have no effect.',
  ),
  enableShield: flag(
    'enable-shield',
    true,
    'AWS',
    'Protect load balancers with Shield Advanced where Ingresses ask for it and the account is subscribed.',
  ),
};
