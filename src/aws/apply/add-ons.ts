import {
  CreateProtectionCommand,
  DeleteProtectionCommand,
  DescribeProtectionCommand,
} from '@aws-sdk/client-shield';
import { AssociateWebACLCommand, DisassociateWebACLCommand } from '@aws-sdk/client-wafv2';
import type { Handlers } from '../../core/domain/operation.ts';
import type { AwsContext } from '../context.ts';
import { isKind } from '../errors.ts';
import { required } from '../wire/required.ts';
import { isNew, onceVisible } from './retry.ts';

type Kinds = 'associateWebAcl' | 'disassociateWebAcl' | 'createShieldProtection' | 'deleteShieldProtection';

export function addOnHandlers({ calls, clock }: AwsContext): Pick<Handlers, Kinds> {
  return {
    associateWebAcl: async ({ loadBalancer, webAclArn }, look, { signal }) => {
      const command = new AssociateWebACLCommand({ ResourceArn: look(loadBalancer), WebACLArn: webAclArn });
      await calls.wafv2(command, { signal });
      return {};
    },

    disassociateWebAcl: async ({ loadBalancer }, _look, { signal }) => {
      await calls.wafv2(new DisassociateWebACLCommand({ ResourceArn: loadBalancer }), { signal });
      return {};
    },

    createShieldProtection: async ({ loadBalancer, name }, look, { signal }) => {
      const ResourceArn = look(loadBalancer);
      const create = () => calls.shield(new CreateProtectionCommand({ Name: name, ResourceArn }), { signal });
      try {
        const created = await onceVisible({ clock, signal, isNew: isNew(loadBalancer) }, create);
        return { id: required(created.ProtectionId, 'ProtectionId') };
      } catch (error) {
        if (!isKind(error, 'alreadyExists')) throw error;
        const { Protection } = await calls.shield(new DescribeProtectionCommand({ ResourceArn }), { signal });
        return { id: required(Protection?.Id, 'Id') };
      }
    },

    deleteShieldProtection: async ({ protectionId }, _look, { signal }) => {
      try {
        await calls.shield(new DeleteProtectionCommand({ ProtectionId: protectionId }), { signal });
      } catch (error) {
        if (!isKind(error, 'notFound')) throw error;
      }
      return {};
    },
  };
}
