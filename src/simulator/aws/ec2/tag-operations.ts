import type { CreateTagsRequest, DeleteTagsRequest, TagSpecification } from '@aws-sdk/client-ec2';
import { SimulatedError } from '../errors.ts';
import type { CallContext } from '../operation.ts';
import { mergedTags, removeTags, type SdkTag, setTags, tagsOf } from '../tags.ts';

/** The tags that a create call gives to a resource of `type`; throws before anything is made when they break a rule. */
export function newTags(
  type: string,
  specifications: readonly TagSpecification[] | undefined,
  context: CallContext,
): ReadonlyMap<string, string> {
  const tags = (specifications ?? []).flatMap(({ ResourceType, Tags = [] }) =>
    ResourceType === type ? Tags : [],
  );
  return merged('', tags, context);
}

const ec2Codes: Readonly<Record<string, string>> = {
  TooManyTags: 'TagLimitExceeded',
  ValidationError: 'InvalidParameterValue',
  DuplicateTagKeys: 'InvalidParameterValue',
};

/** As ELBv2 merges tags, with the codes that EC2 has for the same mistakes. */
function merged(
  id: string,
  tags: readonly SdkTag[] | undefined,
  context: CallContext,
): ReadonlyMap<string, string> {
  try {
    return mergedTags(context, id, tags ?? [], /^/);
  } catch (error) {
    if (!(error instanceof SimulatedError)) throw error;
    throw new SimulatedError(ec2Codes[error.code] ?? error.code, error.message);
  }
}

export function createTags(input: CreateTagsRequest, context: CallContext): object {
  const all = checked(input.Resources, context).map((id) => [id, merged(id, input.Tags, context)] as const);
  for (const [id, tags] of all) setTags(context, id, tags);
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
