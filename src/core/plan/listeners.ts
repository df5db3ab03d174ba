import { canonical, isEqual } from '../../lib/canonical.ts';
import type { DesiredListener } from '../domain/desired-group.ts';
import { type OperationId, operationId, type ResourceId } from '../domain/ids.ts';
import type { ObservedListener, ObservedLoadBalancer } from '../domain/observed-group.ts';
import type { FieldChange, KnownAction, ListenerSpec, Operation } from '../domain/operation.ts';
import { differs, missing } from './because.ts';
import {
  actionsWithArns,
  forwardTargets,
  isOwnedListener,
  type PlanContext,
  targetGroupKey,
} from './context.ts';
import { isHolding, keptDefaultActions } from './kept.ts';
import { addCertificates, certificateChanges, giverOf, removeCertificates } from './listener-certificates.ts';
import type { PlannedLoadBalancer } from './load-balancers.ts';
import { removedListeners, rulesOfUnwanted } from './removed-listeners.ts';
import { actionsKey } from './rule-content.ts';
import { type CertificateRoom, certificateRoom, fitBeside, ruleHeadroom } from './room.ts';
import { planRules, ruleEntries } from './rule-entries.ts';
import { newRules, ruleOperations } from './rule-operations.ts';
import { tagsAfterSecret, withExistingSecret } from './secret-hashes.ts';
import { authorizeId } from './security-groups.ts';
import { attributeChanges, tagOperations } from './tags.ts';
import { readyOperations } from './target-groups.ts';
import { withUnsaidStickiness } from './unsaid-stickiness.ts';
import { newTargetGroups, targetGroupsToWarm, warmUp } from './warm-up.ts';

/**
 * Listeners and their rules. New HTTPS listeners come before anything else on HTTP ones, so that a redirect never leads
 * nowhere; listeners that nobody wants go last, unless what is wanted has no room beside their rules. A port that somebody else's listener has is left to it (`portProblems`).
 */
export function listenerOperations(
  wanted: readonly DesiredListener[],
  found: ObservedLoadBalancer | undefined,
  loadBalancer: PlannedLoadBalancer,
  context: PlanContext,
): readonly Operation[] {
  const certificates = certificateRoom(wanted, found, context);
  const unwanted = rulesOfUnwanted(wanted, found, context);
  const removedFirst =
    unwanted.going > 0 && !fitBeside(wanted, found, unwanted.all, context)
      ? removedListeners(wanted, found, [], context)
      : [];
  const removedIds = removedFirst.map((operation) => operation.id);
  const existing = new Map((found?.listeners ?? []).map((listener) => [listener.port, listener]));
  const fresh = wanted.filter((listener) => !existing.has(listener.port));
  const secure = fresh
    .filter((listener) => listener.protocol === 'HTTPS')
    .flatMap((listener) => create(listener, loadBalancer, { after: removedIds, certificates, context }));
  const secureIds = secure.map((operation) => operation.id);
  const plain = fresh
    .filter((listener) => listener.protocol === 'HTTP')
    .flatMap((listener) =>
      create(listener, loadBalancer, { after: [...removedIds, ...secureIds], certificates, context }),
    );
  let headroom = ruleHeadroom(wanted, found, context) + (removedFirst.length > 0 ? unwanted.going : 0);
  const warming = new Set<ResourceId>();
  const changed = wanted.flatMap((listener) => {
    const current = existing.get(listener.port);
    if (current === undefined || !isOwnedListener(current, context)) return [];
    const operations = change(listener, current, {
      after: [...removedIds, ...secureIds],
      headroom,
      warming,
      certificates,
      context,
    });
    headroom -= operations.filter((operation) => operation.kind === 'createRule').length;
    for (const operation of operations)
      if (operation.kind === 'awaitHealthyTargets') warming.add(operation.subject);
    return operations;
  });
  const all = [...secure, ...plain, ...changed];
  if (removedFirst.length > 0) return [...removedFirst, ...all];
  return [
    ...all,
    ...removedListeners(
      wanted,
      found,
      all.map((operation) => operation.id),
      context,
    ),
  ];
}

function specOf(wanted: DesiredListener, defaultActions: readonly KnownAction[]): ListenerSpec {
  const { port, protocol, sslPolicy, mutualAuthentication, certificateArns } = wanted;
  return {
    port,
    protocol,
    sslPolicy,
    mutualAuthentication,
    certificateArn: certificateArns[0],
    defaultActions,
  };
}

function create(
  wanted: DesiredListener,
  loadBalancer: PlannedLoadBalancer,
  { after, certificates, context }: Pick<ChangeInput, 'after' | 'certificates' | 'context'>,
): readonly Operation[] {
  const subject = wanted.id;
  const id = operationId('createListener', subject);
  const arn = { ref: subject, attribute: 'arn' } as const;
  const defaultActions = actionsWithArns(wanted.defaultActions, context.arnOf);
  const opened = context.desired.securityGroups.flatMap((group) => authorizeIfPlanned(group.id, context));
  const operations: Operation[] = [
    {
      kind: 'createListener',
      id,
      subject,
      because: missing(`listen port ${wanted.port}`, giverOf(wanted, wanted.certificateArns[0], context)),
      dependsOn: unique([...loadBalancer.readyAfter, ...after, ...opened, ...ready(defaultActions, context)]),
      loadBalancer: loadBalancer.arn,
      spec: specOf(wanted, defaultActions),
      tags: wanted.tags,
    },
  ];
  const listed = wanted.certificateArns.slice(certificates.leavesOutDefault ? 1 : 0);
  operations.push(...addCertificates(wanted, listed, { arn, dependsOn: [id], context }));
  if (Object.keys(wanted.attributes).length > 0) {
    operations.push({
      kind: 'modifyListenerAttributes',
      id: operationId('modifyListenerAttributes', subject),
      subject,
      because: missing(`attributes of listener ${wanted.port}`),
      dependsOn: [id],
      listener: arn,
      attributes: wanted.attributes,
    });
  }
  const entries = ruleEntries(wanted, undefined, context);
  const rules = newRules(entries, { id: subject, port: wanted.port, arn, context }, (entry) =>
    unique([id, ...ready(entry.content.actions, context)]),
  );
  return [...operations, ...rules];
}

/** The authorise of a managed security group, where the plan has one: a new port is opened before its listener exists. */
function authorizeIfPlanned(id: DesiredListener['id'], context: PlanContext): readonly OperationId[] {
  const wanted = context.desired.securityGroups.find((group) => group.id === id);
  const found = context.observed.securityGroups.find((group) => group.name === wanted?.name);
  if (wanted === undefined) return [];
  const has = (rule: unknown) =>
    found?.ingress.some(({ ruleId: _ruleId, description: _text, ...own }) => canonical(own) === rule);
  const isOpen = wanted.ingress.every(({ description: _text, ...own }) => has(canonical(own)));
  return isOpen ? [] : [authorizeId(wanted)];
}

/** What the plan does to target groups that these actions forward to, before they may. */
function ready(actions: readonly KnownAction[], context: PlanContext): readonly OperationId[] {
  return newTargetGroups(forwardTargets(actions), context).flatMap((id) => {
    const group = context.desired.targetGroups.find((candidate) => candidate.id === id);
    return group === undefined ? [] : readyOperations(group, context);
  });
}

type ChangeInput = {
  readonly after: readonly OperationId[];
  readonly headroom: number;
  readonly warming: ReadonlySet<ResourceId>;
  readonly certificates: CertificateRoom;
  readonly context: PlanContext;
};

function change(
  wanted: DesiredListener,
  found: ObservedListener,
  { after, headroom, warming, certificates: room, context }: ChangeInput,
): readonly Operation[] {
  const subject = wanted.id;
  const before = context.previous?.loadBalancer?.listeners.find((listener) => listener.id === subject);
  const keptDefault = keptDefaultActions(found, context);
  const defaultActions = withUnsaidStickiness(
    actionsWithArns(keptDefault ?? wanted.defaultActions, context.arnOf),
    [found.defaultActions],
    context,
  );
  const changes = listenerChanges(wanted, found, defaultActions);
  const extra = certificateChanges(wanted, found, context, room.leavesOutDefault);
  // A listener that speaks HTTP still takes no certificates; one that speaks HTTPS has them before its rules need them.
  const isSecure = found.protocol === 'HTTPS' && !asksForDefaultFirst(changes, context);
  const goFirst = room.removesFirst ? removeCertificates(wanted, extra.remove, found, []) : [];
  const securedBy = isSecure
    ? goFirst.map((operation) => operation.id)
    : [operationId('modifyListener', subject)];
  const certificates = addCertificates(wanted, extra.add, { arn: found.arn, dependsOn: securedBy, context });
  const planned = planRules(ruleEntries(wanted, found, context), found, headroom, context);
  const movesDefault = changes.some((entry) => entry.field === 'defaultActions')
    ? targetGroupsToWarm(forwardTargets(defaultActions), context)
    : [];
  const warm = warmUp(planned, found, { context, headroom, movesDefault, warming });
  const touched = planned.transition.steps.flatMap((step) =>
    step.kind === 'create' || step.kind === 'modify'
      ? ready(planned.entries[step.wanted]?.content.actions ?? [], context)
      : [],
  );
  const chainAfter = unique([
    ...after,
    ...(isSecure ? certificates.map((operation) => operation.id) : []),
    ...warm.readyAfter,
    ...touched,
    ...ready(defaultActions, context),
  ]);
  const rules = ruleOperations(
    planned,
    { id: subject, port: wanted.port, arn: found.arn, context },
    {
      after: chainAfter,
      defaultAction:
        changes.length === 0
          ? undefined
          : (dependsOn) => ({
              kind: 'modifyListener',
              id: operationId('modifyListener', subject),
              subject,
              because: differs(
                changes,
                before !== undefined && isEqual(withoutRules(before), withoutRules(wanted)),
                changes.some(({ field }) => field === 'certificate')
                  ? giverOf(wanted, wanted.certificateArns[0], context)
                  : undefined,
              ),
              dependsOn,
              listener: found.arn,
              spec: specOf(
                wanted,
                keptDefault === undefined ? defaultActions : withExistingSecret(defaultActions),
              ),
            }),
    },
  );
  const writes = rules.filter(({ kind }) => kind === 'modifyListener').map(({ id }) => id);
  const end = rules.length > 0 ? rules.map((operation) => operation.id) : chainAfter;
  return [
    ...goFirst,
    ...certificates,
    ...warm.before,
    ...rules,
    ...warm.cleanUp(end),
    ...(room.removesFirst ? [] : removeCertificates(wanted, extra.remove, found, end)),
    ...attributesAndTags(wanted, found, context, writes),
  ];
}

/** ALBC gives a listener its default certificate before the others, and tells of the first that AWS does not take. */
const asksForDefaultFirst = (changes: readonly FieldChange[], { config }: PlanContext): boolean =>
  config.policy.afterRefusal === 'stop' && changes.some(({ field }) => field === 'certificate');

function withoutRules({
  rules: _rules,
  tags: _tags,
  attributes: _attributes,
  ...rest
}: DesiredListener): unknown {
  return rest;
}

function listenerChanges(
  wanted: DesiredListener,
  found: ObservedListener,
  defaultActions: readonly KnownAction[],
): readonly FieldChange[] {
  const fields: readonly (readonly [string, unknown, unknown])[] = [
    ['protocol', found.protocol, wanted.protocol],
    ['sslPolicy', found.sslPolicy, wanted.sslPolicy],
    ['certificate', found.defaultCertificate, wanted.certificateArns[0]],
    [
      'defaultActions',
      actionsKey(found.defaultActions, targetGroupKey),
      actionsKey(defaultActions, targetGroupKey),
    ],
    // Nothing wanted means leave alone (albc-behaviour §1.4, mutual-authentication).
    ...(wanted.mutualAuthentication === undefined
      ? []
      : [['mutualAuthentication', found.mutualAuthentication, wanted.mutualAuthentication] as const]),
  ];
  return fields
    .filter(([, from, to]) => !isEqual(from ?? null, to ?? null))
    .map(([field, from, to]) => ({ field, from: asText(from), to: asText(to) }));
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : value === undefined ? '' : canonical(value);
}

function attributesAndTags(
  wanted: DesiredListener,
  found: ObservedListener,
  context: PlanContext,
  writes: readonly OperationId[],
): readonly Operation[] {
  const subject = wanted.id;
  const before = context.previous?.loadBalancer?.listeners.find((listener) => listener.id === subject);
  const operations: Operation[] = [];
  const attributes = attributeChanges(wanted.attributes, found.attributes);
  if (attributes.length > 0) {
    operations.push({
      kind: 'modifyListenerAttributes',
      id: operationId('modifyListenerAttributes', subject),
      subject,
      because: differs(attributes, isEqual(before?.attributes, wanted.attributes)),
      dependsOn: [],
      listener: found.arn,
      attributes: Object.fromEntries(attributes.map((entry) => [entry.field, entry.to])),
    });
  }
  if (isHolding(context)) return operations;
  const tagged = {
    subject,
    resource: found.arn,
    wanted: tagsAfterSecret(wanted.tags, found.tags, writes.length > 0),
    found: found.tags,
    before: before?.tags,
  };
  // A tag with the hash of a client secret must not come before the secret.
  const tagging = tagOperations(tagged, context.config).map((operation) => ({
    ...operation,
    dependsOn: writes,
  }));
  return [...operations, ...tagging];
}

function unique(ids: readonly OperationId[]): readonly OperationId[] {
  return [...new Set(ids)];
}
