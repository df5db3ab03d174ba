/** Names of services as the AWS SDK for Go prints them, by the prefix of IAM actions. */
const services: Readonly<Record<string, string>> = {
  elasticloadbalancing: 'Elastic Load Balancing v2',
  ec2: 'EC2',
  acm: 'ACM',
  wafv2: 'WAFV2',
  'waf-regional': 'WAF Regional',
  shield: 'Shield',
  tag: 'Resource Groups Tagging API',
  route53: 'Route 53',
};

/** The code of our refusal to request a certificate that could not be validated. */
export const noHostedZone = 'NoHostedZone';

/**
 * A refusal in the words of the AWS SDK for Go v2 (smithy OperationError), which ALBC passes on: what its users search for.
 * `action` as in IAM, such as `ec2:DescribeSubnets`. Errors with a type of their own are printed without `api error`.
 */
export function goSdkError(refusal: {
  readonly action: string;
  readonly code: string;
  readonly message: string;
  readonly requestId: string | undefined;
  readonly status?: number | undefined;
  readonly isModelled?: boolean;
}): string {
  const { action, code, message, requestId = '', status = 400, isModelled = false } = refusal;
  // Not AWS's refusal but ours, in ALBC's words.
  if (code === noHostedZone) return message.slice(Math.max(0, message.indexOf('pre-check failed')));
  const [prefix = '', operation = ''] = action.split(':');
  const error = isModelled ? code : `api error ${code}`;
  return `operation error ${services[prefix] ?? prefix}: ${operation}, https response error StatusCode: ${status}, RequestID: ${requestId}, ${error}: ${message}`;
}
