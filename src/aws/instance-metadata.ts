// The metadata service of the EC2 instance that we run on (IMDSv2): where we are, when no option says it.

/** Text, or why there is none. */
export type Metadata = { readonly value: string } | { readonly why: string };

export type InstanceMetadata = {
  readonly region: (options: { readonly signal: AbortSignal }) => Promise<Metadata>;
  /** VPC of the first network interface. */
  readonly vpcId: (options: { readonly signal: AbortSignal }) => Promise<Metadata>;
};

/** It answers in milliseconds or, where the answer takes one hop too many, never. */
const timeoutMs = 1000;
const attempts = 2;
const tokenSeconds = 300;

/**
 * Reads the service at AWS_EC2_METADATA_SERVICE_ENDPOINT or at its link-local address (`…_MODE=IPv6`: the IPv6 one), unless
 * AWS_EC2_METADATA_DISABLED is true, as the SDKs do.
 */
export function instanceMetadata(env: Readonly<Record<string, string | undefined>>): InstanceMetadata {
  const isIpv6 = env['AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE']?.toLowerCase() === 'ipv6';
  const given = env['AWS_EC2_METADATA_SERVICE_ENDPOINT'];
  const base = given || (isIpv6 ? 'http://[fd00:ec2::254]' : 'http://169.254.169.254');
  const isDisabled = env['AWS_EC2_METADATA_DISABLED']?.toLowerCase() === 'true';

  const ask = async (path: string, init: RequestInit, signal: AbortSignal): Promise<string> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
        const response = await fetch(new URL(path, base), { ...init, signal: limit });
        if (response.ok) return (await response.text()).trim();
        throw new Error(`answered ${response.status} to ${path}`);
      } catch (error) {
        signal.throwIfAborted();
        if (attempt >= attempts) throw error;
      }
    }
  };

  const read = async (
    signal: AbortSignal,
    steps: (get: (path: string) => Promise<string>) => Promise<string>,
  ): Promise<Metadata> => {
    if (isDisabled) return { why: 'AWS_EC2_METADATA_DISABLED switches the instance metadata service off' };
    try {
      const lifetime = { 'x-aws-ec2-metadata-token-ttl-seconds': String(tokenSeconds) };
      const token = await ask('/latest/api/token', { method: 'PUT', headers: lifetime }, signal);
      const headers = { 'x-aws-ec2-metadata-token': token };
      return { value: await steps((path) => ask(`/latest/meta-data/${path}`, { headers }, signal)) };
    } catch (error) {
      signal.throwIfAborted();
      return { why: `the instance metadata service at ${base} ${reason(error)}` };
    }
  };

  return {
    region: ({ signal }) => read(signal, (get) => get('placement/region')),
    vpcId: ({ signal }) =>
      read(signal, async (get) => get(`network/interfaces/macs/${await get('mac')}/vpc-id`)),
  };
}

function reason(error: unknown): string {
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return `did not answer within ${timeoutMs / 1000} s (a pod needs hop limit 2: aws ec2 modify-instance-metadata-options --http-put-response-hop-limit 2)`;
  }
  if (!(error instanceof Error)) return 'failed';
  return error.message.startsWith('answered') ? error.message : `cannot be reached (${causeOf(error)})`;
}

const causeOf = ({ cause, message }: Error): string => (cause instanceof Error ? cause.message : message);
