import { ownPrefix, section } from '../entry.ts';

/** Annotations that ALBC does not have. */
export const own = section(
  'Albatross',
  { on: ['Ingress'], merge: 'own', status: 'built' },
  {
    'allow-replacement': {
      on: ['Ingress', 'IngressClass'],
      allowed: 'true or false',
      words: ['true', 'false'],
      byDefault: 'false: a change that needs another load balancer is held and reported',
      doc:
        'Agrees that the load balancer, or the network load balancer in front of it, is replaced by another one with another DNS name when the scheme changes. ' +
        'Every Ingress that asks for the scheme must agree, or its IngressClass for all of its Ingresses.',
      example: 'true',
    },
    'allow-deletion': {
      on: ['Ingress', 'IngressClass'],
      allowed: 'true or false',
      words: ['true', 'false'],
      byDefault:
        'false: when more than `--max-group-deletions` groups are to be deleted at once, all of them wait',
      doc: 'Agrees that the load balancer goes with the last Ingress of its group, however many others go at the same time (docs/safety.md).',
      example: 'true',
    },
    'deletion-held': {
      allowed: 'written by the controller',
      byDefault: 'absent',
      doc: 'The deletion had to wait for `albatross.dev/allow-deletion`, and still does.',
      example: 'true',
      status: 'written',
    },
    pause: {
      on: ['Ingress', 'IngressClass'],
      allowed: 'true, false, or on an Ingress group',
      words: ['true', 'false', 'group'],
      byDefault: 'false',
      doc:
        'Leaves alone what is in AWS, deletions included, until the annotation is taken away: `true` what this Ingress has, `group` everything of its group; on an IngressClass everything of the groups of its Ingresses. ' +
        'Targets still follow pods and nodes (docs/safety.md).',
      example: 'true',
    },
    release: {
      allowed: 'true or false',
      words: ['true', 'false'],
      byDefault: 'false',
      doc:
        'Lets the load balancer of the group go without deleting it, when every Ingress of the group says so: it keeps its listeners, rules and targets, and loses the tags by which it would be found again. ' +
        'From then on nobody keeps it (docs/safety.md).',
      example: 'true',
    },
    'target-overflow': {
      on: ['Ingress', 'Service'],
      allowed: 'refuse, split or node-port',
      words: ['refuse', 'split', 'node-port'],
      byDefault: 'refuse',
      doc: 'What happens when a Service in ip mode has more pods than its target group or the load balancer may have targets: an Ingress that comes is refused, or its pods are spread over up to five target groups, or the node ports are the targets (docs/targets.md).',
      example: 'split',
    },
    'group-settings': {
      on: ['IngressClass'],
      allowed: 'class or members',
      words: ['class', 'members'],
      byDefault: 'members: what the first Ingress in group order says holds',
      doc: 'With `class` only the class and its IngressClassParams decide what concerns a whole load balancer or a listener; an Ingress that tries is held (docs/claims.md).',
      example: 'class',
    },
    shards: {
      on: ['Ingress', 'IngressClass'],
      merge: 'one value in the group',
      allowed: 'a whole number from 1 to 10',
      byDefault: 'all hosts stay where they are, and new ones come to the first load balancer',
      doc:
        'Over how many load balancers the group is spread. Hosts keep together and stay where they are; newcomers go where there is most room; a lower number moves the hosts of the load balancers that go, without a gap. ' +
        'The highest number of the members counts, on an IngressClass it holds for the groups of its Ingresses (docs/shards.md).',
      example: '3',
    },
    adopt: {
      allowed: 'the ARN of an application load balancer',
      byDefault: 'the group makes a load balancer of its own',
      doc:
        'Takes over a load balancer that somebody else made, with its name and DNS name, and its listeners on the ports that the group wants; rules that others made on them stay. It is never deleted, but let go with the group. ' +
        '`albatross adopt` shows first what that means (docs/safety.md).',
      example: 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/shop/0123456789abcdef',
    },
    'host-claims': {
      on: ['IngressClass'],
      allowed: 'lines of HOST: NAMESPACE…, the host being *, *.example.com or a whole one',
      byDefault: 'the namespace that had a host and path first has it',
      doc: 'Which namespaces may have which hosts on the shared load balancers of the class (docs/claims.md).',
      example: '*.shop.example.com: shop shop-staging',
    },
    drift: {
      on: ['Ingress', 'IngressClass'],
      merge: 'own',
      allowed: 'repair, report or ignore, with exceptions as FIELD=MODE',
      byDefault: 'what the option --drift says: repair',
      doc:
        'What is done about what others change in AWS, for the whole group of the Ingress; of several Ingresses the first in group order decides, and on an IngressClass it holds for the groups of its Ingresses. ' +
        'docs/drift.md lists the fields.',
      example: 'report; tags=ignore, listener.sslPolicy=repair',
    },
    drained: {
      on: ['Node'],
      allowed: 'written by the controller',
      byDefault: 'absent',
      doc: 'When the node had drained in every target group of type instance, with `--annotate-drained-nodes`.',
      example: '2026-01-31T12:00:00.000Z',
      status: 'written',
    },
    'no-readiness-gate': {
      on: ['Pod'],
      allowed: 'written by the webhook of pods',
      byDefault: 'absent',
      doc: 'Why the pod has no readiness gate although Ingresses send to it.',
      example: 'Ingress shop/web has no load balancer yet',
      status: 'written',
    },
  },
  ownPrefix,
);
