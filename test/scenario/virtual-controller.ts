// The controller, AWS and Kubernetes on one virtual clock, and clients who believe a DNS answer for a minute.

import assert from 'node:assert/strict';
import type { Config } from '../../src/config/load.ts';
import { loadConfig } from '../../src/config/load.ts';
import { evaluate } from '../../src/core/evaluate/evaluate.ts';
import { VirtualClock } from '../../src/lib/virtual-clock.ts';
import { ControlPlane } from '../../src/simulator/aws/control-plane.ts';
import { defaultWorld } from '../../src/simulator/aws/default-world.ts';
import { targetHealth } from '../../src/simulator/aws/elbv2/target-health.ts';
import type { KnobSettings } from '../../src/simulator/aws/knobs.ts';
import { seedWorld } from '../../src/simulator/aws/seed.ts';
import type { LoadBalancer } from '../../src/simulator/aws/state.ts';
import { actions, ruleContent } from '../../src/simulator/dataplane/rule-forms.ts';
import type { KubeObject } from '../../src/simulator/kube/object.ts';
import { type LocalApi, localApi } from '../../src/simulator/kube/simulator.ts';
import { ControllerProcess } from '../simulation/controller.ts';
import { ingressClass, node, service, slice, zones } from '../simulation/objects.ts';
import { randomFrom } from '../simulation/random.ts';

const clusterName = 'demo-cluster';
const region = 'us-west-2';
const dnsMs = 60_000;

/** Who is asked for, and by which Ingress's name. */
export type Client = { readonly ingress: string; readonly host: string; readonly path: string };

type Told = { readonly name: string; readonly until: number };

export class VirtualController {
  readonly clock = new VirtualClock();
  readonly account: ControlPlane;
  readonly api: LocalApi;
  /** The instance in a zone. */
  readonly instance: (zone: string) => string;
  readonly #config: Config;
  readonly #told = new Map<string, readonly Told[]>();
  readonly #unanswered: string[] = [];
  #clients: readonly Client[] = [];
  #process: ControllerProcess | undefined;
  /** Requests that were looked at. */
  asked = 0;
  /** Whether something answers at a target; its load balancer has not noticed yet if nothing does. */
  isUp: (target: { readonly id: string; readonly port: number | undefined }) => boolean = () => true;

  constructor(knobs: KnobSettings = {}, flags: Readonly<Record<string, string>> = {}) {
    const isTargetUp = (): boolean => true;
    this.account = new ControlPlane({ clock: this.clock, region, knobs, isTargetUp });
    const ids = seedWorld(this.account.state, defaultWorld({ region, clusterName }), this.clock.now());
    this.instance = (zone) => ids.get(`instance/node-${zone}`) ?? '';
    this.api = localApi({ clock: this.clock, createNamespaces: true });
    const given = new Map(
      Object.entries({
        'cluster-name': clusterName,
        'aws-region': region,
        'aws-vpc-id': ids.get('vpc') ?? '',
        ...flags,
      }),
    );
    const loaded = loadConfig({ flags: given, env: {} });
    assert.ok(loaded.kind !== 'mistakes');
    this.#config = loaded.config;
    this.apply(
      ingressClass({ withParams: false }),
      ...zones.map((zone, index) => node(index, this.instance(zone), true)),
      service('front', 0),
      slice('front', 0, [0, 1, 2]),
    );
    this.account.onChange(({ operation }) => this.#look(operation));
    this.api.onChange(() => this.#look('Kubernetes'));
  }

  apply(...objects: readonly object[]): void {
    assert.deepEqual(this.api.store.apply(objects), []);
  }

  remove(name: string): void {
    this.api.store.remove([this.ingress(name)]);
  }

  start(): void {
    this.#process?.kill();
    this.#process = new ControllerProcess({
      config: this.#config,
      clock: this.clock,
      controlPlane: this.account,
      api: this.api.context,
      random: randomFrom(1).next,
      overTheWire: false,
      leaderElection: false,
      left: [],
      around: (send) => send(),
      aroundWrite: (send) => send(),
      onKubeFault: () => undefined,
      onBug: (what) => this.#unanswered.push(`bug: ${what}`),
    });
    this.#process.start('one');
  }

  stop(): void {
    this.#process?.kill();
  }

  /** From now on each of these is answered at every moment, whichever name its client still has. */
  watch(...clients: readonly Client[]): void {
    this.#clients = clients;
    this.#told.clear();
    this.#look('watch');
  }

  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 1000) await this.clock.advance(Math.min(left, 1000));
    assert.deepEqual(this.#unanswered.slice(0, 5), []);
  }

  ingress(name: string): KubeObject {
    const found = this.api.store.get({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      namespace: 'web',
      name,
    });
    assert.ok(found, name);
    return found;
  }

  /** The name in its status. */
  nameOf(name: string): string | undefined {
    const { status } = this.ingress(name) as KubeObject & {
      readonly status?: {
        readonly loadBalancer?: { readonly ingress?: readonly { readonly hostname?: string }[] };
      };
    };
    return status?.loadBalancer?.ingress?.[0]?.hostname;
  }

  /** Tag `ingress.k8s.aws/stack` of the load balancer that an Ingress is told of. */
  groupOf(name: string): string | undefined {
    return this.#tag(this.#named(this.nameOf(name)), 'ingress.k8s.aws/stack');
  }

  groups(): readonly string[] {
    const all = [...this.account.state.loadBalancers.values()];
    return all.map((one) => String(this.#tag(one, 'ingress.k8s.aws/stack'))).toSorted();
  }

  /** What a load balancer with this name answers: the Ingress whose target group it forwards to, or a status code. */
  answer(dnsName: string | undefined, { host, path }: Pick<Client, 'host' | 'path'>): string {
    const loadBalancer = this.#named(dnsName);
    if (loadBalancer === undefined) return `no load balancer ${dnsName}`;
    const { state } = this.account;
    const listener = [...state.listeners.values()].find(
      ({ loadBalancerArn, port }) => loadBalancerArn === loadBalancer.arn && port === 80,
    );
    if (listener === undefined) return 'no listener';
    const rules = [...state.rules.values()].flatMap((rule) =>
      rule.listenerArn !== listener.arn || rule.priority === 'default'
        ? []
        : [{ ...ruleContent(rule), priority: rule.priority }],
    );
    const defaultActions = actions(state.rules.get(listener.defaultRuleArn)?.actions ?? []);
    const request = { host, path, query: '', method: 'GET', headers: {}, sourceIp: '198.51.100.7' };
    const action = evaluate({ rules, defaultActions }, request).actions.at(-1);
    if (action?.kind !== 'forward') return action?.kind === 'fixed-response' ? action.statusCode : '?';
    const used = action.targetGroups.filter(({ weight }) => weight > 0);
    const resources = (used.length > 0 ? used : action.targetGroups).map(({ targetGroup }) => {
      const group = state.targetGroups.get(targetGroup);
      const context = this.account.context();
      const live = [...(group?.targets.values() ?? [])].filter(
        (target) => group && targetHealth(group, target, context).State === 'healthy',
      );
      const resource = state.tags.get(group?.arn ?? '')?.current.get('ingress.k8s.aws/resource');
      const down = live.find((target) => !this.isUp(target));
      if (down !== undefined) return `nobody at ${down.id} of ${resource}`;
      return live.length > 0 ? (resource ?? '?') : `nobody healthy in ${resource}`;
    });
    return resources.find((resource) => resource.startsWith('nobody')) ?? resources[0] ?? '?';
  }

  /** Ids of the targets of all target groups. */
  registered(): readonly string[] {
    return [...this.account.state.targetGroups.values()]
      .flatMap(({ targets }) => [...targets.values()])
      .filter(({ deregisteredAt }) => deregisteredAt === undefined)
      .map(({ id }) => id);
  }

  events(name: string): readonly string[] {
    const all = this.api.store.list('v1', 'Event') as unknown as readonly {
      readonly reason: string;
      readonly message: string;
      readonly involvedObject: { readonly name: string };
    }[];
    return all
      .filter(({ involvedObject }) => involvedObject.name === name)
      .map(({ reason, message }) => `${reason}: ${message}`);
  }

  #look(why: string): void {
    const now = this.clock.now();
    for (const client of this.#clients) {
      const name = this.nameOf(client.ingress) ?? '';
      const before = (this.#told.get(client.ingress) ?? []).filter(
        (one) => one.name !== name && one.until > now,
      );
      const told = [...before, { name, until: now + dnsMs }];
      this.#told.set(client.ingress, told);
      for (const one of told) {
        this.asked += 1;
        const answer = this.answer(one.name, client);
        if (!answer.startsWith(`web/${client.ingress}-`))
          this.#unanswered.push(
            `${why}: ${client.host}${client.path} at ${one.name} is answered by ${answer}`,
          );
      }
    }
  }

  #named(dnsName: string | undefined): LoadBalancer | undefined {
    return [...this.account.state.loadBalancers.values()].find(
      (found) => found.dnsName.toLowerCase() === dnsName,
    );
  }

  #tag(found: LoadBalancer | undefined, key: string): string | undefined {
    return this.account.state.tags.get(found?.arn ?? '')?.current.get(key);
  }
}
