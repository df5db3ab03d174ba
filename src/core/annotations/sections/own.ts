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
    'host-claims': {
      on: ['IngressClass'],
      allowed: 'lines of HOST: NAMESPACE…, the host being *, *.example.com or a whole one',
      byDefault: 'the namespace that had a host and path first has it',
      doc: 'Which namespaces may have which hosts on the shared load balancers of the class (docs/claims.md).',
      example: '*.shop.example.com: shop shop-staging',
    },
    drained: {
      on: ['Node'],
      allowed: 'written by the controller',
      byDefault: 'absent',
      doc: 'When the node had drained in every target group of type instance, with `--annotate-drained-nodes`.',
      example: '2026-01-31T12:00:00.000Z',
      status: 'written',
    },
  },
  ownPrefix,
);
