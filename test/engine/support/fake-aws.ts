// An AWS that does what it is told, remembers it as the core does, and counts the calls.

import type { Facts, TargetGroupFact } from '../../../src/core/domain/facts.ts';
import {
  type GroupKey,
  groupKey,
  type SecurityGroupId,
  type SubnetId,
  type TargetGroupArn,
} from '../../../src/core/domain/ids.ts';
import type { ObservedNetwork } from '../../../src/core/domain/network.ts';
import {
  emptyObservedGroup,
  type ObservedGroup,
  type ObservedSecurityGroup,
} from '../../../src/core/domain/observed-group.ts';
import type { Attributes, Handlers, Look, Operation } from '../../../src/core/domain/operation.ts';
import type { AwsErrorKind, Refusal } from '../../../src/core/domain/outcome.ts';
import type { ObservedTarget } from '../../../src/core/domain/target.ts';
import { remember } from '../../../src/core/plan/remember.ts';
import type { AwsPort } from '../../../src/engine/ports.ts';
import { afterwards } from '../../../src/engine/targets-loop.ts';

class Refused extends Error {
  readonly refusal: Refusal;
  constructor(kind: AwsErrorKind, what: string) {
    super(what);
    this.refusal = {
      kind,
      code: kind,
      action: what,
      message: `${what} was refused`,
      requestId: undefined,
      retryAfterMs: undefined,
    };
  }
}

const subnet = (zone: string): Facts['subnets'][number] => ({
  id: `subnet-${zone}` as SubnetId,
  availabilityZone: `us-west-2${zone}`,
  locale: 'availability-zone',
  cidr: '10.0.0.0/19',
  ipv6Cidrs: [],
  availableIpCount: 100,
  tags: { 'kubernetes.io/role/internal-elb': '1', 'kubernetes.io/role/elb': '1' },
  routesToInternet: true,
});

const facts: Facts = {
  vpc: undefined,
  subnets: [subnet('a'), subnet('b')],
  securityGroups: [],
  certificates: [],
  quotas: [],
  targetGroupsByName: new Map(),
  trustStoresByName: new Map(),
  webAclsByName: new Map(),
  shieldActive: false,
};

const nodeGroup: ObservedSecurityGroup = {
  id: 'sg-nodes' as SecurityGroupId,
  name: 'nodes',
  description: '',
  tags: {},
  ingress: [],
};

/** A refusal, or a failure after the work was done, for the next operations of a kind. */
export type Fault = { readonly kind: AwsErrorKind; readonly times?: number; readonly afterDoing?: true };

export class FakeAws {
  /** Everything in the account. A security group `sg-of-<endpoint>` stands before that endpoint, `sg-nodes` before the others. */
  state: ObservedGroup = { ...emptyObservedGroup(groupKey('')), securityGroups: [nodeGroup] };
  readonly targets = new Map<TargetGroupArn, readonly ObservedTarget[]>();
  /** Target groups that somebody else made. */
  readonly theirs: TargetGroupFact[] = [];
  /** Security groups that members may give to load balancers. */
  given: Facts['securityGroups'] = [];
  /** Undefined: what every address is inside of. */
  vpc: Facts['vpc'];
  readonly calls: string[] = [];
  /** Endpoints whose interfaces were asked for. */
  readonly asked: string[] = [];
  /** Hears of every call, before it does anything. */
  onCall: () => void = () => undefined;
  /** Roles in whose name targets were read. */
  readonly roles = new Set<string>();
  readonly faults = new Map<string, Fault>();
  /** What a write waits for; for tests of stopping and of what happens meanwhile. */
  gate: Promise<void> = Promise.resolve();
  /** Whoever looks at targets that were registered finds them healthy; else they stay as they were. */
  passesChecks = false;
  /** Ids that registerTargets leaves out. */
  readonly refusedTargets = new Set<string>();
  /** Instances and addresses that AWS has no interface of yet. */
  readonly unknownEndpoints = new Set<string>();
  /** The next operation of this kind meets a bug of ours. */
  bugIn: string | undefined;
  clusterName = 'demo-cluster';
  /** Whether tags name another cluster of the same name. */
  isOthers: (tags: Readonly<Record<string, string>>) => boolean = () => false;
  #ids = 0;

  /** The calls since the last time this was asked. */
  taken(): readonly string[] {
    return this.calls.splice(0);
  }

  /** Puts a security group of its own before an endpoint. */
  own(endpoint: string): void {
    const group = { ...nodeGroup, id: `sg-of-${endpoint}` as SecurityGroupId };
    this.state = { ...this.state, securityGroups: [...this.state.securityGroups, group] };
  }

  port(): AwsPort {
    const handle = (operation: Operation, look: Look): Promise<Attributes> => this.#write(operation, look);
    return {
      inventory: async () => {
        this.#read('inventory');
        const keys = new Set(this.#tagged().flatMap(({ tags }) => tags['ingress.k8s.aws/stack'] ?? []));
        return new Map(
          [...keys].map((key) => {
            const group = this.#group(groupKey(key));
            return [
              groupKey(key),
              {
                loadBalancerArns: group.loadBalancers.map(({ arn }) => arn),
                targetGroupArns: group.targetGroups.map(({ arn }) => arn),
                securityGroupIds: group.securityGroups.map(({ id }) => id),
                certificateArns: group.certificates.map(({ arn }) => arn),
              },
            ];
          }),
        );
      },
      observeGroup: async (key) => {
        this.#read('observeGroup');
        return this.#group(key);
      },
      presentCertificates: async (known) => {
        this.#read('presentCertificates');
        return this.state.certificates.filter(({ arn }) => known.some((one) => one.arn === arn));
      },
      observeTargets: async (arn, { role }) => {
        this.#read('observeTargets');
        if (role !== undefined) this.roles.add(role.arn);
        if (this.passesChecks) this.targets.set(arn, (this.targets.get(arn) ?? []).map(checked));
        return this.targets.get(arn) ?? [];
      },
      targetGroup: async ({ arn, name }) => {
        this.#read('targetGroup');
        return this.theirs.find((group) => (arn === undefined ? group.name === name : group.arn === arn));
      },
      facts: async () => {
        this.#fail('facts');
        return { ...facts, vpc: this.vpc, securityGroups: this.given };
      },
      observeNetwork: async ({ instanceIds, podAddresses }, { before }) => {
        this.#read('observeNetwork');
        const asked = [...instanceIds, ...podAddresses].filter((each) => !this.unknownEndpoints.has(each));
        this.asked.push(...asked);
        return this.#network([...(before?.endpointGroups.keys() ?? []), ...asked]);
      },
      handlers: new Proxy({}, { get: () => handle }) as Handlers,
      refusalOf: (error) => (error instanceof Refused ? error.refusal : undefined),
    };
  }

  #network(endpoints: readonly string[]): ObservedNetwork {
    const present = (id: string) => this.state.securityGroups.find((group) => group.id === id);
    const groupOf = (endpoint: string) => present(`sg-of-${endpoint}`) ?? present(nodeGroup.id) ?? nodeGroup;
    const groups = [nodeGroup.id, ...endpoints].map(groupOf);
    return {
      backendSecurityGroup: this.state.securityGroups.find(
        ({ tags }) =>
          tags['elbv2.k8s.aws/resource'] === 'backend-sg' && this.#isOfCluster(tags) && !this.isOthers(tags),
      ),
      endpointGroups: new Map(
        endpoints.map((endpoint) => {
          const { id, name } = groupOf(endpoint);
          return [endpoint, [{ id, name, tags: {} }]];
        }),
      ),
      securityGroups: new Map(groups.map((group) => [group.id, group])),
      others: new Set(
        this.state.securityGroups.filter(({ tags }) => this.isOthers(tags)).map(({ id }) => id),
      ),
    };
  }

  #tagged() {
    const { loadBalancers, targetGroups, securityGroups, certificates } = this.state;
    return [...loadBalancers, ...targetGroups, ...securityGroups, ...certificates].filter(({ tags }) =>
      this.#isOfCluster(tags),
    );
  }

  #isOfCluster(tags: Readonly<Record<string, string>>): boolean {
    return tags['elbv2.k8s.aws/cluster'] === this.clusterName;
  }

  #group(key: GroupKey): ObservedGroup {
    const isOf = ({ tags }: { readonly tags: Readonly<Record<string, string>> }): boolean =>
      tags['ingress.k8s.aws/stack'] === key && this.#isOfCluster(tags);
    return {
      key,
      loadBalancers: this.state.loadBalancers.filter(isOf),
      targetGroups: this.state.targetGroups.filter(isOf),
      securityGroups: this.state.securityGroups.filter(isOf),
      certificates: this.state.certificates.filter(isOf),
    };
  }

  #read(name: string): void {
    this.calls.push(name);
    this.onCall();
    this.#fail(name);
  }

  async #write(operation: Operation, look: Look): Promise<Attributes> {
    this.calls.push(operation.kind);
    this.onCall();
    await this.gate;
    if (this.bugIn === operation.kind) {
      this.bugIn = undefined;
      throw new TypeError('a bug');
    }
    if (this.faults.get(operation.kind)?.afterDoing !== true) this.#fail(operation.kind);
    const attributes = { ...assigned(operation, `${(this.#ids += 1)}`), ...this.#refusals(operation) };
    this.state = remember(this.state, { operation, attributes, look });
    this.#moveTargets(operation, attributes, look);
    this.#fail(operation.kind);
    return attributes;
  }

  #moveTargets(operation: Operation, attributes: Attributes, look: Look): void {
    if (operation.kind !== 'registerTargets' && operation.kind !== 'deregisterTargets') return;
    const arn = look(operation.targetGroup);
    this.targets.set(arn, afterwards(this.targets.get(arn) ?? [], [{ kind: 'done', operation, attributes }]));
  }

  #refusals(operation: Operation): Attributes {
    if (operation.kind !== 'registerTargets') return {};
    const refused = operation.targets.filter(({ id }) => this.refusedTargets.has(id));
    return { refusedTargets: refused.map((target) => ({ target, why: 'it is not running' })) };
  }

  #fail(name: string): void {
    const fault = this.faults.get(name);
    if (fault === undefined) return;
    const left = (fault.times ?? Number.POSITIVE_INFINITY) - 1;
    if (left > 0) this.faults.set(name, { ...fault, times: left });
    else this.faults.delete(name);
    throw new Refused(fault.kind, name);
  }
}

/** What AWS answers: only what it made has a name of its own. */
function assigned({ kind }: Operation, id: string): Attributes {
  if (kind === 'createSecurityGroup') return { id: `sg-${id}` };
  if (kind === 'authorizeIngress') return { ruleIds: [`sgr-${id}`] };
  if (!kind.startsWith('create')) return {};
  const arn = `arn:aws:elasticloadbalancing:us-west-2:1:${kind}/${id}`;
  return kind === 'createLoadBalancer' ? { arn, dnsName: `Lb-${id}.elb.amazonaws.com` } : { arn };
}

const checked = (target: ObservedTarget): ObservedTarget =>
  target.state === 'initial' ? { ...target, state: 'healthy', reason: '', description: '' } : target;
