// What the simulated account answers and serves at this moment, and what strangers have in it.

import { foreignTargetsTag } from '../../src/core/domain/drift.ts';
import { evaluate } from '../../src/core/evaluate/evaluate.ts';
import type { ControlPlane } from '../../src/simulator/aws/control-plane.ts';
import { targetHealth } from '../../src/simulator/aws/elbv2/target-health.ts';
import type { LoadBalancer, TargetGroup } from '../../src/simulator/aws/state.ts';
import { actions, ruleContent } from '../../src/simulator/dataplane/rule-forms.ts';
import { isLetIn } from '../../src/simulator/dataplane/security.ts';
import { albRequest, type Answer, answerOf, type Request, resourceTag, stackTag } from './expectations.ts';

export type Served = {
  readonly answer: Answer;
  /** For a forward: each of its target groups has a target that is healthy and reached. */
  readonly live: boolean;
};

export const tagOf = ({ state }: ControlPlane, arn: string, key: string): string | undefined =>
  state.tags.get(arn)?.current.get(key);

export const loadBalancersOf = (account: ControlPlane, group: string): readonly LoadBalancer[] =>
  [...account.state.loadBalancers.values()].filter(({ arn }) => tagOf(account, arn, stackTag) === group);

/** The answer of the load balancer of a group; of several, that of the one that users are told of, or else the oldest. */
export function servedBy(
  account: ControlPlane,
  group: string,
  request: Request,
  published: readonly string[],
): Served {
  const all = loadBalancersOf(account, group);
  const loadBalancer = all.find(({ dnsName }) => published.includes(dnsName.toLowerCase())) ?? all[0];
  if (loadBalancer === undefined) return { answer: 'no load balancer', live: false };
  const { state } = account;
  const listener = [...state.listeners.values()].find(
    ({ loadBalancerArn, port }) => loadBalancerArn === loadBalancer.arn && port === request.port,
  );
  if (listener === undefined) return { answer: 'no listener', live: false };
  const rules = [...state.rules.values()].flatMap((rule) =>
    rule.listenerArn !== listener.arn || rule.priority === 'default'
      ? []
      : [{ ...ruleContent(rule), priority: rule.priority }],
  );
  const defaultActions = actions(state.rules.get(listener.defaultRuleArn)?.actions ?? []);
  const matched = evaluate({ rules, defaultActions }, albRequest(request)).actions;
  const last = matched.at(-1);
  const groups =
    last?.kind === 'forward'
      ? last.targetGroups.flatMap(({ targetGroup, weight }) =>
          weight > 0 ? [state.targetGroups.get(targetGroup)] : [],
        )
      : [];
  return {
    answer: answerOf(matched, (arn) => tagOf(account, arn, resourceTag) ?? arn),
    live: groups.every((group_) => group_ !== undefined && hasLiveTarget(account, loadBalancer, group_)),
  };
}

function hasLiveTarget(account: ControlPlane, { arn }: LoadBalancer, group: TargetGroup): boolean {
  const context = account.context();
  return [...group.targets.values()].some(
    (target) =>
      targetHealth(group, target, context).State === 'healthy' &&
      isLetIn(account.state, arn, { id: target.id, port: target.port ?? 0 }),
  );
}

/** A stranger's target: no pod or node has it. */
export const foreignAddress = '10.0.9.9';

/** Targets of the controller's that are registered and do not drain, as `id:port`. */
export const registered = (group: TargetGroup): ReadonlySet<string> =>
  new Set(
    [...group.targets.values()]
      .filter(({ id, deregisteredAt }) => deregisteredAt === undefined && id !== foreignAddress)
      .map(({ id, port }) => `${id}:${port}`),
  );

const byHand = 'by hand: ';

/** Things that nobody but their stranger may change: how each looks, as long as what it hangs on exists. */
export class Foreign {
  readonly #account: ControlPlane;
  readonly #things = new Map<string, { readonly look: () => string; seen: string }>();

  constructor(account: ControlPlane) {
    this.#account = account;
  }

  get size(): number {
    return this.#things.size;
  }

  /** `look` says what the thing is like now, `parent gone` when it could not be there any more. */
  add(name: string, look: () => string): void {
    this.#things.set(name, { look, seen: look() });
  }

  rule(arn: string): void {
    const { state } = this.#account;
    const listener = state.rules.get(arn)?.listenerArn ?? '';
    this.add(`rule ${arn}`, () => {
      const rule = state.rules.get(arn);
      if (rule !== undefined) return JSON.stringify([rule.priority, rule.conditions, rule.actions]);
      return state.listeners.has(listener) ? 'gone' : 'parent gone';
    });
  }

  listener(arn: string): void {
    const { state } = this.#account;
    const loadBalancer = state.listeners.get(arn)?.loadBalancerArn ?? '';
    this.add(`listener ${arn}`, () => {
      const listener = state.listeners.get(arn);
      const rule = state.rules.get(listener?.defaultRuleArn ?? '');
      if (listener !== undefined) return JSON.stringify([listener.port, listener.protocol, rule?.actions]);
      return state.loadBalancers.has(loadBalancer) ? 'gone' : 'parent gone';
    });
  }

  certificate(listenerArn: string, certificateArn: string): void {
    this.add(`certificate ${certificateArn} of ${listenerArn}`, () => {
      const listener = this.#account.state.listeners.get(listenerArn);
      if (listener === undefined) return 'parent gone';
      return listener.extraCertificateArns.includes(certificateArn) ? 'there' : 'gone';
    });
  }

  tag(arn: string, key: string): void {
    const { state } = this.#account;
    this.add(`tag ${key} of ${arn}`, () =>
      state.tags.has(arn) ? (tagOf(this.#account, arn, key) ?? 'gone') : 'parent gone',
    );
  }

  /** AWS cannot say whose a target is: it is a stranger's from when the controller has seen it and noted that. */
  target(arn: string): void {
    const { state } = this.#account;
    let isNoted = false;
    this.add(`target of ${arn}`, () => {
      const group = state.targetGroups.get(arn);
      if (group === undefined) return 'parent gone';
      isNoted ||= (tagOf(this.#account, arn, foreignTargetsTag) ?? '').includes(foreignAddress);
      const isThere = [...group.targets.values()].some(
        ({ id, deregisteredAt }) => id === foreignAddress && deregisteredAt === undefined,
      );
      return isThere || !isNoted ? 'there' : 'gone';
    });
  }

  targetGroup(arn: string): void {
    this.add(`target group ${arn}`, () => {
      const group = this.#account.state.targetGroups.get(arn);
      return group === undefined ? 'gone' : JSON.stringify([group.name, [...group.targets.keys()]]);
    });
  }

  /** One that was let go, with everything behind it. */
  loadBalancer(arn: string): void {
    const { state } = this.#account;
    this.add(`load balancer ${arn}`, () => {
      const found = state.loadBalancers.get(arn);
      if (found === undefined) return 'gone';
      const listeners = [...state.listeners.values()].filter(
        ({ loadBalancerArn }) => loadBalancerArn === arn,
      );
      const arns = new Set(listeners.map((listener) => listener.arn));
      const rules = [...state.rules.values()].filter(({ listenerArn }) => arns.has(listenerArn));
      const groups = [...state.targetGroups.values()].filter(({ usedBy }) =>
        [...usedBy.values()].includes(arn),
      );
      return JSON.stringify([
        found.securityGroupIds.filter((id) => state.securityGroups.has(id)),
        listeners.map(({ port }) => port),
        rules.map(({ priority, conditions, actions }) => [priority, conditions, actions]),
        groups.map((group) => [group.name, [...registered(group)]]),
      ]);
    });
  }

  /** What a stranger changed stays changed: `look` as in `add`. */
  changed(name: string, look: () => string): void {
    this.add(`${byHand}${name}`, look);
  }

  get hasChanged(): boolean {
    return [...this.#things.keys()].some((name) => name.startsWith(byHand));
  }

  /** Somebody asks for something else now. */
  forgetChanged(): void {
    for (const name of this.#things.keys()) if (name.startsWith(byHand)) this.#things.delete(name);
  }

  /** Its targets are the controller's. */
  boundTargetGroup(arn: string): void {
    this.add(`target group ${arn}`, () => this.#account.state.targetGroups.get(arn)?.name ?? 'gone');
  }

  securityGroupRule(group: string, id: string): void {
    this.add(`security group rule ${id}`, () => {
      const found = this.#account.state.securityGroups.get(group)?.rules.get(id);
      return found === undefined ? 'gone' : JSON.stringify(found);
    });
  }

  /** What was touched since the last time, once each. */
  touched(): readonly string[] {
    return [...this.#things].flatMap(([name, thing]) => {
      const now = thing.look();
      if (now === thing.seen) return [];
      if (now === 'parent gone' || now === 'gone') this.#things.delete(name);
      else thing.seen = now;
      return now === 'parent gone' ? [] : [`${name}: ${now}`];
    });
  }
}
