// The cluster of a run: the local Kubernetes API, and what really runs behind its objects.

import { type Snapshot, snapshotOf } from '../../src/core/domain/snapshot.ts';
import { decodeObject } from '../../src/kube/decode/decode-object.ts';
import type { Clock } from '../../src/lib/clock.ts';
import { type LocalApi, localApi } from '../../src/simulator/kube/simulator.ts';
import * as objects from './objects.ts';
import { Pauses } from './pauses.ts';
import type { BindingSpec, ClusterEdit, IngressSpec, Scenario } from './scenario.ts';

const kinds: readonly (readonly [string, string])[] = [
  ['networking.k8s.io/v1', 'Ingress'],
  ['networking.k8s.io/v1', 'IngressClass'],
  ['elbv2.k8s.aws/v1beta1', 'IngressClassParams'],
  ['elbv2.k8s.aws/v1beta1', 'TargetGroupBinding'],
  ['v1', 'Service'],
  ['discovery.k8s.io/v1', 'EndpointSlice'],
  ['v1', 'Node'],
  ['v1', 'Namespace'],
];

const inWeb = (name: string) => ({ namespace: 'web', name });

const named = (apiVersion: string, kind: string, name: string) => ({
  apiVersion,
  kind,
  metadata: inWeb(name),
});

export class Cluster {
  readonly api: LocalApi;
  /** Those that exist and are not being deleted. */
  readonly ingresses = new Map<string, IngressSpec>();
  readonly bindings = new Map<string, BindingSpec>();
  readonly pauses = new Pauses();
  /** Those that were last seen before they were deleted. */
  readonly #deleted = new Map<string, IngressSpec>();
  #classSays: Record<string, string> = {};
  readonly #scenario: Scenario;
  readonly #id: (name: string) => string;
  readonly #places: objects.Places;
  readonly #ready = new Map<string, readonly number[]>();
  readonly #nodes = new Map<number, 'ready' | 'notReady' | 'gone'>();
  /** When all pods of a Service last went at once. */
  readonly #replacedAt = new Map<string, number>();
  #shutAt = Number.NEGATIVE_INFINITY;
  readonly #clock: Clock;

  /** `id` gives the ids of the account's things by their names. */
  constructor(scenario: Scenario, clock: Clock, id: (name: string) => string) {
    this.#scenario = scenario;
    this.#id = id;
    this.#places = { certificate: id('cert/*.example.com'), securityGroup: id('sg/front') };
    this.#clock = clock;
    this.api = localApi({ clock, createNamespaces: true });
    const { services, withParams } = scenario;
    for (const { name, ready } of services) this.#ready.set(name, ready);
    this.#apply(
      objects.ingressClass(scenario),
      ...(withParams ? [objects.params({ idleTimeout: 60 })] : []),
      ...objects.zones.map((_zone, node) => {
        this.#nodes.set(node, 'ready');
        return objects.node(node, this.#instanceOf(node), true);
      }),
      ...services.flatMap(({ name, ready }, index) => [
        objects.service(name, index),
        objects.slice(name, index, ready),
      ]),
    );
  }

  /** As it is, whatever the controller has seen of it. */
  snapshot(): Snapshot {
    return snapshotOf(
      kinds.flatMap(([apiVersion, kind]) =>
        this.api.store.list(apiVersion, kind).flatMap((object) => decodeObject(object) ?? []),
      ),
    );
  }

  /** Whether something answers there now; `port` decides for nodes, whose ports are those of Services. */
  isUp(id: string, port: number | undefined): boolean {
    const { services } = this.#scenario;
    const node = objects.zones.findIndex((_zone, index) => this.#instanceOf(index) === id);
    if (node >= 0) {
      const service = services.find((_service, at) => objects.nodePort(at) === port);
      const hasPods = port === undefined || (this.#ready.get(service?.name ?? '') ?? []).length > 0;
      return this.#nodes.get(node) === 'ready' && hasPods;
    }
    return services.some(({ name }, at) =>
      (this.#ready.get(name) ?? []).some((number) => objects.podAddress(at, number) === id),
    );
  }

  /** What a binding should have registered, as `id:port`. */
  endpoints({ name, service }: BindingSpec): readonly string[] {
    const at = this.#indexOf(service);
    if (name === 'bound-ip')
      return (this.#ready.get(service) ?? []).map((number) => `${objects.podAddress(at, number)}:8080`);
    return [...this.#nodes].flatMap(([node, state]) =>
      state === 'ready' ? [`${this.#instanceOf(node)}:${objects.nodePort(at)}`] : [],
    );
  }

  /** The names that the status of an Ingress tells its users. */
  published(ingress: string): readonly string[] {
    const found = this.api.store.get({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      ...inWeb(ingress),
    });
    const status = found?.['status'] as { loadBalancer?: { ingress?: { hostname: string }[] } } | undefined;
    return (status?.loadBalancer?.ingress ?? []).map(({ hostname }) => hostname);
  }

  /** Those of all Ingresses, as text: they say who is served where. */
  finalizers(): string {
    const all = this.api.store.list('networking.k8s.io/v1', 'Ingress');
    return JSON.stringify(all.map(({ metadata: { name, finalizers } }) => [name, finalizers]));
  }

  /** Whether all pods of a Service went at once, or a stranger shut the way to them, within the last so many milliseconds. */
  isJustReplaced(service: string, ms: number): boolean {
    const at = Math.max(this.#shutAt, this.#replacedAt.get(service) ?? Number.NEGATIVE_INFINITY);
    return this.#clock.now() - at < ms;
  }

  /** A stranger shuts ways to targets. */
  shutWays(): void {
    this.#shutAt = this.#clock.now();
  }

  /** An annotation without meaning on one Ingress; false when there is none. */
  annotate(): boolean {
    const [first] = this.ingresses.values();
    if (first === undefined) return false;
    this.#apply(
      objects.ingress(first, this.#places, { ...this.pauses.annotations(first.name), note: 'changed' }),
    );
    return true;
  }

  take(edit: ClusterEdit): void {
    const { store } = this.api;
    switch (edit.kind) {
      case 'ingress':
        this.#putIngress(edit.spec);
        return;
      case 'deleteIngress':
        this.#deleteIngress(edit.name);
        return;
      case 'deleteAll':
        for (const name of this.ingresses.keys()) this.#deleteIngress(name);
        return;
      case 'allowDeletion':
        this.#classSays = { ...this.#classSays, 'albatross.dev/allow-deletion': 'true' };
        this.#putClass();
        return;
      case 'pause':
      case 'goOn':
        this.#pause(edit);
        return;
      case 'service':
        if (edit.present) this.#apply(objects.service(edit.name, this.#indexOf(edit.name)));
        else store.remove([named('v1', 'Service', edit.name)]);
        return;
      case 'pods':
        if (!this.#ready.get(edit.service)?.some((pod) => edit.ready.includes(pod)))
          this.#replacedAt.set(edit.service, this.#clock.now());
        this.#ready.set(edit.service, edit.ready);
        this.#apply(objects.slice(edit.service, this.#indexOf(edit.service), edit.ready));
        return;
      case 'node': {
        this.#nodes.set(edit.node, edit.state);
        const object = objects.node(edit.node, this.#instanceOf(edit.node), edit.state === 'ready');
        if (edit.state === 'gone') store.remove([object]);
        else this.#apply(object);
        return;
      }
      case 'class':
        if (edit.present) this.#putClass();
        else store.remove([named('networking.k8s.io/v1', 'IngressClass', objects.className)]);
        return;
      case 'params':
        if (edit.present) this.#apply(objects.params(edit));
        else store.remove([named('elbv2.k8s.aws/v1beta1', 'IngressClassParams', objects.className)]);
        return;
      case 'binding':
        this.#putBinding(edit.spec);
        return;
      case 'deleteBinding':
        if (this.bindings.delete(edit.name))
          store.remove([named('elbv2.k8s.aws/v1beta1', 'TargetGroupBinding', edit.name)]);
    }
  }

  #putIngress(asked: IngressSpec): void {
    const { name } = asked;
    // What is being deleted cannot be brought back.
    if (this.#isEnding(name)) return;
    // The name of a load balancer that was let go is taken.
    const { release } = this.ingresses.get(name) ?? this.#deleted.get(name) ?? asked;
    const spec = release === undefined ? asked : { ...asked, release };
    this.ingresses.set(name, spec);
    this.#deleted.delete(name);
    this.#apply(objects.ingress(spec, this.#places, this.pauses.annotations(name)));
  }

  #isEnding(name: string): boolean {
    const key = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', ...inWeb(name) };
    return this.api.store.get(key)?.metadata.deletionTimestamp !== undefined;
  }

  #deleteIngress(name: string): void {
    const spec = this.ingresses.get(name);
    if (spec === undefined) return;
    this.ingresses.delete(name);
    this.#deleted.set(name, spec);
    this.api.store.remove([named('networking.k8s.io/v1', 'Ingress', name)]);
  }

  #putClass(): void {
    this.#apply(objects.ingressClass(this.#scenario, { ...this.#classSays, ...this.pauses.annotations() }));
  }

  #pause(edit: ClusterEdit & { kind: 'pause' | 'goOn' }): void {
    if (edit.kind === 'goOn') this.pauses.end();
    else if (edit.name === undefined || this.ingresses.has(edit.name)) this.pauses.begin(edit);
    const ending = [...this.#deleted].filter(([name]) => this.#isEnding(name));
    for (const [name, spec] of [...this.ingresses, ...ending])
      this.#apply(objects.ingress(spec, this.#places, this.pauses.annotations(name)));
    this.#putClass();
  }

  #putBinding(spec: BindingSpec): void {
    const key = { apiVersion: 'elbv2.k8s.aws/v1beta1', kind: 'TargetGroupBinding', ...inWeb(spec.name) };
    if (this.api.store.get(key)?.metadata.deletionTimestamp !== undefined) return;
    this.bindings.set(spec.name, spec);
    this.#apply(objects.binding(spec, this.#id(`tg/${spec.name}`)));
  }

  #instanceOf(node: number): string {
    return this.#id(`instance/node-${objects.zones[node]}`);
  }

  #indexOf(service: string): number {
    return this.#scenario.services.findIndex(({ name }) => name === service);
  }

  #apply(...all: readonly object[]): void {
    const refused = this.api.store.apply(all);
    if (refused.length > 0) throw new Error(`the cluster refuses ${JSON.stringify(refused)}`);
  }
}
