/** Ids of the services that the controller calls. */
const services = [
  'Elastic Load Balancing v2',
  'EC2',
  'ACM',
  'WAFV2',
  'WAF Regional',
  'Shield',
  'Resource Groups Tagging API',
  'Route 53',
  'STS',
  'Service Quotas',
  'CloudTrail',
];

/** `--aws-api-endpoints` for an AWS that has every service at one endpoint. */
export const endpointsAt = (endpoint: string): string =>
  services.map((service) => `${service}=${endpoint}`).join(',');

/** The flags with which a controller finds an AWS at an endpoint, by name without dashes. */
export function controllerFlags(place: {
  readonly endpoint: string;
  readonly vpcId: string;
  readonly clusterName: string;
  readonly region: string;
}): ReadonlyMap<string, string> {
  return new Map([
    ['cluster-name', place.clusterName],
    ['aws-region', place.region],
    ['aws-vpc-id', place.vpcId],
    ['aws-api-endpoints', endpointsAt(place.endpoint)],
  ]);
}
