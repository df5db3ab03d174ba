import type { Signalled } from './context.ts';
import { refused } from './errors.ts';
import type { InstanceMetadata } from './instance-metadata.ts';

/** The given region, or that of the instance that we run on. Throws `invalid` with the flag to set when neither is known. */
export async function findRegion(
  given: string,
  metadata: Pick<InstanceMetadata, 'region'>,
  { signal }: Signalled,
): Promise<string> {
  if (given !== '') return given;
  const told = await metadata.region({ signal });
  if ('value' in told) return told.value;
  throw refused('invalid', {
    code: 'RegionUnknown',
    action: 'imds:GetRegion',
    message: `the region is not known: ${told.why}; set --aws-region, or AWS_REGION in the environment`,
  });
}
