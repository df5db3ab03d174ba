import { SimulatedError } from '../errors.ts';
import { uuid } from '../ids.ts';
import { plainOperation, type CallContext, type Service } from '../operation.ts';

/** Shield Advanced: whether the account is subscribed, and protections by resource. */
export const shield: Service = {
  name: 'shield',
  signingName: 'shield',
  protocol: 'json',
  target: 'AWSShield_20160616',
  operations: {
    GetSubscriptionState: plainOperation((_input, { state }) => ({
      SubscriptionState: state.shieldSubscribed ? 'ACTIVE' : 'INACTIVE',
    })),
    DescribeProtection: plainOperation((input, context) => {
      const found = [...context.state.shieldProtections.values()].find(
        ({ id, resourceArn }) => id === input['ProtectionId'] || resourceArn === input['ResourceArn'],
      );
      if (found === undefined)
        throw new SimulatedError('ResourceNotFoundException', 'The referenced protection does not exist.');
      return { Protection: { Id: found.id, Name: found.name, ResourceArn: found.resourceArn } };
    }),
    CreateProtection: plainOperation(createProtection),
    DeleteProtection: plainOperation((input, { state }) => {
      if (state.shieldProtections.delete(String(input['ProtectionId']))) return {};
      throw new SimulatedError('ResourceNotFoundException', 'The referenced protection does not exist.');
    }),
  },
};

function createProtection(input: Record<string, unknown>, { state }: CallContext): object {
  if (!state.shieldSubscribed)
    throw new SimulatedError(
      'InvalidOperationException',
      'The account has no subscription to Shield Advanced.',
    );
  const resourceArn = String(input['ResourceArn']);
  if ([...state.shieldProtections.values()].some((other) => other.resourceArn === resourceArn)) {
    throw new SimulatedError('ResourceAlreadyExistsException', `${resourceArn} is protected already.`);
  }
  const id = uuid(state.ids);
  state.shieldProtections.set(id, { id, name: String(input['Name']), resourceArn });
  return { ProtectionId: id };
}
