import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  CreateTagsCommand,
  DeleteSecurityGroupCommand,
  DeleteTagsCommand,
  DescribeSecurityGroupsCommand,
  type IpPermission,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import type { SecurityGroupRule } from '../../core/domain/desired-group.ts';
import type { SecurityGroupId } from '../../core/domain/ids.ts';
import type { Attributes, Handlers, Look, OperationOf } from '../../core/domain/operation.ts';
import type { AwsContext, Signalled } from '../context.ts';
import { AwsError, isKind } from '../errors.ts';
import {
  permissionOfRuleId,
  type ResolvedRule,
  ruleIdOf,
  wirePermission,
} from '../wire/security-group-rules.ts';
import { observedTags, wireTags } from '../wire/tags.ts';
import { required } from '../wire/required.ts';
import { assertOurs, vanished } from './ownership.ts';
import { isNew, onceVisible, retried } from './retry.ts';
import { usersOf } from './security-group-users.ts';

/** The interfaces of a deleted load balancer hold its groups for a minute or more (ALBC #208, #838): two minutes in all. */
const untilReleased = [2, 4, 8, 10, 12, 14, 15, 15, 20, 20].map((seconds) => seconds * 1000);

type Kinds =
  | 'createSecurityGroup'
  | 'authorizeIngress'
  | 'revokeIngress'
  | 'deleteSecurityGroup'
  | 'setSecurityGroupTags';

export function securityGroupHandlers(context: AwsContext): Pick<Handlers, Kinds> {
  const { calls, clock } = context;
  return {
    createSecurityGroup: (operation, _look, { signal }) => create(context, operation, { signal }),

    authorizeIngress: async ({ securityGroup, rules }, look, { signal }) => {
      const resolved = rules.map((rule) => resolvedRule(rule, look));
      const authorize = (permissions: readonly IpPermission[]) => {
        const command = new AuthorizeSecurityGroupIngressCommand({
          GroupId: look(securityGroup),
          IpPermissions: [...permissions],
        });
        return onceVisible({ clock, signal, isNew: isNew(securityGroup) }, () =>
          calls.ec2(command, { signal }),
        );
      };
      await allOrEach(resolved.map(wirePermission), { send: authorize, isHarmless: 'alreadyExists' });
      return { ruleIds: resolved.map(ruleIdOf) };
    },

    revokeIngress: async ({ securityGroup, ruleIds }, _look, { signal }) => {
      const revoke = (permissions: readonly IpPermission[]) => {
        const command = new RevokeSecurityGroupIngressCommand({
          GroupId: securityGroup,
          IpPermissions: [...permissions],
        });
        return calls.ec2(command, { signal });
      };
      await allOrEach(ruleIds.map(permissionOfRuleId), { send: revoke, isHarmless: 'notFound' });
      return {};
    },

    deleteSecurityGroup: async ({ securityGroup }, _look, { signal }) => {
      const command = new DeleteSecurityGroupCommand({ GroupId: securityGroup });
      const isPassing = (error: unknown): boolean => isKind(error, 'inUse');
      try {
        await retried(() => calls.ec2(command, { signal }), {
          clock,
          signal,
          delaysMs: untilReleased,
          isPassing,
        });
      } catch (error) {
        if (isKind(error, 'notFound')) return {};
        throw isKind(error, 'inUse') ? await blocked(context, { error, securityGroup }, { signal }) : error;
      }
      return {};
    },

    setSecurityGroupTags: async ({ securityGroup, add, remove }, _look, { signal }) => {
      if (Object.keys(add).length > 0) {
        await calls.ec2(new CreateTagsCommand({ Resources: [securityGroup], Tags: wireTags(add) }), {
          signal,
        });
      }
      if (remove.length > 0) {
        const Tags = remove.map((Key) => ({ Key }));
        await calls.ec2(new DeleteTagsCommand({ Resources: [securityGroup], Tags }), { signal });
      }
      return {};
    },
  };
}

async function create(
  { calls, vpcId }: AwsContext,
  { name, description, tags }: OperationOf<'createSecurityGroup'>,
  { signal }: Signalled,
): Promise<Attributes> {
  const command = new CreateSecurityGroupCommand({
    GroupName: name,
    Description: description,
    VpcId: vpcId,
    TagSpecifications: [{ ResourceType: 'security-group', Tags: wireTags(tags) }],
  });
  try {
    const { GroupId } = await calls.ec2(command, { signal });
    return { id: required(GroupId, 'GroupId') };
  } catch (error) {
    if (!isKind(error, 'alreadyExists')) throw error;
    const what = `security group ${name}`;
    const Filters = [
      { Name: 'vpc-id', Values: [vpcId] },
      { Name: 'group-name', Values: [name] },
    ];
    const { SecurityGroups = [] } = await calls.ec2(new DescribeSecurityGroupsCommand({ Filters }), {
      signal,
    });
    const [found] = SecurityGroups;
    if (found === undefined) throw vanished(error, what);
    assertOurs(error, { what, found: observedTags(found.Tags), wanted: tags });
    return { id: required(found.GroupId, 'GroupId') };
  }
}

function resolvedRule(rule: SecurityGroupRule, look: Look): ResolvedRule {
  const { source } = rule;
  return {
    ...rule,
    source: source.kind === 'securityGroup' ? { kind: source.kind, id: look(source.id) } : source,
  };
}

/** EC2 refuses all permissions of a call for one that is there already (or gone already); then they go one by one. */
async function allOrEach(
  permissions: readonly IpPermission[],
  options: {
    readonly send: (permissions: readonly IpPermission[]) => Promise<unknown>;
    readonly isHarmless: 'alreadyExists' | 'notFound';
  },
): Promise<void> {
  try {
    await options.send(permissions);
  } catch (error) {
    if (!isKind(error, options.isHarmless)) throw error;
    if (permissions.length === 1) return;
    for (const permission of permissions) await allOrEach([permission], options);
  }
}

/** Says who still uses the security group. */
async function blocked(
  context: AwsContext,
  { error, securityGroup }: { readonly error: AwsError; readonly securityGroup: SecurityGroupId },
  { signal }: Signalled,
): Promise<AwsError> {
  const users = await usersOf(context, securityGroup, { signal });
  const by = users.length === 0 ? '' : `; ${securityGroup} is still referenced by ${users.join(', ')}`;
  const { kind, code, action, requestId, status, isModelled, retryAfterMs } = error;
  return new AwsError(
    { kind, code, action, requestId, status, isModelled, retryAfterMs, message: `${error.message}${by}` },
    { cause: error },
  );
}
