import { AddTagsCommand, RemoveTagsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Handlers } from '../../core/domain/operation.ts';
import type { AwsContext } from '../context.ts';
import { wireTags } from '../wire/tags.ts';

/** Tags are added before others go, so that a resource is never without an owner in between. */
export function tagHandlers({ calls }: AwsContext): Pick<Handlers, 'setTags'> {
  return {
    setTags: async ({ resource, add, remove }, _look, { signal }) => {
      if (Object.keys(add).length > 0) {
        await calls.elbv2(new AddTagsCommand({ ResourceArns: [resource], Tags: wireTags(add) }), { signal });
      }
      if (remove.length > 0) {
        await calls.elbv2(new RemoveTagsCommand({ ResourceArns: [resource], TagKeys: [...remove] }), {
          signal,
        });
      }
      return {};
    },
  };
}
