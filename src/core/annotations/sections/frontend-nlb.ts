import { section } from '../entry.ts';

const healthCheck = 'Health check of the load balancer by the network load balancer';

export const frontendNlb = section(
  'Frontend network load balancer',
  { on: ['Ingress'], merge: 'one value in the group', status: 'built' },
  {
    'enable-frontend-nlb': {
      allowed: 'true, false',
      byDefault: 'false',
      doc: 'A network load balancer in front of the load balancer.',
      example: 'true',
    },
    'frontend-nlb-scheme': {
      allowed: 'internal, internet-facing',
      byDefault: 'flag --default-load-balancer-scheme (internal)',
      doc: 'Whether it has public addresses.',
      example: 'internet-facing',
    },
    'frontend-nlb-subnets': {
      allowed: 'subnet ids or values of Name tags, separated by commas',
      byDefault: 'found by role tags',
      doc: 'Its subnets.',
      example: 'public-a,public-b',
    },
    'frontend-nlb-security-groups': {
      allowed: 'security group ids or values of Name tags, separated by commas',
      byDefault: 'those of the load balancer',
      doc: 'Its security groups.',
      example: 'sg-0123456789abcdef0',
    },
    'frontend-nlb-listener-port-mapping': {
      merge: 'merged',
      allowed: 'port=port, separated by commas',
      byDefault: 'each listen port to itself',
      doc: 'Its ports, and the listen ports they lead to.',
      example: '80=80,8443=443',
    },
    'frontend-nlb-eip-allocations': {
      allowed: 'allocation ids, separated by commas',
      byDefault: 'none',
      doc: 'Elastic addresses, one for each subnet.',
      example: 'eipalloc-0123456789abcdef0,eipalloc-0123456789abcdef1',
    },
    'frontend-nlb-healthcheck-port': {
      merge: 'one value per port',
      allowed: 'traffic-port or a port number',
      byDefault: 'traffic-port',
      doc: `${healthCheck}: port.`,
      example: 'traffic-port',
    },
    'frontend-nlb-healthcheck-protocol': {
      merge: 'one value per port',
      allowed: 'HTTP, HTTPS',
      byDefault: 'HTTP',
      doc: `${healthCheck}: protocol.`,
      example: 'HTTP',
    },
    'frontend-nlb-healthcheck-path': {
      merge: 'one value per port',
      allowed: 'a path',
      byDefault: '/',
      doc: `${healthCheck}: path.`,
      example: '/healthz',
    },
    'frontend-nlb-healthcheck-interval-seconds': {
      merge: 'one value per port',
      allowed: 'a whole number of seconds',
      byDefault: '15',
      doc: `${healthCheck}: interval.`,
      example: '15',
    },
    'frontend-nlb-healthcheck-timeout-seconds': {
      merge: 'one value per port',
      allowed: 'a whole number of seconds',
      byDefault: '5',
      doc: `${healthCheck}: time-out.`,
      example: '5',
    },
    'frontend-nlb-healthcheck-healthy-threshold-count': {
      merge: 'one value per port',
      allowed: 'a whole number',
      byDefault: '2',
      doc: `${healthCheck}: passed checks that make it healthy.`,
      example: '2',
    },
    'frontend-nlb-healthcheck-unhealthy-threshold-count': {
      merge: 'one value per port',
      allowed: 'a whole number',
      byDefault: '2',
      doc: `${healthCheck}: failed checks that make it unhealthy.`,
      example: '2',
    },
    'frontend-nlb-healthcheck-success-codes': {
      merge: 'one value per port',
      allowed: 'codes such as 200 or 200-299',
      byDefault: '200',
      doc: `${healthCheck}: answers that pass.`,
      example: '200',
    },
    'frontend-nlb-attributes': {
      allowed: 'key=value, separated by commas',
      byDefault: 'attributes are left alone',
      doc: 'Its attributes.',
      example: 'dns_record.client_routing_policy=availability_zone_affinity',
    },
    'frontend-nlb-tags': {
      allowed: 'key=value, separated by commas',
      byDefault: 'the tags of the load balancer',
      doc: 'Its tags.',
      example: 'team=shop',
    },
  },
);
