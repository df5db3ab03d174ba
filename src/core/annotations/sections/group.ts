import { section } from '../entry.ts';

export const group = section(
  'Group',
  { on: ['Ingress'], merge: 'own', status: 'built' },
  {
    'group.name': {
      allowed:
        'lower-case letters, digits, "-" and ".", at most 63, beginning and ending with a letter or digit',
      byDefault: 'a load balancer of its own',
      doc: 'Ingresses with the same group name, in any namespace, share one load balancer.',
      example: 'shop',
      params: 'group.name',
    },
    'group.order': {
      allowed: 'a whole number from -1000 to 1000',
      byDefault: '0',
      doc: 'Place of this Ingress among the members of its group, lowest first; equal ones by namespace and name.',
      example: '10',
    },
    'load-balancer-name': {
      merge: 'one value in the group',
      allowed:
        'at most 32 letters, digits and hyphens, beginning and ending with a letter or digit, and not beginning with internal-',
      byDefault: 'a name made of the group and a hash',
      doc: 'Name of the load balancer, used when it is created.',
      example: 'shop-public',
      params: 'loadBalancerName',
    },
    tags: {
      on: ['Ingress', 'Service'],
      merge: 'merged',
      allowed: 'key=value, separated by commas',
      byDefault: 'none',
      doc: 'Tags of every AWS resource that stands for this Ingress; a Service adds tags to its target groups.',
      example: 'team=shop,env=prod',
      params: 'tags',
    },
    'dry-run-plan': {
      allowed: 'written by the controller',
      byDefault: 'absent',
      doc: 'The plan, written by the controller on the first member of a group.',
      example: '{}',
      status: 'written',
    },
  },
);
