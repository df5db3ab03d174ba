import { type Event, LookupEvents$, type LookupEventsRequest } from '@aws-sdk/client-cloudtrail';
import { type CallContext, operation, type Service } from '../operation.ts';
import { page } from '../paging.ts';
import type { TrailEvent } from '../trail.ts';

/** CloudTrail, as far as somebody asks it who changed what: changes alone, at once rather than minutes late. */
export const cloudtrail: Service = {
  name: 'cloudtrail',
  signingName: 'cloudtrail',
  protocol: 'json',
  target: 'CloudTrail_20131101',
  operations: { LookupEvents: operation(LookupEvents$, lookupEvents) },
};

const sources: Readonly<Record<string, string>> = { elbv2: 'elasticloadbalancing' };

function lookupEvents(
  { LookupAttributes = [], StartTime, EndTime, MaxResults = 50, NextToken }: LookupEventsRequest,
  { state, trail }: CallContext,
): object {
  const [attribute] = LookupAttributes;
  const found = (trail?.events() ?? [])
    .filter(({ time }) => time >= (StartTime?.getTime() ?? 0) && time <= (EndTime?.getTime() ?? Infinity))
    .map((event) => eventOf(event, state))
    .filter((event) => {
      if (attribute?.AttributeKey === 'EventSource') return event.EventSource === attribute.AttributeValue;
      return attribute?.AttributeKey === 'EventName' ? event.EventName === attribute.AttributeValue : true;
    })
    .toReversed();
  const { items, nextMarker } = page(found, {
    marker: NextToken,
    size: MaxResults,
    defaultSize: 50,
    max: 50,
  });
  return { Events: items, ...(nextMarker === undefined ? {} : { NextToken: nextMarker }) };
}

function eventOf(
  { id, time, service, operation: name, params, caller }: TrailEvent,
  { account, partition, region }: CallContext['state'],
): Event {
  const EventSource = `${sources[service] ?? service}.amazonaws.com`;
  const arn = `arn:${partition}:iam::${account}:user/${caller.user}`;
  const record = {
    eventVersion: '1.09',
    userIdentity: { type: 'IAMUser', arn, accountId: account, userName: caller.user },
    eventTime: new Date(time).toISOString(),
    eventSource: EventSource,
    eventName: name,
    awsRegion: region,
    sourceIPAddress: '127.0.0.1',
    userAgent: caller.userAgent,
    requestParameters: params,
    eventID: id,
    readOnly: false,
  };
  return {
    EventId: id,
    EventName: name,
    EventSource,
    EventTime: new Date(time),
    ReadOnly: 'false',
    Username: caller.user,
    CloudTrailEvent: JSON.stringify(record),
  };
}
