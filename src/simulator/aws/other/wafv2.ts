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
        context.state.webAclAssociations.get(resource(input, context))?.[0] ?? '',
      );
      return acl === undefined
        ? {}
        : { WebACL: { ...summary(acl), DefaultAction: { Allow: {} }, Rules: [] } };
    }),
    AssociateWebACL: plainOperation((input, context) => {
      const acl = context.state.webAcls.get(String(input['WebACLArn']));
      if (acl === undefined) throw missing('the web ACL');
      const arn = resource(input, context);
      const { state, knobs } = context;
      const present = knobs.accepts.severalWebAcls ? (state.webAclAssociations.get(arn) ?? []) : [];
      const all = new Set([...present, acl.arn]);
      const order = [...state.webAcls.keys()];
      state.webAclAssociations.set(
        arn,
        [...all].toSorted((a, b) => order.indexOf(a) - order.indexOf(b)),
      );
      return {};
    }),
    DisassociateWebACL: plainOperation((input, context) => {
      const arn = resource(input, context);
      const [, ...rest] = context.state.webAclAssociations.get(arn) ?? [];
      if (rest.length === 0) context.state.webAclAssociations.delete(arn);
      else context.state.webAclAssociations.set(arn, rest);
      return {};
    }),
    ListResourcesForWebACL: plainOperation((input, { state }) => ({
      ResourceArns: [...state.webAclAssociations]
        .filter(([, acls]) => acls.includes(String(input['WebACLArn'])))
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
