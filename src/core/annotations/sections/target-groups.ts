import { section } from '../entry.ts';

export const targetGroups = section(
  'Target groups',
  { on: ['Ingress', 'Service'], merge: 'own', status: 'built' },
  {
    'target-type': {
      allowed: 'instance, ip',
      byDefault: 'flag --default-target-type (instance)',
      doc: 'Targets are node ports of instances, or addresses of pods.',
      example: 'ip',
      params: 'targetType',
    },
    'backend-protocol': {
      allowed: 'HTTP, HTTPS',
      byDefault: 'HTTP',
      doc: 'Protocol towards the targets.',
      example: 'HTTPS',
    },
    'backend-protocol-version': {
      allowed: 'HTTP1, HTTP2, GRPC',
      byDefault: 'HTTP1',
      doc: 'Version of the protocol towards the targets.',
      example: 'GRPC',
    },
    'target-group-attributes': {
      allowed: 'key=value, separated by commas',
      byDefault: 'attributes are left alone',
      doc: 'Attributes of the target group; keys that are not named keep the value they have.',
      example: 'deregistration_delay.timeout_seconds=30',
    },
    'target-node-labels': {
      allowed: 'label=value, separated by commas',
      byDefault: 'every node',
      doc: 'Instance targets: only nodes with these labels.',
      example: 'pool=ingress',
    },
    'multi-cluster-target-group': {
      allowed: 'true, false',
      byDefault: 'false',
      doc: 'The target group has targets of other clusters too, which are left alone.',
      example: 'true',
    },
    'target-control-port.<service>.<port>': {
      allowed: 'a port number',
      byDefault: 'none',
      doc: 'Port of the target control agent, for ip targets.',
      example: '3000',
    },
    'healthcheck-port': {
      allowed: 'traffic-port, a port number, or the name of a port of the Service',
      byDefault: 'traffic-port',
      doc: 'Port of the health check.',
      example: 'traffic-port',
    },
    'healthcheck-protocol': {
      allowed: 'HTTP, HTTPS',
      byDefault: 'the same as backend-protocol',
      doc: 'Protocol of the health check.',
      example: 'HTTP',
    },
    'healthcheck-path': {
      allowed: 'a path',
      byDefault: '/, or /AWS.ALB/healthcheck for GRPC',
      doc: 'Path of the health check, or its method for GRPC.',
      example: '/healthz',
    },
    'healthcheck-interval-seconds': {
      allowed: 'a whole number of seconds',
      byDefault: '15',
      doc: 'Time between two health checks of a target.',
      example: '15',
    },
    'healthcheck-timeout-seconds': {
      allowed: 'a whole number of seconds',
      byDefault: '5',
      doc: 'Time without an answer after which a health check has failed.',
      example: '5',
    },
    'healthy-threshold-count': {
      allowed: 'a whole number',
      byDefault: '2',
      doc: 'Passed checks in a row that make a target healthy.',
      example: '2',
    },
    'unhealthy-threshold-count': {
      allowed: 'a whole number',
      byDefault: '2',
      doc: 'Failed checks in a row that make a target unhealthy.',
      example: '2',
    },
    'success-codes': {
      allowed: 'codes such as 200, 200,202 or 200-299; gRPC codes such as 0 or 0-5',
      byDefault: '200, or 12 for GRPC',
      doc: 'Answers that count as a passed check.',
      example: '200-299',
    },
  },
);
