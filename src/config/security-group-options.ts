// The rows of the options table that concern who may reach nodes and pods.

import { flag, option } from './option.ts';
import { map, matching } from './values.ts';

const none: Readonly<Record<string, string>> = {};

export const securityGroupOptions = {
  enableBackendSecurityGroup: flag(
    'enable-backend-security-group',
    true,
    'Security groups',
    'Use one shared security group as the source of traffic from load balancers to nodes and pods.',
  ),
  backendSecurityGroup: option({
    name: 'backend-security-group',
    argument: 'id',
    parse: matching(/^sg-[0-9a-f]+$|^$/, 'a security group id such as sg-0123456789abcdef0'),
    fallback: undefined,
    group: 'Security groups',
    doc: 'An existing group to use as the shared one; it is never changed or deleted.',
  }),
  enableManageBackendSecurityGroupRules: flag(
    'enable-manage-backend-security-group-rules',
    false,
    'Security groups',
    'Open nodes and pods to given security groups too, where an Ingress names its own.',
  ),
  disableRestrictedSgRules: flag(
    'disable-restricted-sg-rules',
    false,
    'Security groups',
    'Open every port of nodes and pods to the load balancers instead of the needed ones.',
  ),
  serviceTargetEniSecurityGroupTags: option({
    name: 'service-target-eni-security-group-tags',
    argument: 'key=value,…',
    parse: map,
    fallback: none,
    group: 'Security groups',
    doc: 'Tags that pick the security group to open where an interface has several.',
  }),
};
