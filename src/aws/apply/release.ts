import { RemoveTagsFromCertificateCommand } from '@aws-sdk/client-acm';
import { DeleteTagsCommand } from '@aws-sdk/client-ec2';
import { RemoveTagsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Handlers } from '../../core/domain/operation.ts';
import type { AwsContext } from '../context.ts';

/** Takes away the tags by which a resource is ours, in one call, and nothing else. */
export function releaseHandlers({ calls }: AwsContext): Pick<Handlers, 'release'> {
  return {
    release: async ({ service, resource, keys }, _look, { signal }) => {
      const Tags = keys.map((Key) => ({ Key }));
      switch (service) {
        case 'elbv2':
          await calls.elbv2(new RemoveTagsCommand({ ResourceArns: [resource], TagKeys: [...keys] }), {
            signal,
          });
          break;
        case 'ec2':
          await calls.ec2(new DeleteTagsCommand({ Resources: [resource], Tags }), { signal });
          break;
        case 'acm':
          await calls.acm(new RemoveTagsFromCertificateCommand({ CertificateArn: resource, Tags }), {
            signal,
          });
          break;
      }
      return {};
    },
  };
}
