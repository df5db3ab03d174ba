import { SimulatedError } from '../errors.ts';
import { plainOperation, type CallContext, type Service } from '../operation.ts';
import type { WebAcl } from '../state.ts';

const missing = (what: string): SimulatedError =>
  new SimulatedError(
    'WAFNonexistentItemException',
    `AWS WAF couldn't perform the operation because ${what} doesn't exist.`,
  );

/** WAFv2: which web ACL guards which load balancer. One web ACL a load balancer; a new association replaces the old one. */
export const wafv2: Service = {
  name: 'wafv2',
  signingName: 'wafv2',
  protocol: 'json',
  target: 'AWSWAF_20190729',
  operations: {
    ListWebACLs: plainOperation((input, { state }) => ({
      WebACLs: [...state.webAcls.values()].filter(({ scope }) => scope === input['Scope']).map(summary),
    })),
    GetWebACLForResource: plainOperation((input, context) => {
      const acl = context.state.webAcls.get(
        context.state.webAclAssociations.get(resource(input, context)) ?? '',
      );
      return acl === undefined
        ? {}
        : { WebACL: { ...summary(acl), DefaultAction: { Allow: {} }, Rules: [] } };
    }),
    AssociateWebACL: plainOperation((input, context) => {
      const acl = context.state.webAcls.get(String(input['WebACLArn']));
      if (acl === undefined) throw missing('the web ACL');
      context.state.webAclAssociations.set(resource(input, context), acl.arn);
      return {};
    }),
    DisassociateWebACL: plainOperation((input, context) => {
      context.state.webAclAssociations.delete(resource(input, context));
      return {};
    }),
    ListResourcesForWebACL: plainOperation((input, { state }) => ({
      ResourceArns: [...state.webAclAssociations]
        .filter(([, acl]) => acl === input['WebACLArn'])
        .map(([arn]) => arn),
    })),
  },
};

function resource(input: Record<string, unknown>, { state }: CallContext): string {
  const arn = String(input['ResourceArn']);
  if (!state.loadBalancers.has(arn)) throw missing(`the resource ${arn}`);
  return arn;
}

const summary = ({ arn, id, name }: WebAcl): object => ({
  ARN: arn,
  Id: id,
  Name: name,
  Description: '',
  LockToken: id,
});
