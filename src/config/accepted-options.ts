/**
 * Options of ALBC that are accepted so that its arguments carry over, and have no effect here: name → why. The
 * controller logs one line for each that is given.
 */
export const acceptedOptions: Readonly<Record<string, string>> = {
  'enable-endpoint-slices': 'EndpointSlices are always used',
  'targetgroupbinding-requeue-duration':
    'targets follow the cluster by watching; the health that a readiness gate waits for is asked for soon after a change, then ever more seldom',
  'aws-vpc-tag-key': 'ALBC ignores it too',
  'load-balancer-class': 'Services of type LoadBalancer are not handled',
  'service-max-concurrent-reconciles': 'Services of type LoadBalancer are not handled',
  'gateway-class-max-concurrent-reconciles': 'Gateways are not handled',
  'alb-gateway-max-concurrent-reconciles': 'Gateways are not handled',
  'nlb-gateway-max-concurrent-reconciles': 'Gateways are not handled',
  'globalaccelerator-max-concurrent-reconciles': 'Global Accelerator is not handled',
  'globalaccelerator-max-exponential-backoff-delay': 'Global Accelerator is not handled',
  'quic-environment-variable-name': 'Network Load Balancers are not handled',
};
