import type { Service } from '../operation.ts';
import type { OperationShape, Shape } from '../protocol/shape.ts';

const string: Shape = { kind: 'scalar', type: 'string' };
const member = (name: string) => ({ name, traits: {}, shape: () => string });

// The STS client is not among our dependencies, so the one shape is written out here.
const shape: OperationShape = {
  name: 'GetCallerIdentity',
  input: { kind: 'structure', members: [], required: [] },
  output: { kind: 'structure', members: [member('UserId'), member('Account'), member('Arn')], required: [] },
};

/** STS, as far as tools ask it who they are. */
export const sts: Service = {
  name: 'sts',
  signingName: 'sts',
  protocol: 'query',
  xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
  operations: {
    GetCallerIdentity: {
      shape,
      run: (_input, { state }) => ({
        UserId: 'AIDASIMULATED',
        Account: state.account,
        Arn: `arn:${state.partition}:iam::${state.account}:user/simulated`,
      }),
    },
  },
};
