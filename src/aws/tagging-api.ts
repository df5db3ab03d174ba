import { GetResourcesCommand } from '@aws-sdk/client-resource-groups-tagging-api';
import type { Tags } from '../core/domain/desired-group.ts';
import { allPages } from './batches.ts';
import type { AwsContext, Signalled } from './context.ts';
import { observedTags } from './wire/tags.ts';

/** Largest page of GetResources. */
const pageSize = 100;

/**
 * Tags by ARN of load balancers, target groups, listeners and rules that carry `key` with `value`. What was tagged in the last
 * moments may be missing: creating it once more gives the same resource, and deletes never rest on what is missing.
 */
export async function taggedResources(
  { calls }: AwsContext,
  { key, value }: { readonly key: string; readonly value: string },
  { signal }: Signalled,
): Promise<ReadonlyMap<string, Tags>> {
  const all = await allPages(async (PaginationToken) => {
    const command = new GetResourcesCommand({
      PaginationToken,
      ResourcesPerPage: pageSize,
      ResourceTypeFilters: ['elasticloadbalancing'],
      TagFilters: [{ Key: key, Values: [value] }],
    });
    const { ResourceTagMappingList: items, PaginationToken: next } = await calls.tagging(command, { signal });
    // The last page ends with an empty token.
    return { items, next: next || undefined };
  });
  return new Map(all.map(({ ResourceARN = '', Tags }) => [ResourceARN, observedTags(Tags)]));
}
