import { EC2Client } from '@aws-sdk/client-ec2';
import { findNodes, findVpc } from './aws-nodes.ts';
import type { LocalNode } from './local-cluster.ts';

/** Another AWS than the simulated one. */
export type GivenAws = {
  readonly endpoint: string;
  readonly vpcId: string;
  readonly nodes: readonly LocalNode[];
};

/** Emulators take any credentials; what needs real ones finds them in the environment. */
export function givenCredentials(env: NodeJS.ProcessEnv = process.env): {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
} {
  return {
    accessKeyId: env['AWS_ACCESS_KEY_ID'] ?? 'test',
    secretAccessKey: env['AWS_SECRET_ACCESS_KEY'] ?? 'test',
  };
}

/** What the AWS at an endpoint has for this cluster; undefined when no VPC was named and none has the cluster's name. */
export async function findAws(options: {
  readonly endpoint: string;
  readonly region: string;
  readonly clusterName: string;
  readonly vpcId: string | undefined;
}): Promise<GivenAws | undefined> {
  const { endpoint, region, clusterName } = options;
  const client = new EC2Client({ endpoint, region, credentials: givenCredentials() });
  try {
    const vpcId = options.vpcId ?? (await findVpc(client, clusterName));
    if (vpcId === undefined) return undefined;
    return { endpoint, vpcId, nodes: await findNodes(client, { clusterName, vpcId }) };
  } finally {
    client.destroy();
  }
}
