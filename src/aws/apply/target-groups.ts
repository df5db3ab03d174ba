import {
  CreateTargetGroupCommand,
  DeleteTargetGroupCommand,
  DescribeTargetGroupsCommand,
  ModifyTargetGroupAttributesCommand,
  ModifyTargetGroupCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { HealthCheck } from '../../core/domain/group-model.ts';
import type { Attributes, Handlers, OperationOf } from '../../core/domain/operation.ts';
import { chunks } from '../batches.ts';
import type { AwsContext, Signalled } from '../context.ts';
import { type AwsError, isKind, refused } from '../errors.ts';
import { wireTags } from '../wire/tags.ts';
import { required } from '../wire/required.ts';
import { attributeBatch } from './load-balancers.ts';
import { assertOurs, vanished } from './ownership.ts';
import { isNew, onceVisible, retried } from './retry.ts';

/** AWS goes on calling a target group in use for a while after its last rule went (ALBC #3037, which polls 20 s). */
const untilUnused = [1, 2, 4, 6, 8, 9].map((seconds) => seconds * 1000);

type Kinds = 'createTargetGroup' | 'modifyTargetGroup' | 'modifyTargetGroupAttributes' | 'deleteTargetGroup';

export function targetGroupHandlers(context: AwsContext): Pick<Handlers, Kinds> {
  const { calls, clock } = context;
  return {
    createTargetGroup: ({ spec }, _look, { signal }) => create(context, spec, { signal }),

    modifyTargetGroup: async ({ targetGroup, healthCheck, protocolVersion }, _look, { signal }) => {
      const command = new ModifyTargetGroupCommand({
        TargetGroupArn: targetGroup,
        ...wireHealthCheck(healthCheck, protocolVersion),
      });
      await calls.elbv2(command, { signal });
      return {};
    },

    modifyTargetGroupAttributes: async ({ targetGroup, attributes }, look, { signal }) => {
      for (const Attributes of chunks(wireTags(attributes), attributeBatch)) {
        const command = new ModifyTargetGroupAttributesCommand({
          TargetGroupArn: look(targetGroup),
          Attributes: [...Attributes],
        });
        await onceVisible({ clock, signal, isNew: isNew(targetGroup) }, () =>
          calls.elbv2(command, { signal }),
        );
      }
      return {};
    },

    deleteTargetGroup: async ({ targetGroup }, _look, { signal }) => {
      const command = new DeleteTargetGroupCommand({ TargetGroupArn: targetGroup });
      const isPassing = (error: unknown): boolean => isKind(error, 'inUse');
      try {
        await retried(() => calls.elbv2(command, { signal }), {
          clock,
          signal,
          delaysMs: untilUnused,
          isPassing,
        });
      } catch (error) {
        if (!isKind(error, 'notFound')) throw error;
      }
      return {};
    },
  };
}

/** With equal settings AWS answers with the target group that exists; with others it refuses the name. */
async function create(
  context: AwsContext,
  spec: OperationOf<'createTargetGroup'>['spec'],
  { signal }: Signalled,
): Promise<Attributes> {
  const command = new CreateTargetGroupCommand({
    Name: spec.name,
    VpcId: context.vpcId,
    TargetType: spec.targetType,
    Port: spec.port,
    Protocol: spec.protocol,
    ProtocolVersion: spec.protocolVersion,
    IpAddressType: spec.ipAddressType,
    TargetControlPort: spec.targetControlPort,
    ...wireHealthCheck(spec.healthCheck, spec.protocolVersion),
    Tags: wireTags(spec.tags),
  });
  const owned = async (arn: string, error: AwsError): Promise<Attributes> => {
    const what = `target group ${spec.name}`;
    const found = (await context.tags.read([arn], { signal })).get(arn);
    if (found === undefined) throw vanished(error, what);
    assertOurs(error, { what, found, wanted: spec.tags });
    return { arn };
  };
  try {
    const { TargetGroups = [] } = await context.calls.elbv2(command, { signal });
    const arn = required(TargetGroups[0]?.TargetGroupArn, 'TargetGroupArn');
    // Nobody's rule can lead to a new one.
    const isInUse = (TargetGroups[0]?.LoadBalancerArns ?? []).length > 0;
    return isInUse ? await owned(arn, nameTaken(spec.name)) : { arn };
  } catch (error) {
    if (!isKind(error, 'alreadyExists')) throw error;
    const byName = new DescribeTargetGroupsCommand({ Names: [spec.name] });
    const { TargetGroups = [] } = await context.calls.elbv2(byName, { signal });
    return owned(required(TargetGroups[0]?.TargetGroupArn, 'TargetGroupArn'), error);
  }
}

const nameTaken = (name: string): AwsError =>
  refused('conflict', {
    code: 'DuplicateTargetGroupName',
    action: 'elasticloadbalancing:CreateTargetGroup',
    message: `target group ${name} exists already`,
  });

/** Every value is sent: AWS's documents disagree about their defaults (elbv2-facts §1.7). */
function wireHealthCheck(check: HealthCheck, protocolVersion: string | undefined) {
  return {
    HealthCheckProtocol: check.protocol,
    HealthCheckPort: check.port,
    HealthCheckPath: check.path,
    HealthCheckIntervalSeconds: check.intervalSeconds,
    HealthCheckTimeoutSeconds: check.timeoutSeconds,
    HealthyThresholdCount: check.healthyThreshold,
    UnhealthyThresholdCount: check.unhealthyThreshold,
    Matcher: protocolVersion === 'GRPC' ? { GrpcCode: check.successCodes } : { HttpCode: check.successCodes },
  };
}
