import { SimulatedError } from '../errors.ts';
import { plainOperation, type CallContext, type Service } from '../operation.ts';

const missing = (): SimulatedError =>
  new SimulatedError(
    'WAFNonexistentItemException',
    "The operation failed because the referenced object doesn't exist.",
  );

/** WAF Classic for regions: ids of web ACLs are taken as they are, for nobody can make new ones any more. */
export const wafRegional: Service = {
  name: 'waf-regional',
  signingName: 'waf-regional',
  protocol: 'json',
  target: 'AWSWAF_Regional_20161128',
  operations: {
    GetWebACLForResource: plainOperation((input, context) => {
      const id = context.state.classicWebAcls.get(resource(input, context));
      return id === undefined ? {} : { WebACLSummary: { WebACLId: id, Name: id } };
    }),
    AssociateWebACL: plainOperation((input, context) => {
      const id = input['WebACLId'];
      if (typeof id !== 'string' || id === '')
        throw new SimulatedError('WAFInvalidParameterException', 'The parameter WebACLId is missing.');
      context.state.classicWebAcls.set(resource(input, context), id);
      return {};
    }),
    DisassociateWebACL: plainOperation((input, context) => {
      context.state.classicWebAcls.delete(resource(input, context));
      return {};
    }),
  },
};

function resource(input: Record<string, unknown>, { state }: CallContext): string {
  const arn = String(input['ResourceArn']);
  if (!state.loadBalancers.has(arn)) throw missing();
  return arn;
}
