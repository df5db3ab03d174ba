import type {
  AllocateAddressRequest,
  AllocateAddressResult,
  CreateManagedPrefixListRequest,
  CreateManagedPrefixListResult,
  DescribeManagedPrefixListsRequest,
  DescribeManagedPrefixListsResult,
  ManagedPrefixList,
} from '@aws-sdk/client-ec2';
import { ec2Id } from '../ids.ts';
import type { CallContext } from '../operation.ts';
import { arn, type PrefixList } from '../state.ts';
import { setTags, visibleTags } from '../tags.ts';
import { applyFilters, byIds } from './filters.ts';
import { ec2Page } from './paging.ts';
import { newTags } from './tag-operations.ts';

export function createManagedPrefixList(
  input: CreateManagedPrefixListRequest,
  context: CallContext,
): CreateManagedPrefixListResult {
  const list: PrefixList = {
    id: ec2Id(context.state.ids, 'pl'),
    name: input.PrefixListName ?? '',
    maxEntries: input.MaxEntries ?? 1,
    cidrs: (input.Entries ?? []).map(({ Cidr = '' }) => Cidr),
  };
  context.state.prefixLists.set(list.id, list);
  setTags(context, list.id, newTags('prefix-list', input.TagSpecifications, context));
  return { PrefixList: render(list, context) };
}

export function describeManagedPrefixLists(
  input: DescribeManagedPrefixListsRequest,
  context: CallContext,
): DescribeManagedPrefixListsResult {
  const { state } = context;
  const found = applyFilters(
    byIds(state.prefixLists, input.PrefixListIds, 'InvalidPrefixListID.NotFound'),
    input.Filters,
    {
      state,
      values: { 'prefix-list-id': ({ id }) => [id], 'prefix-list-name': ({ name }) => [name] },
    },
  );
  const { items, NextToken } = ec2Page(found, input, context);
  return { PrefixLists: items.map((list) => render(list, context)), NextToken };
}

const render = (list: PrefixList, context: CallContext): ManagedPrefixList => ({
  PrefixListId: list.id,
  PrefixListName: list.name,
  PrefixListArn: arn(context.state, 'ec2', `prefix-list/${list.id}`),
  MaxEntries: list.maxEntries,
  AddressFamily: 'IPv4',
  State: 'create-complete',
  OwnerId: context.state.account,
  Tags: visibleTags(context, list.id),
});

export function allocateAddress(input: AllocateAddressRequest, context: CallContext): AllocateAddressResult {
  const allocationId = ec2Id(context.state.ids, 'eipalloc');
  const publicIp = `203.0.113.${context.state.addresses.size + 1}`;
  context.state.addresses.set(allocationId, { allocationId, publicIp });
  setTags(context, allocationId, newTags('elastic-ip', input.TagSpecifications, context));
  return { AllocationId: allocationId, PublicIp: publicIp, Domain: 'vpc' };
}
