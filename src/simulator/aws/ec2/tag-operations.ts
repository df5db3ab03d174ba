import type { CreateTagsRequest, DeleteTagsRequest, TagSpecification } from '@aws-sdk/client-ec2';
import { SimulatedError } from '../errors.ts';
import type { CallContext } from '../operation.ts';
import { addTags, removeTags, tagsOf, setTags } from '../tags.ts';

/** Sets the tags that a create call gives to a resource of `type`. */
export function tagNew(
  id: string,
  type: string,
  specifications: readonly TagSpecification[] | undefined,
  context: CallContext,
): void {
  for (const { ResourceType, Tags } of specifications ?? []) {
    if (ResourceType === type) addTags(context, id, Tags);
  }
}

export function createTags(input: CreateTagsRequest, context: CallContext): object {
  for (const id of checked(input.Resources, context)) addTags(context, id, input.Tags);
  return {};
}

/** A tag given with a value goes only when it has that value; without tags all go. */
export function deleteTags(input: DeleteTagsRequest, context: CallContext): object {
  for (const id of checked(input.Resources, context)) {
    if (input.Tags === undefined) setTags(context, id, new Map());
    const own = tagsOf(context.state, id);
    const keys = (input.Tags ?? []).filter(
      ({ Key = '', Value }) => Value === undefined || own.get(Key) === Value,
    );
    removeTags(
      context,
      id,
      keys.map(({ Key = '' }) => Key),
    );
  }
  return {};
}

function checked(ids: readonly string[] | undefined, { state }: CallContext): readonly string[] {
  const kinds = [
    state.vpcs,
    state.subnets,
    state.securityGroups,
    state.instances,
    state.networkInterfaces,
    state.routeTables,
    state.internetGateways,
    state.prefixLists,
    state.addresses,
  ];
  for (const id of ids ?? []) {
    const rule =
      id.startsWith('sgr-') && [...state.securityGroups.values()].some((group) => group.rules.has(id));
    if (!rule && !kinds.some((kind) => kind.has(id)))
      throw new SimulatedError('InvalidID', `The ID '${id}' is not valid`);
  }
  return ids ?? [];
}
