import type {
  CreateSecurityGroupRequest,
  CreateSecurityGroupResult,
  DeleteSecurityGroupRequest,
  DeleteSecurityGroupResult,
  DescribeSecurityGroupsRequest,
  DescribeSecurityGroupsResult,
  SecurityGroup as SdkSecurityGroup,
} from '@aws-sdk/client-ec2';
import { SimulatedError } from '../errors.ts';
import { ec2Id } from '../ids.ts';
import type { CallContext } from '../operation.ts';
import { arn, type SecurityGroup } from '../state.ts';
import { setTags, visibleTags } from '../tags.ts';
import { applyFilters } from './filters.ts';
import { ec2Page } from './paging.ts';
import { renderPermissions, sourceText } from './permissions.ts';
import { newTags } from './tag-operations.ts';

/** Stores a security group that lets everything out, as every new one does. */
export function newSecurityGroup(
  given: Pick<SecurityGroup, 'name' | 'description' | 'vpcId'>,
  { state, now }: Pick<CallContext, 'state' | 'now'>,
): SecurityGroup {
  const id = ec2Id(state.ids, 'sg');
  const ruleId = ec2Id(state.ids, 'sgr');
  const group: SecurityGroup = {
    id,
    ...given,
    createdAt: now,
    rules: new Map([
      [
        ruleId,
        {
          id: ruleId,
          groupId: id,
          egress: true,
          protocol: '-1',
          fromPort: -1,
          toPort: -1,
          source: { kind: 'ipv4', cidr: '0.0.0.0/0' },
          description: undefined,
        },
      ],
    ]),
  };
  state.securityGroups.set(id, group);
  return group;
}

export function createSecurityGroup(
  input: CreateSecurityGroupRequest,
  context: CallContext,
): CreateSecurityGroupResult {
  const { state, knobs } = context;
  const { GroupName: name = '', Description: description = '', VpcId: vpcId = '' } = input;
  checkText('GroupName', name);
  checkText('GroupDescription', description);
  if (name.startsWith('sg-'))
    throw new SimulatedError('InvalidParameterValue', `Group names may not be in the format sg-*: '${name}'`);
  if (!state.vpcs.has(vpcId))
    throw new SimulatedError('InvalidVpcID.NotFound', `The vpc ID '${vpcId}' does not exist`);
  if ([...state.securityGroups.values()].some((other) => other.vpcId === vpcId && other.name === name)) {
    throw new SimulatedError(
      'InvalidGroup.Duplicate',
      `The security group '${name}' already exists for VPC '${vpcId}'`,
    );
  }
  const tags = newTags('security-group', input.TagSpecifications, context);
  const limit = knobs.quotas['security-groups'];
  if (state.securityGroups.size >= limit)
    throw new SimulatedError(
      'SecurityGroupLimitExceeded',
      `The maximum number of security groups has been reached: ${limit}`,
    );
  const group = newSecurityGroup({ name, description, vpcId }, context);
  setTags(context, group.id, tags);
  return {
    GroupId: group.id,
    SecurityGroupArn: arn(state, 'ec2', `security-group/${group.id}`),
    Tags: visibleTags(context, group.id),
  };
}

function checkText(field: string, value: string): void {
  if (/^[A-Za-z0-9 ._\-:/()#,@[\]+=&;{}!$*]{1,255}$/.test(value)) return;
  throw new SimulatedError(
    'InvalidParameterValue',
    `Value (${value}) for parameter ${field} is invalid: up to 255 of a-z, A-Z, 0-9, spaces and ._-:/()#,@[]+=&;{}!$*`,
  );
}

export function findSecurityGroup(
  id: string | undefined,
  { state }: Pick<CallContext, 'state'>,
): SecurityGroup {
  const group = state.securityGroups.get(id ?? '');
  if (group === undefined)
    throw new SimulatedError('InvalidGroup.NotFound', `The security group '${id}' does not exist`);
  return group;
}

/** Refuses while a network interface uses the group or a rule of another group names it. */
export function deleteSecurityGroup(
  input: DeleteSecurityGroupRequest,
  context: CallContext,
): DeleteSecurityGroupResult {
  const { state, now } = context;
  const group = findSecurityGroup(input.GroupId, context);
  if (group.name === 'default')
    throw new SimulatedError('CannotDelete', 'The default security group cannot be deleted');
  const attached = [...state.networkInterfaces.values()].some(
    (item) => item.groupIds.includes(group.id) && (item.releaseAt === undefined || item.releaseAt > now),
  );
  const named = [...state.securityGroups.values()].some(
    (other) =>
      other !== group &&
      [...other.rules.values()].some(({ source }) => source.kind === 'group' && source.groupId === group.id),
  );
  if (attached || named)
    throw new SimulatedError('DependencyViolation', `resource ${group.id} has a dependent object`);
  state.securityGroups.delete(group.id);
  state.tags.delete(group.id);
  return { Return: true, GroupId: group.id };
}

export function describeSecurityGroups(
  input: DescribeSecurityGroupsRequest,
  context: CallContext,
): DescribeSecurityGroupsResult {
  const { state } = context;
  const { GroupIds = [], GroupNames = [] } = input;
  const named =
    GroupIds.length === 0
      ? [...state.securityGroups.values()]
      : GroupIds.map((id) => findSecurityGroup(id, context));
  const chosen = GroupNames.length === 0 ? named : named.filter(({ name }) => GroupNames.includes(name));
  const found = applyFilters(chosen, input.Filters, {
    state,
    values: {
      'vpc-id': ({ vpcId }) => [vpcId],
      'group-id': ({ id }) => [id],
      'group-name': ({ name }) => [name],
      description: ({ description }) => [description],
      'owner-id': () => [state.account],
      'ip-permission.group-id': ({ rules }) =>
        [...rules.values()].filter(({ egress }) => !egress).map(({ source }) => sourceText(source)),
      'ip-permission.cidr': ({ rules }) =>
        [...rules.values()].filter(({ egress }) => !egress).map(({ source }) => sourceText(source)),
    },
  });
  const { items, NextToken } = ec2Page(found, input, context);
  return { SecurityGroups: items.map((group) => render(group, context)), NextToken };
}

function render(group: SecurityGroup, context: CallContext): SdkSecurityGroup {
  const rules = [...group.rules.values()];
  const { state } = context;
  return {
    GroupId: group.id,
    GroupName: group.name,
    Description: group.description,
    OwnerId: state.account,
    VpcId: group.vpcId,
    SecurityGroupArn: arn(state, 'ec2', `security-group/${group.id}`),
    IpPermissions: renderPermissions(
      rules.filter(({ egress }) => !egress),
      state.account,
    ),
    IpPermissionsEgress: renderPermissions(
      rules.filter(({ egress }) => egress),
      state.account,
    ),
    Tags: visibleTags(context, group.id),
  };
}
