/** The flags with which a controller finds an AWS at an endpoint, by name without dashes. */
export function controllerFlags(place: {
  readonly endpoint: string;
  readonly vpcId: string;
  readonly clusterName: string;
  readonly region: string;
}): ReadonlyMap<string, string> {
  const services = ['Elastic Load Balancing v2', 'EC2', 'ACM', 'WAFV2', 'Shield'];
  return new Map([
    ['cluster-name', place.clusterName],
    ['aws-region', place.region],
    ['aws-vpc-id', place.vpcId],
    ['aws-api-endpoints', services.map((service) => `${service}=${place.endpoint}`).join(',')],
  ]);
}
