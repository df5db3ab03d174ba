// A plan as text for people: one line an operation, with its mark, what it does and why.

import { type Drift, isWithheld } from '../domain/drift.ts';
import type { FieldChange, Operation } from '../domain/operation.ts';
import type { Plan } from '../domain/plan.ts';
import type { Problem } from '../domain/problem.ts';
import type { RuleCondition, RuleContent, Transform } from '../domain/rule.ts';
import type { Known } from '../domain/desired-group.ts';
import type { TargetGroupArn } from '../domain/ids.ts';
import { nameOf } from './because.ts';

/** `+` makes, `~` changes, `-` removes, `>` fills, moves or waits on the way. */
function mark(operation: Operation): '+' | '~' | '-' | '>' {
  if (operation.because.reason === 'transition') return '>';
  if (/^(create|authorize|register|add|associate|request)/.test(operation.kind)) return '+';
  return /^(delete|revoke|deregister|remove|disassociate)/.test(operation.kind) ? '-' : '~';
}

/** The whole plan: a headline, its operations in order, what is held, what is foreign. Ends with a newline. */
export function renderPlan(plan: Plan): string {
  const count = plan.operations.length;
  const headline =
    count === 0
      ? `Group ${plan.key}: nothing to do`
      : `Group ${plan.key}: ${count} operation${count === 1 ? '' : 's'}`;
  return [
    headline,
    ...plan.operations.map((operation) => `  ${renderOperation(operation)}`),
    ...(plan.drift ?? []).filter(isWithheld).map((drift) => `  ! left as it is: ${renderDrift(drift)}`),
    ...plan.held.map((held) => `  ! held: ${what(held.operation)} (${held.why.message})`),
    ...plan.foreign.map((line) => `  = not ours, left alone: ${line}`),
    '',
  ].join('\n');
}

/** One line: `+ create rule web/443/1: host shop.example.com, path /, /* → k8s-shop-web-…  (missing: …)`. */
function renderOperation(operation: Operation): string {
  const { reason, text, changes } = operation.because;
  const why = reason === 'drift' ? `drift: ${changes?.map(renderChange).join('; ') ?? text}` : text;
  return `${mark(operation)} ${what(operation)}  (${why})`;
}

/** `listener/web/443 sslPolicy: should be X, is Y (report)`. */
function renderDrift({ subject, what, wanted, found, mode, rests }: Drift): string {
  const why = rests === undefined ? mode : `put back ${rests.count} times and changed again each time`;
  return `${subject} ${what}: should be ${shown(wanted)}, is ${shown(found)} (${why})`;
}

const shown = (text: string): string => (text === '' ? 'absent' : text);

function renderChange({ field, from, to }: FieldChange): string {
  return `${field}: ${from === '' ? 'unset' : from} → ${to === '' ? 'unset' : to}`;
}

/** One line for a problem: severity, object, path, message, hint. */
export function renderProblem(problem: Problem): string {
  const where = problem.path === '' ? nameOf(problem.object) : `${nameOf(problem.object)} ${problem.path}`;
  return `${problem.severity} ${problem.code} ${where}: ${problem.message}${problem.hint ? ` (${problem.hint})` : ''}`;
}

function what(operation: Operation): string {
  const words = operation.kind.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  const detail = detailOf(operation);
  return `${words} ${shortSubject(operation)}${detail === '' ? '' : `: ${detail}`}`;
}

/** The operation names the kind of its subject already, and of an ARN the last part is enough. */
function shortSubject(operation: Operation): string {
  return operation.subject
    .replace(/^(security-group|target-group|load-balancer|listener|rule|certificate)\//, '')
    .replace(/arn:[^ ]*:(loadbalancer|targetgroup|listener|listener-rule)\//, '');
}

function detailOf(operation: Operation): string {
  switch (operation.kind) {
    case 'createLoadBalancer':
      return `${operation.spec.scheme}, ${operation.spec.ipAddressType}, subnets ${operation.spec.subnets.join(' ')}`;
    case 'createTargetGroup':
      return `${operation.spec.targetType} targets, ${operation.spec.protocol} ${operation.spec.port}`;
    case 'createListener':
    case 'modifyListener':
      return `${operation.spec.protocol} ${operation.spec.port}, default ${renderActions(operation.spec.defaultActions)}`;
    case 'createRule':
      return `priority ${operation.priority}, ${renderContent(operation.content)}`;
    case 'modifyRule':
      return renderContent(operation.content);
    case 'setRulePriorities':
      return operation.priorities.map((setting) => setting.priority).join(' ');
    case 'registerLoadBalancer':
      return `port ${operation.port} of ${operation.loadBalancer.replace(/^arn:.*:loadbalancer\//, '')}`;
    case 'registerTargets':
    case 'deregisterTargets':
      return operation.targets.map((target) => `${target.id}:${target.port}`).join(' ');
    case 'authorizeIngress':
      return operation.rules.map((rule) => `${rule.protocol} ${rule.fromPort}-${rule.toPort}`).join(', ');
    case 'addListenerCertificate':
    case 'removeListenerCertificate':
      return operation.certificateArn;
    case 'requestCertificate':
      return operation.spec.domains.join(' ');
    case 'modifyLoadBalancerAttributes':
    case 'modifyTargetGroupAttributes':
    case 'modifyListenerAttributes':
      return Object.entries(operation.attributes)
        .map(([key, value]) => `${key}=${value}`)
        .join(', ');
    default:
      return '';
  }
}

function renderContent(content: RuleContent<Known<TargetGroupArn>>): string {
  const transforms = content.transforms.map(renderTransform);
  return `${content.conditions.map(renderCondition).join(', ')} → ${[...transforms, renderActions(content.actions)].join(', then ')}`;
}

function renderTransform({ kind, rewrites }: Transform): string {
  return `${kind} ${rewrites.map(({ regex, replace }) => `/${regex}/ by ${replace}`).join(', ')}`;
}

/** A condition in the words of a plan. */
export function renderCondition(condition: RuleCondition): string {
  const names = {
    'host-header': 'host',
    'path-pattern': 'path',
    'http-header': 'header',
    'http-request-method': 'method',
    'query-string': 'query',
    'source-ip': 'source',
  };
  const name = condition.kind === 'http-header' ? `header ${condition.name}` : names[condition.kind];
  if (condition.kind === 'query-string') {
    return `${name} ${condition.values.map(({ key, value }) => (key === undefined ? value : `${key}=${value}`)).join(' | ')}`;
  }
  const regexes = 'regexValues' in condition ? condition.regexValues.map((regex) => `/${regex}/`) : [];
  return `${name} ${[...condition.values, ...regexes].join(' | ')}`;
}

/** All actions of a rule in the words of a plan. */
export function renderActions(
  actions: readonly RuleContent<Known<TargetGroupArn>>['actions'][number][],
): string {
  return actions
    .map((action) => {
      switch (action.kind) {
        case 'forward': {
          const name = (targetGroup: Known<TargetGroupArn>) =>
            typeof targetGroup === 'string'
              ? (targetGroup.split('/')[1] ?? targetGroup)
              : targetGroup.ref.replace('target-group/', '');
          const isOne = action.targetGroups.length === 1;
          return action.targetGroups
            .map((entry) => `${name(entry.targetGroup)}${isOne ? '' : ` ×${entry.weight}`}`)
            .join(' + ');
        }
        case 'redirect':
          return `redirect ${action.statusCode.replace('HTTP_', '')} ${action.protocol}://${action.host}:${action.port}${action.path}`;
        case 'fixed-response':
          return `fixed ${action.statusCode}`;
        case 'authenticate-cognito':
        case 'authenticate-oidc':
        case 'jwt-validation':
          return action.kind;
      }
    })
    .join(', then ');
}
