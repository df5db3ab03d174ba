// Who changed something, as CloudTrail tells it. Events come up to a quarter of an hour late, and two look-ups a second
// are all that an account has (CloudTrail quotas), so this is asked seldom and for many changes at once.

import type { Event } from '@aws-sdk/client-cloudtrail';
import type { Author } from '../core/domain/author.ts';
import type { Drift, DriftField } from '../core/domain/drift.ts';
import type { AwsContext, Signalled } from './context.ts';

/** Our own clients say so in their user agent. */
export const ownAgent = 'albatross';

/** 50 events each: more changes of one service within one window are not looked through. */
const mostPages = 4;

export type AuthorsQuery = { readonly from: number; readonly to: number };

/** The last call of somebody else that made each change, by its path; nothing for those of which CloudTrail knows none. */
export async function authors(
  { calls }: Pick<AwsContext, 'calls'>,
  drift: readonly Drift[],
  window: AuthorsQuery,
  { signal }: Signalled,
): Promise<ReadonlyMap<string, Author>> {
  const sources = [...new Set(drift.map(({ field }) => sourceOf(field)))];
  const { LookupEventsCommand } = await import('@aws-sdk/client-cloudtrail');
  const events: Called[] = [];
  for (const source of sources) {
    let NextToken: string | undefined;
    for (let page = 0; page < mostPages; page += 1) {
      const command = new LookupEventsCommand({
        LookupAttributes: [{ AttributeKey: 'EventSource', AttributeValue: `${source}.amazonaws.com` }],
        StartTime: new Date(window.from),
        EndTime: new Date(window.to),
        MaxResults: 50,
        ...(NextToken === undefined ? {} : { NextToken }),
      });
      const answer = await calls.cloudTrail(command, { signal });
      events.push(...(answer.Events ?? []).flatMap(called));
      NextToken = answer.NextToken;
      if (NextToken === undefined) break;
    }
  }
  const latestFirst = events.toSorted((a, b) => (a.at < b.at ? 1 : -1));
  return new Map(
    drift.flatMap((one): [string, Author][] => {
      const found = latestFirst.find((event) => isOf(event, one));
      if (found === undefined) return [];
      const { principal, event, at, sourceAddress } = found;
      return [[one.path, { principal, event, at, sourceAddress }]];
    }),
  );
}

type Called = Author & {
  /** What was asked for, as text: names and ARNs are somewhere in it. */
  readonly parameters: string;
};

/** What CloudTrail records of a call, as far as we read it (CloudTrail record contents). */
type Recorded = {
  readonly userIdentity?: { readonly arn?: string; readonly invokedBy?: string };
  readonly userAgent?: string;
  readonly sourceIPAddress?: string;
  readonly errorCode?: string;
  readonly requestParameters?: unknown;
};

/** One that changed something, and was not ours. */
function called({
  CloudTrailEvent = '{}',
  EventName = '',
  EventTime,
  ReadOnly,
  Username,
}: Event): readonly Called[] {
  const record = JSON.parse(CloudTrailEvent) as Recorded;
  const isOurs = record.userAgent?.includes(ownAgent) === true;
  if (ReadOnly === 'true' || record.errorCode !== undefined || isOurs) return [];
  return [
    {
      principal: principalOf(record, Username),
      event: EventName,
      at: EventTime?.toISOString() ?? '',
      sourceAddress: record.sourceIPAddress ?? '',
      parameters: JSON.stringify(record.requestParameters ?? {}),
    },
  ];
}

function principalOf({ userIdentity: { arn, invokedBy } = {} }: Recorded, name = 'unknown'): string {
  return arn ?? invokedBy ?? name;
}

/** The calls by which a field is changed. */
const callsOf: Readonly<Record<DriftField, RegExp>> = {
  'loadBalancer.subnets': /^SetSubnets$/,
  'loadBalancer.ipAddressType': /^Set(IpAddressType|Subnets)$/,
  'loadBalancer.ipamPool': /^ModifyIpPools$/,
  'loadBalancer.securityGroups': /^SetSecurityGroups$/,
  'loadBalancer.attributes': /^ModifyLoadBalancerAttributes$/,
  'loadBalancer.capacity': /^ModifyCapacityReservation$/,
  'loadBalancer.webAcl': /^(A|Disa)ssociateWebACL$/,
  'loadBalancer.shieldProtection': /^(Create|Delete)Protection$/,
  'loadBalancer.tags': /^(AddTags|RemoveTags)$/,
  'loadBalancer.exists': /^DeleteLoadBalancer$/,
  'listener.exists': /^DeleteListener$/,
  'listener.protocol': /^ModifyListener$/,
  'listener.sslPolicy': /^ModifyListener$/,
  'listener.certificates': /^(ModifyListener|AddListenerCertificates|RemoveListenerCertificates)$/,
  'listener.defaultActions': /^ModifyListener$/,
  'listener.mutualAuthentication': /^ModifyListener$/,
  'listener.attributes': /^ModifyListenerAttributes$/,
  'listener.tags': /^(AddTags|RemoveTags)$/,
  'rule.exists': /^(CreateRule|DeleteRule|ModifyRule)$/,
  'rule.actions': /^ModifyRule$/,
  'rule.priorities': /^SetRulePriorities$/,
  'rule.tags': /^(AddTags|RemoveTags)$/,
  'targetGroup.exists': /^DeleteTargetGroup$/,
  'targetGroup.healthCheck': /^ModifyTargetGroup$/,
  'targetGroup.attributes': /^ModifyTargetGroupAttributes$/,
  'targetGroup.tags': /^(AddTags|RemoveTags)$/,
  'targetGroup.targets': /^(Register|Deregister)Targets$/,
  'securityGroup.exists': /^DeleteSecurityGroup$/,
  'securityGroup.ingress': /^(RevokeSecurityGroupIngress|ModifySecurityGroupRules)$/,
  'securityGroup.tags': /^(CreateTags|DeleteTags)$/,
  'targetSecurityGroup.ingress': /^(RevokeSecurityGroupIngress|ModifySecurityGroupRules)$/,
};

function sourceOf(field: DriftField): string {
  if (/^(targetS|s)ecurityGroup\./.test(field)) return 'ec2';
  if (field === 'loadBalancer.webAcl') return 'wafv2';
  return field === 'loadBalancer.shieldProtection' ? 'shield' : 'elasticloadbalancing';
}

/** A thing that is gone is known by name only, which the ARNs of all that hangs on a load balancer have. */
function isOf({ event, parameters }: Called, { field, resource, subject, what, found }: Drift): boolean {
  if (!callsOf[field].test(event)) return false;
  if (field === 'targetGroup.targets') {
    const [, id = ''] = /^target (.*):\d+$/.exec(what) ?? [];
    const isCall = event === (found === '' ? 'DeregisterTargets' : 'RegisterTargets');
    return isCall && parameters.includes(resource) && parameters.includes(`"${id}"`);
  }
  // A rule by its listener: its order is set by the ARNs of rules, and the ARN of one that is gone is not known.
  const of = field.startsWith('rule.') && (resource === '' || field === 'rule.priorities') ? '' : resource;
  return parameters.includes(of === '' ? `/${subject.split('/')[1]}/` : of);
}
