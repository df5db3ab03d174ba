import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { TraceEntry } from '../../src/simulator/aws/trace.ts';
import { mutualAuthentication } from './collect-aws.ts';
import type { Json, JsonObject } from './json.ts';

/** Attribute keys that the controller wrote, by ARN. */
export function writtenAttributes(writes: readonly TraceEntry[]): ReadonlyMap<string, ReadonlySet<string>> {
  const written = new Map<string, Set<string>>();
  for (const { operation, params } of writes) {
    const arn = String(params['LoadBalancerArn'] ?? params['TargetGroupArn'] ?? params['ListenerArn']);
    const keys = written.get(arn) ?? new Set();
    if (operation === 'ModifyListener' && params['MutualAuthentication'] !== undefined)
      written.set(arn, keys.add(mutualAuthentication));
    if (!/^Modify.*Attributes$/.test(operation)) continue;
    written.set(arn, keys);
    for (const { Key } of (params['Attributes'] ?? []) as { Key: string }[]) keys.add(Key);
  }
  return written;
}

/** The client secret that was sent last, by client id: AWS never shows one. */
export function sentSecrets(writes: readonly TraceEntry[]): ReadonlyMap<string, string> {
  const actions = writes.flatMap(
    ({ params }) => (params['Actions'] ?? params['DefaultActions'] ?? []) as readonly Action[],
  );
  return new Map(
    actions.flatMap(({ AuthenticateOidcConfig: oidc }) =>
      oidc?.ClientSecret === undefined ? [] : [[oidc.ClientId ?? '', oidc.ClientSecret] as const],
    ),
  );
}

/** The requests of the operations that a case records, in order; what only makes a repeated request the same one says nothing. */
export function recordedRequests(
  writes: readonly TraceEntry[],
  operations: readonly string[],
): readonly JsonObject[] {
  return writes
    .filter(({ operation }) => operations.includes(operation))
    .map(({ operation, params: { IdempotencyToken: _token, ...params } }) => ({
      operation,
      params: JSON.parse(JSON.stringify(params)) as Json,
    }));
}

/** Lists as the query protocol spells them (`Attributes.member.1.Key`), which some recorded requests kept, as lists. */
export function withLists(params: JsonObject): JsonObject {
  const plain = Object.entries(params).filter(([key]) => !key.includes('.member.'));
  const spelled = Object.entries(params).filter(([key]) => key.includes('.member.'));
  const byList = Map.groupBy(spelled, ([key]) => key.split('.member.')[0] as string);
  const lists = [...byList].map(([list, entries]) => {
    const rest = entries.map(([key, value]) => [key.slice(`${list}.member.`.length), value] as const);
    const byNumber = [...Map.groupBy(rest, ([key]) => Number.parseInt(key, 10))].toSorted(
      ([a], [b]) => a - b,
    );
    return [list, byNumber.map(([number, fields]) => itemOf(number, fields))] as const;
  });
  return Object.fromEntries([...plain, ...lists]);
}

function itemOf(number: number, fields: readonly (readonly [string, Json])[]): Json {
  const [first] = fields;
  if (first !== undefined && first[0] === String(number)) return first[1];
  return withLists(Object.fromEntries(fields.map(([key, value]) => [key.slice(`${number}.`.length), value])));
}
