import { plainOperation, type CallContext, type Service } from '../operation.ts';
import { page } from '../paging.ts';
import { visibleTags } from '../tags.ts';

type TagFilter = { readonly Key?: string; readonly Values?: readonly string[] };

/** The Resource Groups Tagging API: tagged ELBv2 and ACM resources by tag. */
export const tagging: Service = {
  name: 'resource-groups-tagging-api',
  signingName: 'tagging',
  protocol: 'json',
  target: 'ResourceGroupsTaggingAPI_20170126',
  operations: { GetResources: plainOperation(getResources) },
};

function getResources(input: Record<string, unknown>, context: CallContext): object {
  const filters = (input['TagFilters'] ?? []) as readonly TagFilter[];
  const types = (input['ResourceTypeFilters'] ?? []) as readonly string[];
  const found = [...context.state.tags.keys()]
    .filter(
      (arn) => arn.startsWith('arn:') && (types.length === 0 || types.some((type) => isOfType(arn, type))),
    )
    .map((ResourceARN) => ({ ResourceARN, Tags: visibleTags(context, ResourceARN) }))
    .filter(({ Tags }) => Tags.length > 0 && filters.every((filter) => meets(filter, Tags)));
  const { items, nextMarker } = page(found, {
    marker: (input['PaginationToken'] as string | undefined) || undefined,
    size: input['ResourcesPerPage'] as number | undefined,
    defaultSize: 50,
    max: 100,
  });
  return { ResourceTagMappingList: items, PaginationToken: nextMarker ?? '' };
}

/** `elasticloadbalancing:loadbalancer` or just `elasticloadbalancing`. */
function isOfType(arn: string, type: string): boolean {
  const [service, kind] = type.split(':');
  const parts = arn.split(':');
  return parts[2] === service && (kind === undefined || (parts[5] ?? '').startsWith(`${kind}/`));
}

const meets = ({ Key, Values = [] }: TagFilter, tags: readonly { Key: string; Value: string }[]): boolean =>
  tags.some((tag) => tag.Key === Key && (Values.length === 0 || Values.includes(tag.Value)));
