import { AssumeRole$, type AssumeRoleRequest, GetCallerIdentity$ } from '@aws-sdk/client-sts';
import { SimulatedError } from '../errors.ts';
import { type CallContext, operation, type Service } from '../operation.ts';

/** STS, as far as tools ask it who they are, and roles that a test has put into the account. */
export const sts: Service = {
  name: 'sts',
  signingName: 'sts',
  protocol: 'query',
  xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
  operations: {
    GetCallerIdentity: operation(GetCallerIdentity$, (_input: object, { state }) => ({
      UserId: 'AIDASIMULATED',
      Account: state.account,
      Arn: `arn:${state.partition}:iam::${state.account}:user/simulated`,
    })),
    AssumeRole: operation(AssumeRole$, assumeRole),
  },
};

const hourMs = 3_600_000;

/** A role that is not there and one with another external id are refused alike: AWS does not say which it is. */
function assumeRole(
  { RoleArn = '', RoleSessionName = '', ExternalId }: AssumeRoleRequest,
  { state, now }: CallContext,
): object {
  const role = state.roles.get(RoleArn);
  if (role === undefined || role.externalId !== ExternalId) {
    const who = `arn:${state.partition}:iam::${state.account}:user/simulated`;
    const message = `User: ${who} is not authorized to perform: sts:AssumeRole on resource: ${RoleArn}`;
    throw new SimulatedError('AccessDenied', message, 403);
  }
  return {
    Credentials: {
      AccessKeyId: 'ASIASIMULATED',
      SecretAccessKey: 'simulated',
      SessionToken: `session of ${RoleArn}`,
      Expiration: new Date(now + hourMs),
    },
    AssumedRoleUser: {
      AssumedRoleId: `AROASIMULATED:${RoleSessionName}`,
      Arn: `${RoleArn.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/${RoleSessionName}`,
    },
  };
}
