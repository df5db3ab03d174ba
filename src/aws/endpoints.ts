/** URLs by service, spelled as in `--aws-api-endpoints`. */
export type Endpoints = Readonly<
  Partial<
    Record<
      | 'elasticloadbalancing'
      | 'ec2'
      | 'acm'
      | 'route53'
      | 'waf-regional'
      | 'wafv2'
      | 'servicequotas'
      | 'shield'
      | 'sts'
      | 'tag'
      | 'cloudtrail',
      string
    >
  >
>;

/**
 * Ids of AWS SDK for Go v2 and of its predecessor, which name the same service in ALBC's flag (albc-behaviour §9.1); compared
 * without case and spaces. Services that are not called yet are accepted, so that a flag of ALBC can be taken over.
 */
const serviceIds: Readonly<Record<string, keyof Endpoints | 'unused'>> = {
  elasticloadbalancingv2: 'elasticloadbalancing',
  elasticloadbalancing: 'elasticloadbalancing',
  ec2: 'ec2',
  acm: 'acm',
  wafv2: 'wafv2',
  wafregional: 'waf-regional',
  servicequotas: 'servicequotas',
  shield: 'shield',
  sts: 'sts',
  cloudwatch: 'unused',
  route53: 'route53',
  resourcegroupstaggingapi: 'tag',
  cloudtrail: 'cloudtrail',
  globalaccelerator: 'unused',
};

/** The service of an id; undefined: there is none. */
export const serviceOf = (id: string): keyof Endpoints | 'unused' | undefined =>
  serviceIds[id.toLowerCase().replaceAll(' ', '')];

export const unknownService = (id: string): string =>
  `"${id}" is not a known service; known are ${Object.keys(serviceIds).join(', ')}`;

/**
 * Reads `--aws-api-endpoints`: `serviceID=URL` pairs with commas between them.
 * Answers the URLs by service, and one sentence for each pair that cannot be used.
 */
export function parseEndpoints(text: string): {
  readonly endpoints: Endpoints;
  readonly mistakes: readonly string[];
} {
  const endpoints: Record<string, string> = {};
  const mistakes: string[] = [];
  for (const pair of text.split(',').filter((part) => part.trim() !== '')) {
    const at = pair.indexOf('=');
    const id = pair.slice(0, Math.max(0, at)).trim();
    const url = pair.slice(at + 1).trim();
    const service = serviceOf(id);
    if (at < 0) mistakes.push(`aws-api-endpoints: "${pair}" is not of the form serviceID=URL`);
    else if (service === undefined) {
      mistakes.push(`aws-api-endpoints: ${unknownService(id)}`);
    } else if (!URL.canParse(url)) mistakes.push(`aws-api-endpoints: "${url}" of ${id} is not a URL`);
    else if (service !== 'unused') endpoints[service] = url;
  }
  return { endpoints, mistakes };
}
