import type { CoreConfig } from '../domain/config.ts';
import type { Finding } from './context.ts';
import type { MemberDraft } from './member-draft.ts';
import { mergedLoadBalancer } from './merge.ts';
import { stage } from './stage.ts';

/**
 * Whether ALBC, which stops at the first error of a group, has made the shared backend security group by then: it makes it
 * with the load balancer's own ones, and looks at attributes, listeners and rules afterwards. False without errors.
 */
export function makesBackendGroup(
  drafts: readonly MemberDraft[],
  findings: readonly Finding[],
  config: CoreConfig,
): boolean {
  const errors = findings.filter(({ problem }) => problem.severity === 'error');
  const [first] = errors.toSorted((a, b) => a.stage - b.stage);
  if (first === undefined) return false;
  // Of what is looked up in AWS only target groups named by actions come afterwards.
  const isLater =
    first.stage === stage.ours ? first.problem.code === 'BackendInvalid' : first.stage >= stage.attributes;
  if (!isLater) return false;
  const { securityGroups } = mergedLoadBalancer(drafts, config);
  const isWanted = securityGroups.kind === 'managed' || securityGroups.manageBackendRules;
  return isWanted && config.enableBackendSecurityGroup;
}
