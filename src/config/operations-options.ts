// The rows of the options table that concern running the controller: leader election, endpoints, logs, draining.

import { flag, option } from './option.ts';
import { bindAddress, oneOf, text, type BindAddress } from './values.ts';

const address = (host: string, port: number): BindAddress => ({ host, port });

export const operationsOptions = {
  enableLeaderElection: flag(
    'enable-leader-election',
    true,
    'Operations',
    'Let one replica work at a time, by a Lease.',
  ),
  leaderElectionId: option({
    name: 'leader-election-id',
    argument: 'name',
    parse: text,
    fallback: 'aws-load-balancer-controller-leader',
    group: 'Operations',
    doc: 'Name of the Lease. The default is ALBC’s, so that the two never work at the same time.',
  }),
  leaderElectionNamespace: option({
    name: 'leader-election-namespace',
    argument: 'namespace',
    parse: text,
    fallback: undefined,
    env: ['POD_NAMESPACE'],
    group: 'Operations',
    doc: 'Namespace of the Lease; without it the namespace of the pod.',
  }),
  metricsBindAddr: option({
    name: 'metrics-bind-addr',
    argument: 'address',
    parse: bindAddress,
    fallback: address('', 8080),
    group: 'Operations',
    doc: 'Where /metrics is served; 0: nowhere.',
  }),
  healthProbeBindAddr: option({
    name: 'health-probe-bind-addr',
    argument: 'address',
    parse: bindAddress,
    fallback: address('', 61_779),
    group: 'Operations',
    doc: 'Where /healthz and /readyz are served; 0: nowhere.',
  }),
  followDraining: flag(
    'follow-draining',
    false,
    'Operations',
    'Look at deregistered targets until they have drained: measures how long that takes (albatross_target_drain_seconds) and tells where pods end earlier. About ten more reads for each time that targets go.',
  ),
  annotateDrainedNodes: flag(
    'annotate-drained-nodes',
    false,
    'Operations',
    'Annotate nodes that an autoscaler is about to remove with albatross.dev/drained when they have drained in every target group of type instance. Needs deploy/example/drained-nodes.yaml; looks at AWS as --follow-draining does.',
  ),
  logLevel: option({
    name: 'log-level',
    argument: 'info|debug',
    parse: oneOf('info', 'debug'),
    fallback: 'info' as const,
    group: 'Operations',
    doc: 'How much is logged.',
  }),
};
