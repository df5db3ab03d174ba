import type { Facts } from '../domain/facts.ts';
import type { WebAclIntent } from '../domain/group-model.ts';
import type { Checked } from '../domain/problem.ts';

/** ARN of the web ACL that must be associated, '' for none; undefined: whatever is there stays. */
export function webAcl(intent: WebAclIntent | undefined, facts: Facts): Checked<string | undefined> {
  if (intent === undefined) return { value: undefined, problems: [] };
  if (intent.kind === 'none') return { value: '', problems: [] };
  if (intent.kind === 'arn') return { value: intent.arn, problems: [] };
  const { name, member } = intent;
  const value = facts.webAclsByName.get(name);
  if (value !== undefined) return { value, problems: [] };
  const problem = {
    kind: 'problem',
    code: 'AnnotationInvalid',
    severity: 'error',
    scope: 'member',
    object: member,
    path: 'metadata.annotations[alb.ingress.kubernetes.io/wafv2-acl-name]',
    message: `There is no regional web ACL of WAFv2 named "${name}" in the load balancer's account and region`,
    hint: 'Create the web ACL with the scope REGIONAL, name another one, or write none',
    albcMessage: `couldn't find WAFv2 WebACL with name: ${name}`,
  } as const;
  return { value: undefined, problems: [problem] };
}
