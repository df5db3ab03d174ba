// What stays on a load balancer besides rules whatever the members want, and takes its places: listeners, certificates and
// target groups that others put there or that are, or may be, a held member's.

import type { CoreConfig } from '../domain/config.ts';
import type { DesiredGroup } from '../domain/desired-group.ts';
import type { TargetGroupArn } from '../domain/ids.ts';
import type { ObservedGroup, ObservedListener } from '../domain/observed-group.ts';
import type { Action } from '../domain/rule.ts';
import { addKeptFrontend } from './quota-frontend.ts';
import { staying, type Usage } from './quota-usage.ts';

export type KeptInput = {
  readonly desired: DesiredGroup;
  readonly observed: ObservedGroup;
  readonly config: CoreConfig;
  /** What was last applied: of that goes what nobody wants any more. */
  readonly previous?: DesiredGroup | undefined;
};

/** Adds to `usage` what stays besides rules. */
export function addKept(usage: Usage, input: KeptInput): void {
  const { desired, observed, config } = input;
  const stays = staying(desired, config);
  const ports = new Set((desired.loadBalancer?.listeners ?? []).map(({ port }) => port));
  addKeptFrontend(usage, input, stays);
  const ofRules = observed.loadBalancers.filter(({ type }) => type === 'application');
  for (const listener of ofRules.flatMap(({ listeners }) => listeners)) {
    const isTheirs = stays(listener);
    const actions = [
      ...(isTheirs ? [listener.defaultActions] : []),
      ...listener.rules.filter(stays).map((rule) => rule.actions),
    ];
    if (isTheirs) usage.listeners.add(String(listener.port));
    for (const arn of actions.flatMap(forwardedTo)) addTargetGroup(usage, arn, input);
    if (isTheirs || ports.has(listener.port))
      for (const arn of keptCertificates(listener, input)) usage.certificates.add(`${listener.port} ${arn}`);
  }
}

/** By the name that members' usage has for it, where they use it too. */
function addTargetGroup(usage: Usage, arn: TargetGroupArn, { desired, observed }: KeptInput): void {
  const found = observed.targetGroups.find((group) => group.arn === arn);
  const wanted = desired.targetGroups.find(({ name }) => name === found?.name);
  usage.targetGroups.add(wanted?.id ?? arn);
  if (wanted !== undefined) return;
  for (const { id, port } of found?.targets ?? []) usage.targets.add(`${arn} ${id}:${port}`);
}

/** Of the certificates beside the default one those that no member names, and that do not go with the plan. */
function keptCertificates(
  { port, certificates = [], defaultCertificate }: ObservedListener,
  { desired, observed, config, previous }: KeptInput,
): readonly string[] {
  const wanted = desired.loadBalancer?.listeners.find((listener) => listener.port === port)?.certificateArns;
  const before = previous?.loadBalancer?.listeners.find((listener) => listener.port === port);
  const isHolding = desired.model.held.length > 0;
  const goes = (arn: string): boolean =>
    config.policy.foreign === 'remove' ||
    before?.certificateArns.includes(arn) === true ||
    observed.certificates.some((own) => own.arn === arn);
  return certificates
    .filter((arn) => arn !== defaultCertificate && arn !== wanted?.[0])
    .filter((arn) => wanted?.includes(arn) === true || isHolding || !goes(arn));
}

const forwardedTo = (actions: readonly Action<TargetGroupArn>[]): readonly TargetGroupArn[] =>
  actions.flatMap((action) =>
    action.kind === 'forward' ? action.targetGroups.map(({ targetGroup }) => targetGroup) : [],
  );
