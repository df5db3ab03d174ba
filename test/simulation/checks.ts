// The invariants, looked at around every single call of the controller that changes AWS.

import type { GroupKey } from '../../src/core/domain/ids.ts';
import type { Change, ControlPlane } from '../../src/simulator/aws/control-plane.ts';
import { type Foreign, loadBalancersOf, registered, type Served, servedBy, tagOf } from './account.ts';
import {
  type Answer,
  type Expected,
  expectedAnswer,
  type Request,
  resourceTag,
  stackTag,
} from './expectations.ts';
import type { IngressSpec } from './scenario.ts';

export type Invariant =
  | 'foreign things stay'
  | 'wanted targets stay'
  | 'requests are answered'
  | 'deletes have proof'
  | 'left alone'
  | 'call budget'
  | 'convergence'
  | 'no-op'
  | 'no bug';

export type Violation = { readonly invariant: Invariant; readonly what: string };

export type Checked = {
  readonly account: ControlPlane;
  readonly foreign: Foreign;
  readonly requests: readonly Request[];
  /** The names that the status of an Ingress tells its users. */
  readonly published: (ingress: string) => readonly string[];
  /** How old a view of the cluster the controller may act on, in milliseconds. */
  readonly staleMs: number;
  /** The quota of rules is near its edge. */
  readonly isTight: boolean;
  /** Whether all pods of a Service went at once within the last so many milliseconds. */
  readonly isJustReplaced: (service: string, ms: number) => boolean;
  readonly onViolation: (violation: Violation) => void;
};

/** What there is in the cluster, as far as the expectations do not say it. */
export type Present = {
  readonly ingresses: ReadonlyMap<string, IngressSpec>;
  /** By the name of a target group that a TargetGroupBinding names: what should be registered. */
  readonly bound: ReadonlyMap<string, readonly string[]>;
  readonly isUp: (id: string) => boolean;
};

type Era = { readonly from: number; readonly answers: ReadonlySet<Answer> };

/** From the last look at the health of targets to the last step of a move of traffic, at most. */
const sinceLookMs = 30_000;

/** Answers of a load balancer for a host that is nobody's there; 418 is what strangers make of the default action. */
const nobodys: readonly Answer[] = ['no load balancer', 'no listener', '404', '418'];

export class Checks {
  readonly #checked: Checked;
  readonly keys = new Set<GroupKey>();
  /** By request and group: what was expected since when, the newest last. */
  readonly #eras = new Map<string, Era[]>();
  /** When a request was last answered as it is expected to be now. */
  readonly #rightAt = new Map<string, number>();
  /** Since when without a break something has been wanted. */
  readonly #wantedSince = new Map<string, number>();
  #before = new Map<string, Served>();
  #expected: Expected = { groups: new Map(), valid: new Set(), lacking: new Set(), keys: new Map() };
  requests = 0;

  constructor(checked: Checked) {
    this.#checked = checked;
  }

  get expected(): Expected {
    return this.#expected;
  }

  /** The cluster has changed. `ingresses` are those that exist and are not being deleted. */
  expect(expected: Expected, world: Present): void {
    const { account } = this.#checked;
    const now = account.clock.now();
    for (const key of expected.groups.keys()) this.keys.add(key);
    this.#noteRight(now);
    this.#expected = expected;
    for (const request of this.#checked.requests) {
      const spec = world.ingresses.get(request.ingress);
      for (const key of this.keys) {
        const isThere = spec !== undefined && expected.keys.get(request.ingress)?.includes(key) === true;
        // A member with a mistake keeps what it has.
        const isLacking = isThere && expected.lacking.has(request.ingress);
        if (isThere && !isLacking && !expected.valid.has(request.ingress)) continue;
        const answer = expectedAnswer(expected.groups.get(key), request);
        // A host that has left may get the redirect that is its former neighbours' default action.
        const answers = isThere && !nobodys.includes(answer) ? [answer] : [...nobodys, answer];
        const id = `${key} ${text(request)}`;
        const kept = isLacking ? (this.#eras.get(id)?.at(-1)?.answers ?? []) : [];
        this.#era(id, { from: now, answers: new Set([...answers, ...kept]) });
      }
    }
    this.#want(expected, world, now);
  }

  /** Just before the controller changes something. */
  before({ operation, params = {} }: Change): void {
    this.#before = this.#served();
    this.#proof(operation, params);
  }

  /** Just after. */
  after({ operation, params = {} }: Change): void {
    const { onViolation, foreign, isTight } = this.#checked;
    for (const touched of foreign.touched())
      onViolation({ invariant: 'foreign things stay', what: `${operation}: ${touched}` });
    const after = this.#served();
    for (const [id, { answer, live }] of after) {
      const { answer: former, live: wasLive } = this.#before.get(id) ?? { answer: '', live: false };
      this.requests += 1;
      const right = this.#right(id);
      // A host that is just being set up may meet some of its rules before the others.
      if (!right.has(former) || !former.startsWith('forward') || !wasLive) continue;
      // A full load balancer has no room for old and new side by side: then only nobody else may answer.
      if (isTight && !isOthers(answer, id)) continue;
      if (!right.has(answer)) {
        const what = `${operation} ${JSON.stringify(params)}: ${id} was answered by ${former}, now by ${answer}, wanted ${[...right].join(' or ')}`;
        onViolation({ invariant: 'requests are answered', what });
      } else if (answer === former && !live && !this.#isJustReplaced(answer)) {
        const what = `${operation} ${JSON.stringify(params)}: ${id} was answered by ${former} and has no healthy target now`;
        onViolation({ invariant: 'requests are answered', what });
      }
    }
  }

  /** Requests whose answer is not the expected one, among those of valid Ingresses. */
  wrongRequests(
    ingresses: ReadonlyMap<string, IngressSpec>,
    isLeftOut: (key: GroupKey) => boolean,
  ): readonly string[] {
    const { account, requests, published } = this.#checked;
    return requests.flatMap((request) => {
      const [key] = this.#expected.keys.get(request.ingress) ?? [];
      const isValid = ingresses.has(request.ingress) && this.#expected.valid.has(request.ingress);
      if (key === undefined || !isValid || isLeftOut(key)) return [];
      const group = this.#expected.groups.get(key);
      const wanted = expectedAnswer(group, request);
      const { answer, live } = servedBy(account, key, request, published(request.ingress));
      // A listener that nobody wants stays for a held member's or a stranger's rules.
      if (wanted === 'no listener' && nobodys.includes(answer)) return [];
      // So does the default action that redirects a held member's users, for whatever no rule answers.
      if (wanted === '404' && answer === 'redirect' && this.#redirectsHeld(key, ingresses)) return [];
      if (answer !== wanted) return [`${key} ${text(request)}: ${answer} instead of ${wanted}`];
      const hasTargets = group?.targetGroups.every(
        ({ tags, targets }) => !wanted.includes(tags[resourceTag] ?? '?') || targets.length > 0,
      );
      return !answer.startsWith('forward') || live || hasTargets !== true
        ? []
        : [`${key} ${text(request)}: no healthy target`];
    });
  }

  /** Whether a member with a mistake has users here whom HTTP sends to HTTPS, where its own rules answer. */
  #redirectsHeld(key: GroupKey, ingresses: ReadonlyMap<string, IngressSpec>): boolean {
    const { account, requests, published } = this.#checked;
    return requests.some((request) => {
      const { ingress } = request;
      if (request.port !== 443 || !ingresses.has(ingress) || this.#expected.valid.has(ingress)) return false;
      const answerOn = (port: 80 | 443): Answer =>
        servedBy(account, key, { ...request, port }, published(ingress)).answer;
      const answer = answerOn(443);
      // The rule of a Service that is not there says 503.
      const isItsOwn = answer.startsWith(`forward web/${ingress}-`) || answer === '503';
      return answerOn(80) === 'redirect' && isItsOwn;
    });
  }

  /** AWS was asked for the health of where traffic moves, but some calls ago. */
  #isJustReplaced(answer: Answer): boolean {
    const services = answer.matchAll(/-([a-z]+):\d+/g);
    return [...services].some(([, name]) => this.#checked.isJustReplaced(name ?? '', sinceLookMs));
  }

  #served(): Map<string, Served> {
    const { account, requests, published } = this.#checked;
    const names = new Map(
      [...new Set(requests.map(({ ingress }) => ingress))].map((name) => [name, published(name)]),
    );
    return new Map(
      [...this.keys].flatMap((key) =>
        requests.map((request): [string, Served] => [
          `${key} ${text(request)}`,
          servedBy(account, key, request, names.get(request.ingress) ?? []),
        ]),
      ),
    );
  }

  #era(id: string, era: Era): void {
    const eras = this.#eras.get(id);
    if (eras === undefined)
      this.#eras.set(id, [{ from: era.from, answers: new Set([...era.answers, ...nobodys]) }]);
    else if (!isSame(eras.at(-1)?.answers, era.answers)) eras.push(era);
  }

  #noteRight(now: number): void {
    for (const [id, { answer }] of this.#served())
      if (this.#eras.get(id)?.at(-1)?.answers.has(answer) === true) this.#rightAt.set(id, now);
  }

  /** What may answer now: all that was expected since it was last right, or since the oldest view that counts. */
  #right(id: string): ReadonlySet<Answer> {
    const eras = this.#eras.get(id) ?? [];
    const now = this.#checked.account.clock.now();
    const since = Math.min(now - this.#checked.staleMs, this.#rightAt.get(id) ?? 0);
    return new Set(
      eras.flatMap(({ answers }, at) => {
        const until = eras[at + 1]?.from ?? Number.POSITIVE_INFINITY;
        return until >= since ? [...answers] : [];
      }),
    );
  }

  /** Notes since when each load balancer, listener and target has been wanted. */
  #want({ groups, valid, keys }: Expected, world: Present, now: number): void {
    const wanted = new Set<string>();
    for (const name of world.ingresses.keys())
      for (const key of keys.get(name) ?? []) wanted.add(`group ${key}`);
    for (const [name, endpoints] of world.bound)
      for (const endpoint of endpoints) wanted.add(`target ${name} ${endpoint}`);
    for (const [key, { loadBalancer, targetGroups }] of groups) {
      for (const { port } of loadBalancer?.listeners ?? []) wanted.add(`listener ${key} ${port}`);
      for (const { name, targets } of targetGroups) {
        for (const { id, port } of targets) wanted.add(`target ${name} ${id}:${port}`);
      }
    }
    // What a held member had is kept, as far as it is alive.
    const isHeld = [...world.ingresses.keys()].some((name) => !valid.has(name));
    for (const thing of this.#wantedSince.keys()) {
      if (wanted.has(thing)) continue;
      const target = /^target \S+ (\S+):\d+$/.exec(thing)?.[1];
      const keeps = isHeld && !thing.startsWith('group ') && (target === undefined || world.isUp(target));
      // Nobody knows which of several members it was, so it is only known that it may go.
      if (!keeps) this.#wantedSince.delete(thing);
      else this.#wantedSince.set(thing, Number.POSITIVE_INFINITY);
    }
    for (const thing of wanted) {
      const since = this.#wantedSince.get(thing);
      if (since === undefined || since === Number.POSITIVE_INFINITY) this.#wantedSince.set(thing, now);
    }
  }

  #isLongWanted(thing: string): boolean {
    const since = this.#wantedSince.get(thing);
    return since !== undefined && this.#checked.account.clock.now() - since > this.#checked.staleMs;
  }

  /** Another one has its place, and no user is told of it any more. */
  #isReplaced(arn: string, key: string): boolean {
    const { account, published } = this.#checked;
    const dnsName = account.state.loadBalancers.get(arn)?.dnsName.toLowerCase() ?? '';
    const members = [...this.#expected.keys].filter(([, keys]) => keys.includes(key as GroupKey));
    return (
      loadBalancersOf(account, key).length > 1 &&
      members.every(([ingress]) => !published(ingress).includes(dnsName))
    );
  }

  /** Each delete must be of something that has not been wanted all the time. (AWS keeps target groups that are in use.) */
  #proof(operation: string, params: Record<string, unknown>): void {
    const { account, onViolation } = this.#checked;
    const { state } = account;
    const refuse = (invariant: Invariant, what: string): void => onViolation({ invariant, what });
    switch (operation) {
      case 'DeleteLoadBalancer': {
        const key = tagOf(account, String(params['LoadBalancerArn']), stackTag) ?? '?';
        if (this.#isLongWanted(`group ${key}`) && !this.#isReplaced(String(params['LoadBalancerArn']), key))
          refuse('deletes have proof', `DeleteLoadBalancer of ${key}, which has live Ingresses`);
        return;
      }
      case 'DeleteListener': {
        const listener = state.listeners.get(String(params['ListenerArn']));
        const key = tagOf(account, listener?.loadBalancerArn ?? '', stackTag) ?? '?';
        if (listener !== undefined && this.#isLongWanted(`listener ${key} ${listener.port}`))
          refuse('deletes have proof', `DeleteListener ${listener.port} of ${key}, which is wanted`);
        return;
      }
      case 'DeregisterTargets': {
        const group = state.targetGroups.get(String(params['TargetGroupArn']));
        if (group === undefined) return;
        const there = registered(group);
        for (const { Id, Port } of params['Targets'] as readonly { Id: string; Port?: number }[]) {
          const target = `${Id}:${Port ?? group.port}`;
          if (there.has(target) && this.#isLongWanted(`target ${group.name} ${target}`))
            refuse('wanted targets stay', `DeregisterTargets ${target} of ${group.name}, which is wanted`);
        }
      }
    }
  }
}

const isSame = (one: ReadonlySet<Answer> | undefined, other: ReadonlySet<Answer>): boolean =>
  one?.size === other.size && [...one].every((answer) => other.has(answer));

/** Whether the backend that answers is another Ingress's than that of the request, `GROUP INGRESS:PORT/PATH`. */
function isOthers(answer: Answer, id: string): boolean {
  const ingress = / ([^ :]+):\d+\//.exec(id)?.[1] ?? '';
  return answer.startsWith('forward') && !answer.startsWith(`forward web/${ingress}-`);
}

const text = ({ ingress, port, path }: Request): string => `${ingress}:${port}${path}`;
