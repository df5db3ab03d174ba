// What stands behind a backend of an Ingress: a Service, or an action, with its conditions and transforms (albc-behaviour §1.5).

import { type ActionDraft, type ForwardTarget, parseAction } from '../annotations/actions.ts';
import { parseConditions } from '../annotations/conditions.ts';
import { fullKey } from '../annotations/table.ts';
import { parseTransforms } from '../annotations/transforms.ts';
import type { IngressBackend, Service, ServiceBackend } from '../domain/cluster.ts';
import type { TargetGroupIntent, TargetGroupIntentId, TargetGroupRef } from '../domain/group-model.ts';
import { namespacedName } from '../domain/ids.ts';
import type { FixedResponseAction, RoutingAction, RuleCondition, Transform } from '../domain/rule.ts';
import { actionFaults } from './action-limits.ts';
import type { MemberContext } from './context.ts';
import { type AnnotationReader, annotationReader } from './read-annotations.ts';
import { stage } from './stage.ts';
import { targetGroupIntent } from './target-group.ts';

/** What the backends of one member share. */
export type Routing = {
  readonly context: MemberContext;
  readonly memberTags: Readonly<Record<string, string>>;
  /** Filled as backends need them. */
  readonly targetGroups: Map<TargetGroupIntentId, TargetGroupIntent>;
};

export type BackendDraft = {
  readonly conditions: readonly RuleCondition[];
  readonly transforms: readonly Transform[];
  readonly action: ActionDraft;
  /** The Service, where the action forwards to exactly one and it exists. */
  readonly service: Service | undefined;
};

const useAnnotation = 'use-annotation';

/** Reads a backend without building target groups; undefined after an error. `path` is where it stands in the Ingress. */
export function backendDraft(
  routing: Routing,
  backend: IngressBackend,
  path: string,
): BackendDraft | undefined {
  const { context } = routing;
  if (backend.kind === 'resource') {
    context.report(stage.rules, {
      code: 'BackendInvalid',
      path,
      message: `Ingress ${context.id} has the backend ${backend.resourceKind} "${backend.name}"; only Services and actions can be backends`,
      hint: 'Name a Service, or an action with the port name use-annotation',
      albcMessage: `ingress: ${context.id}: missing required "service" field`,
    });
    return undefined;
  }
  const reader = annotationReader(context, { stage: stage.rules, albcPrefix: true });
  const conditions = conditionsOf(context, reader, backend.name);
  const transforms = reader.value(`transforms.${backend.name}`, parseTransforms) ?? [];
  const action = actionOf(routing, reader, { backend, path });
  if (action === undefined) return undefined;
  const reachable = withServices(context, action, path);
  return reachable === undefined ? undefined : { conditions, transforms, ...reachable };
}

function conditionsOf(
  context: MemberContext,
  reader: AnnotationReader,
  name: string,
): readonly RuleCondition[] {
  const key = `conditions.${name}`;
  const draft = reader.value(key, parseConditions);
  for (const field of draft?.unknownFields ?? []) {
    // Without it the rule would match more requests than it was written for.
    if (context.config.policy.compatibility === 'none')
      reader.refuse(key, `where the field "${field}" is unknown`);
  }
  return draft?.conditions ?? [];
}

function actionOf(
  { context }: Routing,
  reader: AnnotationReader,
  of: { readonly backend: ServiceBackend; readonly path: string },
): ActionDraft | undefined {
  const { backend, path } = of;
  const { port } = backend;
  if (port === undefined) {
    context.report(stage.rules, {
      code: 'BackendInvalid',
      path,
      message: `Ingress ${context.id} has the backend "${backend.name}" without a port`,
      hint: 'Give the number or the name of a port of the Service',
    });
    return undefined;
  }
  if (port.kind !== 'name' || port.name !== useAnnotation) {
    const to: ForwardTarget = { kind: 'service', name: backend.name, port };
    return { kind: 'forward', targets: [{ to, weight: undefined }], stickinessSeconds: undefined };
  }
  const key = `actions.${backend.name}`;
  if (reader.text(key) !== undefined) return annotatedAction(context, reader, key);
  const isTolerated = context.config.tolerateNonExistentBackendAction;
  context.report(stage.rules, {
    code: 'BackendInvalid',
    severity: isTolerated ? 'warning' : 'error',
    path,
    message: `Ingress ${context.id} has the backend "${backend.name}" with the port use-annotation, and no annotation ${fullKey(key)}${isTolerated ? '; it answers 503' : ''}`,
    hint: `Add the annotation ${fullKey(key)}`,
    albcMessage: `ingress: ${context.id}: missing ${key} configuration`,
  });
  return isTolerated ? fixed503('Backend action does not exist') : undefined;
}

/** ALBC leaves AWS's limits to AWS; there one refused rule stops the group. */
function annotatedAction(
  context: MemberContext,
  reader: AnnotationReader,
  key: string,
): ActionDraft | undefined {
  const action = reader.value(key, parseAction);
  if (action === undefined || context.config.policy.compatibility === 'albc') return action;
  for (const why of actionFaults(action)) reader.refuse(key, why);
  return action;
}

function fixed503(messageBody: string): FixedResponseAction {
  return { kind: 'fixed-response', statusCode: '503', contentType: 'text/plain', messageBody };
}

type Reachable = Pick<BackendDraft, 'action' | 'service'>;

/** Checks that the Services of a forward exist; a single missing one may become a fixed 503. */
function withServices(context: MemberContext, action: ActionDraft, path: string): Reachable | undefined {
  if (action.kind !== 'forward') return { action, service: undefined };
  const names = action.targets.flatMap(({ to }) => (to.kind === 'service' ? [to.name] : []));
  const missing = names.find((name) => serviceOf(context, name) === undefined);
  const isSingle = action.targets.length === 1;
  if (missing === undefined) {
    const [name] = names;
    return { action, service: isSingle && name !== undefined ? serviceOf(context, name) : undefined };
  }
  const isKnown = context.snapshot.complete.has('Service');
  const isTolerated = isKnown && isSingle && context.config.tolerateNonExistentBackendService;
  const id = namespacedName(context.ingress.meta.namespace, missing);
  context.report(stage.rules, {
    code: 'ServiceNotFound',
    severity: isTolerated ? 'warning' : 'error',
    path,
    message: `Ingress ${context.id} sends to Service ${id}, which ${isKnown ? 'does not exist' : 'could not be read yet'}${isTolerated ? '; its requests are answered with 503' : ''}`,
    hint: `Create the Service ${id}, or correct the backend`,
    albcMessage: `ingress: ${context.id}: Service "${missing}" not found`,
  });
  return isTolerated ? { action: fixed503('Backend service does not exist'), service: undefined } : undefined;
}

function serviceOf(context: MemberContext, name: string): Service | undefined {
  return context.snapshot.services.get(namespacedName(context.ingress.meta.namespace, name));
}

/** Builds the target groups that the action needs; undefined after an error. */
export function routingAction(
  routing: Routing,
  action: ActionDraft,
  path: string,
): RoutingAction<TargetGroupRef> | undefined {
  if (action.kind !== 'forward') return action;
  const isWeighted = action.targets.length > 1;
  const { featureGates, policy } = routing.context.config;
  if (isWeighted && !featureGates.WeightedTargetGroups && policy.gatedForwards === 'hold') {
    routing.context.report(stage.rules, {
      code: 'AnnotationInvalid',
      path,
      message: `Ingress ${routing.context.id} forwards to ${action.targets.length} target groups at once, which the feature gate WeightedTargetGroups switches off`,
      hint: 'Forward to one Service, or start the controller with WeightedTargetGroups=true',
      albcMessage: 'weighted target groups feature is disabled',
    });
    return undefined;
  }
  const targetGroups: { targetGroup: TargetGroupRef; weight: number }[] = [];
  for (const { to, weight } of action.targets) {
    const targetGroup = targetGroupRef(routing, to, path);
    if (targetGroup !== undefined) targetGroups.push({ targetGroup, weight: isWeighted ? (weight ?? 1) : 1 });
  }
  if (targetGroups.length < action.targets.length) return undefined;
  const { stickinessSeconds, stickinessOff } = action;
  return { kind: 'forward', targetGroups, stickinessSeconds, ...(stickinessOff && { stickinessOff }) };
}

function targetGroupRef(routing: Routing, to: ForwardTarget, path: string): TargetGroupRef | undefined {
  if (to.kind !== 'service') return to;
  const service = serviceOf(routing.context, to.name);
  if (service === undefined) return undefined;
  const intent = targetGroupIntent(routing.context, { service, port: to.port, path }, routing.memberTags);
  if (intent === undefined) return undefined;
  routing.targetGroups.set(intent.id, intent);
  return { kind: 'managed', id: intent.id };
}
