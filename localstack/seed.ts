// Prepares an empty account of an emulator for Albatross: network, nodes, certificates. A second run for the same cluster
// makes nothing twice. `npm run seed -- --help` says how.

import { parseArgs } from 'node:util';
import { ACMClient, ImportCertificateCommand, ListCertificatesCommand } from '@aws-sdk/client-acm';
import { EC2Client } from '@aws-sdk/client-ec2';
import { selfSigned } from '../src/simulator/aws/acm/self-signed.ts';
import { findNodes, findVpc } from '../src/sandbox/aws-nodes.ts';
import type { LocalNode } from '../src/sandbox/local-cluster.ts';
import { createNetwork } from './network.ts';
import { createNodes } from './nodes.ts';

export type SeedOptions = {
  readonly endpoint: string;
  readonly region: string;
  readonly clusterName: string;
  /** Each gets a self-signed certificate. */
  readonly hosts: readonly string[];
};

export type Seeded = {
  readonly vpcId: string;
  readonly nodes: readonly LocalNode[];
  /** ARN by host. */
  readonly certificates: Readonly<Record<string, string>>;
};

/** Emulators take any credentials; one that does not has its own in the environment. */
const credentials = {
  accessKeyId: process.env['AWS_ACCESS_KEY_ID'] ?? 'test',
  secretAccessKey: process.env['AWS_SECRET_ACCESS_KEY'] ?? 'test',
};

export async function seed({ endpoint, region, clusterName, hosts }: SeedOptions): Promise<Seeded> {
  const ec2 = new EC2Client({ endpoint, region, credentials });
  const acm = new ACMClient({ endpoint, region, credentials });
  try {
    const vpcId = (await findVpc(ec2, clusterName)) ?? (await build(ec2, clusterName));
    const nodes = await findNodes(ec2, { clusterName, vpcId });
    return { vpcId, nodes, certificates: await certificatesFor(acm, hosts) };
  } finally {
    ec2.destroy();
    acm.destroy();
  }
}

async function build(ec2: EC2Client, clusterName: string): Promise<string> {
  const { vpcId, privateSubnets: subnets } = await createNetwork(ec2, clusterName);
  await createNodes(ec2, { clusterName, vpcId, subnets });
  return vpcId;
}

async function certificatesFor(
  acm: ACMClient,
  hosts: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  const { CertificateSummaryList = [] } = await acm.send(
    new ListCertificatesCommand({ Includes: { keyTypes: ['EC_prime256v1'] } }),
  );
  const arns: Record<string, string> = {};
  for (const host of hosts) {
    const known = CertificateSummaryList.find(({ DomainName }) => DomainName === host)?.CertificateArn;
    arns[host] = known ?? (await importCertificate(acm, host));
  }
  return arns;
}

async function importCertificate(acm: ACMClient, host: string): Promise<string> {
  const { certificatePem, privateKeyPem } = selfSigned([host], Date.now());
  const { CertificateArn = '' } = await acm.send(
    new ImportCertificateCommand({
      Certificate: Buffer.from(certificatePem),
      PrivateKey: Buffer.from(privateKeyPem),
    }),
  );
  return CertificateArn;
}

const help = `Prepares an account of LocalStack, moto or another emulator for Albatross.

  npm run seed -- [--endpoint URL] [--region REGION] [--cluster-name NAME] [--host HOST]…

  --endpoint      where the emulator listens (default http://127.0.0.1:4566)
  --region        default us-west-2
  --cluster-name  default demo-cluster
  --host          a host to import a self-signed certificate for; can be given several times
                  (default shop.example.com)`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      endpoint: { type: 'string', default: 'http://127.0.0.1:4566' },
      region: { type: 'string', default: 'us-west-2' },
      'cluster-name': { type: 'string', default: 'demo-cluster' },
      host: { type: 'string', multiple: true, default: ['shop.example.com'] },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(help);
    return;
  }
  const { endpoint, region, 'cluster-name': clusterName } = values;
  const { vpcId, nodes, certificates } = await seed({ endpoint, region, clusterName, hosts: values.host });
  console.log(`VPC          ${vpcId}`);
  for (const { name, instanceId, zone, ip } of nodes)
    console.log(`Node         ${name}  aws:///${zone}/${instanceId}  ${ip}`);
  for (const [host, arn] of Object.entries(certificates)) console.log(`Certificate  ${host}  ${arn}`);
  console.log(`
Try it, with Ingresses from files and a local Kubernetes API:
  npm run sandbox -- --aws-endpoint=${endpoint} --aws-region=${region} --cluster-name=${clusterName}`);
}

if (import.meta.main) {
  await main().catch((error: unknown) => {
    console.error(`seed: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  });
}
