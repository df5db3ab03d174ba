import type { Handlers } from '../../core/domain/operation.ts';
import type { AwsContext } from '../context.ts';
import { AssociateWebACLCommand, DisassociateWebACLCommand } from '../waf-classic.ts';

type Kinds = 'associateClassicWebAcl' | 'disassociateClassicWebAcl';

export function classicWebAclHandlers({ calls }: AwsContext): Pick<Handlers, Kinds> {
  return {
    associateClassicWebAcl: async ({ loadBalancer, webAclId }, look, { signal }) => {
      const command = new AssociateWebACLCommand({ ResourceArn: look(loadBalancer), WebACLId: webAclId });
      await calls.classicWaf(command, { signal });
      return {};
    },

    disassociateClassicWebAcl: async ({ loadBalancer }, _look, { signal }) => {
      await calls.classicWaf(new DisassociateWebACLCommand({ ResourceArn: loadBalancer }), { signal });
      return {};
    },
  };
}
