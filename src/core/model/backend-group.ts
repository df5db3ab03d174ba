import type { CoreConfig } from '../domain/config.ts';
import type { ProblemCode } from '../domain/problem.ts';
import type { Finding } from './context.ts';
import type { MemberDraft } from './member-draft.ts';
import { mergedLoadBalancer } from './merge.ts';
import { stage } from './stage.ts';

/** Errors found with AWS's help that ALBC meets before the security groups. */
const earlier: ReadonlySet<ProblemCode> = new Set<ProblemCode>(['SubnetsUnusable', 'SecurityGroupNotFound']);

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
  if (first === undefined || first.stage < stage.attributes || earlier.has(first.problem.code)) return false;
  const { securityGroups } = mergedLoadBalancer(drafts, config);
  const isWanted = securityGroups.kind === 'managed' || securityGroups.manageBackendRules;
  return isWanted && config.enableBackendSecurityGroup;
}
