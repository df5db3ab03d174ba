// An account of any AWS, simulated, emulated or real, as the contract's cases use it: SDK clients, ways to make things under
// names of their own, and everything that a case made removed after it.

import assert from 'node:assert/strict';
import {
  ACMClient,
  DeleteCertificateCommand,
  ImportCertificateCommand,
  RequestCertificateCommand,
  type RequestCertificateCommandInput,
} from '@aws-sdk/client-acm';
import {
  CreateSecurityGroupCommand,
  DeleteSecurityGroupCommand,
  DescribeSubnetsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import * as elb from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  ChangeResourceRecordSetsCommand,
  CreateHostedZoneCommand,
  DeleteHostedZoneCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { selfSigned } from '../../src/simulator/aws/acm/self-signed.ts';

export type AccountOptions = {
  readonly endpoint: string;
  readonly region: string;
  /** Absent: the SDK's chain. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
};

type Undo = () => Promise<unknown>;

export class Account {
  readonly elbv2: elb.ElasticLoadBalancingV2Client;
  readonly ec2: EC2Client;
  readonly acm: ACMClient;
  readonly route53: Route53Client;
  vpcId = '';
  /** One in each of two or more zones. */
  subnetIds: readonly string[] = [];
  /** A second subnet in the zone of the first one; '' where there is none. */
  sameZoneSubnetId = '';
  /** An address in the first subnet's range that nothing has. */
  readonly address = (index: number): string => `${this.#network}.${200 + index}`;
  #network = '';
  readonly #undo: Undo[] = [];
  #made = 0;
  /** Different in each run, so that what one run left behind does not fail the next. */
  readonly #run = Date.now().toString(36);

  constructor({ endpoint, region, credentials }: AccountOptions) {
    const isLocal = /\/\/(127\.0\.0\.1|localhost)[:/]/.test(`${endpoint}/`);
    // An operation that an emulator lacks is a 500, which nobody needs to see three times.
    const options = {
      endpoint,
      region,
      maxAttempts: isLocal ? 1 : 8,
      ...(credentials && { credentials }),
    };
    this.elbv2 = new elb.ElasticLoadBalancingV2Client(options);
    this.ec2 = new EC2Client(options);
    this.acm = new ACMClient(options);
    this.route53 = new Route53Client(options);
  }

  /** Looks for a VPC with subnets in two zones. */
  async open(): Promise<void> {
    const { Subnets: subnets = [] } = await this.ec2.send(new DescribeSubnetsCommand({}));
    const byVpc = Map.groupBy(subnets, ({ VpcId }) => VpcId ?? '');
    for (const [vpcId, all] of byVpc) {
      const zones = Map.groupBy(all, ({ AvailabilityZone }) => AvailabilityZone ?? '');
      if (zones.size < 2) continue;
      this.vpcId = vpcId;
      this.subnetIds = [...zones.values()].map(([first]) => first?.SubnetId ?? '');
      const [first, second] = [...zones.values()].find((subnetsOfZone) => subnetsOfZone.length > 1) ?? [];
      if (first?.SubnetId !== undefined && second?.SubnetId !== undefined) {
        this.subnetIds = [first.SubnetId, ...this.subnetIds.filter((id) => id !== first.SubnetId)];
        this.sameZoneSubnetId = second.SubnetId;
      }
      const base = all.find(({ SubnetId }) => SubnetId === this.subnetIds[0])?.CidrBlock ?? '';
      this.#network = base.split('/')[0]?.split('.').slice(0, 3).join('.') ?? '';
      return;
    }
    throw new Error('no VPC has subnets in two zones');
  }

  close(): void {
    for (const client of [this.elbv2, this.ec2, this.acm, this.route53]) client.destroy();
  }

  /** Does what `after` asked for, last first. What a case has removed itself is no error. */
  async cleanUp(): Promise<void> {
    for (const undo of this.#undo.splice(0).toReversed()) await undo().catch(() => undefined);
  }

  after(undo: Undo): void {
    this.#undo.push(undo);
  }

  name(): string {
    this.#made += 1;
    return `ct-${this.#run}-${this.#made}`;
  }

  async loadBalancer(
    input: Partial<elb.CreateLoadBalancerCommandInput> = {},
  ): Promise<elb.LoadBalancer & { readonly LoadBalancerArn: string }> {
    const { LoadBalancers: [made] = [] } = await this.elbv2.send(
      new elb.CreateLoadBalancerCommand({ Name: this.name(), Subnets: this.subnetIds.slice(0, 2), ...input }),
    );
    const LoadBalancerArn = made?.LoadBalancerArn ?? assert.fail('no load balancer in the answer');
    this.after(() => this.elbv2.send(new elb.DeleteLoadBalancerCommand({ LoadBalancerArn })));
    return { ...made, LoadBalancerArn };
  }

  /** Waits for what AWS takes minutes to make. */
  async active(LoadBalancerArn: string): Promise<void> {
    const options = { client: this.elbv2, minDelay: 1, maxDelay: 15, maxWaitTime: 600 };
    await elb.waitUntilLoadBalancerAvailable(options, { LoadBalancerArns: [LoadBalancerArn] });
  }

  async targetGroup(
    input: Partial<elb.CreateTargetGroupCommandInput> = {},
  ): Promise<elb.TargetGroup & { readonly TargetGroupArn: string }> {
    const { TargetGroups: [made] = [] } = await this.elbv2.send(
      new elb.CreateTargetGroupCommand({
        Name: this.name(),
        Protocol: 'HTTP',
        Port: 80,
        VpcId: this.vpcId,
        TargetType: 'ip',
        ...input,
      }),
    );
    const TargetGroupArn = made?.TargetGroupArn ?? assert.fail('no target group in the answer');
    this.after(() => this.elbv2.send(new elb.DeleteTargetGroupCommand({ TargetGroupArn })));
    return { ...made, TargetGroupArn };
  }

  /** A listener on HTTP port 80 of a new load balancer that answers 404. */
  async listener(
    input: Partial<elb.CreateListenerCommandInput> = {},
  ): Promise<elb.Listener & { readonly ListenerArn: string; readonly LoadBalancerArn: string }> {
    const LoadBalancerArn = input.LoadBalancerArn ?? (await this.loadBalancer()).LoadBalancerArn;
    const { Listeners: [made] = [] } = await this.elbv2.send(
      new elb.CreateListenerCommand({
        LoadBalancerArn,
        Protocol: 'HTTP',
        Port: 80,
        DefaultActions: [notFound],
        ...input,
      }),
    );
    const ListenerArn = made?.ListenerArn ?? assert.fail('no listener in the answer');
    this.after(() => this.elbv2.send(new elb.DeleteListenerCommand({ ListenerArn })));
    return { ...made, ListenerArn, LoadBalancerArn };
  }

  async rule(
    ListenerArn: string,
    Priority: number,
    input: Partial<elb.CreateRuleCommandInput> = {},
  ): Promise<elb.Rule & { readonly RuleArn: string }> {
    const { Rules: [made] = [] } = await this.elbv2.send(
      new elb.CreateRuleCommand({
        ListenerArn,
        Priority,
        Conditions: [path(`/${Priority}`)],
        Actions: [notFound],
        ...input,
      }),
    );
    return { ...made, RuleArn: made?.RuleArn ?? assert.fail('no rule in the answer') };
  }

  async securityGroup(GroupName = this.name()): Promise<string> {
    const { GroupId = '' } = await this.ec2.send(
      new CreateSecurityGroupCommand({ GroupName, Description: 'contract', VpcId: this.vpcId }),
    );
    this.after(() => this.ec2.send(new DeleteSecurityGroupCommand({ GroupId })));
    return GroupId;
  }

  async certificate(...names: readonly string[]): Promise<string> {
    const { certificatePem, privateKeyPem } = selfSigned(names, Date.now());
    const { CertificateArn = '' } = await this.acm.send(
      new ImportCertificateCommand({
        Certificate: Buffer.from(certificatePem),
        PrivateKey: Buffer.from(privateKeyPem),
      }),
    );
    this.after(() => this.acm.send(new DeleteCertificateCommand({ CertificateArn })));
    return CertificateArn;
  }

  async requestedCertificate(input: RequestCertificateCommandInput): Promise<string> {
    const { CertificateArn = '' } = await this.acm.send(new RequestCertificateCommand(input));
    this.after(() => this.acm.send(new DeleteCertificateCommand({ CertificateArn })));
    return CertificateArn;
  }

  /** A public zone of a name that nobody else has; its id without `/hostedzone/`. */
  async hostedZone(): Promise<{ readonly id: string; readonly name: string }> {
    const name = `${this.name()}.example.com`;
    const { HostedZone: made } = await this.route53.send(
      new CreateHostedZoneCommand({ Name: name, CallerReference: name }),
    );
    const id = (made?.Id ?? '').replace('/hostedzone/', '');
    this.after(() => this.route53.send(new DeleteHostedZoneCommand({ Id: id })));
    return { id, name };
  }

  /** Creates or deletes aliases to `x.example.com`, all in one batch. */
  async aliases(Action: 'CREATE' | 'DELETE', zoneId: string, ...names: readonly string[]): Promise<void> {
    const change = (action: typeof Action) =>
      new ChangeResourceRecordSetsCommand({
        HostedZoneId: zoneId,
        ChangeBatch: {
          Changes: names.map((Name) => ({
            Action: action,
            ResourceRecordSet: {
              Name,
              Type: 'CNAME',
              TTL: 60,
              ResourceRecords: [{ Value: 'x.example.com.' }],
            },
          })),
        },
      });
    await this.route53.send(change(Action));
    if (Action === 'CREATE') this.after(() => this.route53.send(change('DELETE')));
  }

  /** An ARN like the given one that nothing has. */
  unknown(arn: string): string {
    return arn.replace(/[0-9a-f]{16}$/, '0123456789abcdef');
  }
}

export const notFound: elb.Action = {
  Type: 'fixed-response',
  FixedResponseConfig: { StatusCode: '404', ContentType: 'text/plain' },
};

export const path = (...values: readonly string[]): elb.RuleCondition => ({
  Field: 'path-pattern',
  PathPatternConfig: { Values: [...values] },
});

export const forward = (...arns: readonly string[]): elb.Action => ({
  Type: 'forward',
  ForwardConfig: { TargetGroups: arns.map((TargetGroupArn) => ({ TargetGroupArn, Weight: 1 })) },
});

/** Asserts that AWS refuses with this code, or one of these where its documentation leaves it open. */
export async function refused(work: Promise<unknown>, ...codes: readonly string[]): Promise<void> {
  const code = await work.then(
    () => 'accepted',
    (error: unknown) => wireCode(error),
  );
  assert.ok(codes.includes(code), `${code}, not ${codes.join(' or ')}`);
}

/** The code of the answer itself: the SDK's names of its exceptions differ from it. */
function wireCode(error: unknown): string {
  const { Code, name } = error as { readonly Code?: string; readonly name?: string };
  return Code ?? (name ?? 'no error code').replace(/Exception$/, '');
}
