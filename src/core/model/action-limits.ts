// What AWS refuses in an action, known before it is sent (elbv2-facts §1.5).

import type { ActionDraft } from '../annotations/actions.ts';
import { type FixedResponseAction, type RedirectAction, redirectPlaceholders } from '../domain/rule.ts';

/** Target groups of one forward action (ELB quota "target groups per action on an ALB"); not adjustable. */
const maxTargetGroups = 5;
const maxStickinessSeconds = 604_800;
const contentTypes = ['text/plain', 'text/css', 'text/html', 'application/javascript', 'application/json'];

/** Faults of an action of an annotation; each continues "…is …, ". */
export function actionFaults(action: ActionDraft): readonly string[] {
  switch (action.kind) {
    case 'fixed-response':
      return fixedResponseFaults(action);
    case 'redirect':
      return redirectFaults(action);
    case 'forward': {
      const { stickinessSeconds: seconds, targets } = action;
      const weights = targets.map(({ weight }) => weight ?? 1);
      return [
        ...fault(targets.length === 0, 'where targetGroups is empty'),
        ...fault(
          targets.length > maxTargetGroups,
          `where targetGroups has ${targets.length} entries; AWS takes at most ${maxTargetGroups}`,
        ),
        ...fault(
          weights.some((weight) => weight < 0 || weight > 999),
          'where a weight is not within 0 and 999',
        ),
        ...fault(
          seconds !== undefined && (seconds < 1 || seconds > maxStickinessSeconds),
          `where durationSeconds is not within 1 and ${maxStickinessSeconds}`,
        ),
      ];
    }
  }
}

function fault(isWrong: boolean, why: string): readonly string[] {
  return isWrong ? [why] : [];
}

function fixedResponseFaults({
  statusCode,
  contentType,
  messageBody,
}: FixedResponseAction): readonly string[] {
  return [
    ...fault(
      !/^[245][0-9]{2}$/.test(statusCode),
      `where the statusCode "${statusCode}" is not of the form 2xx, 4xx or 5xx`,
    ),
    ...fault(
      contentType !== undefined && !contentTypes.includes(contentType),
      `where the contentType "${contentType}" is none of ${contentTypes.join(', ')}`,
    ),
    ...fault((messageBody?.length ?? 0) > 1024, 'where the messageBody has more than 1024 characters'),
  ];
}

function redirectFaults(action: RedirectAction): readonly string[] {
  const { statusCode, protocol, port, host, path } = action;
  const keepsAll = { protocol, port, host, path };
  const isUnchanged = Object.entries(keepsAll).every(
    ([name, value]) => value === redirectPlaceholders[name as keyof typeof keepsAll],
  );
  // One that keeps the query too leads to itself and is never made.
  const isLoop = isUnchanged && action.query !== redirectPlaceholders.query;
  const isPort = port === redirectPlaceholders.port || /^[1-9][0-9]{0,4}$/.test(port);
  return [
    ...fault(
      !['HTTP_301', 'HTTP_302'].includes(statusCode),
      `where the statusCode "${statusCode}" is neither HTTP_301 nor HTTP_302`,
    ),
    ...fault(
      !['HTTP', 'HTTPS', redirectPlaceholders.protocol].includes(protocol),
      `where the protocol "${protocol}" is neither HTTP nor HTTPS`,
    ),
    ...fault(!isPort, `where the port "${port}" is not a port number`),
    ...fault(!path.startsWith('/'), `where the path "${path}" does not begin with "/"`),
    ...fault(isLoop, 'where nothing but the query changes, so that AWS expects a loop'),
  ];
}
