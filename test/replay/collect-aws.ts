// What the simulated account holds, in the shape of a recording's `aws` (test/recordings/README.md, "expected.json").

import type { Action, RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2';
import type {
  AwsState,
  Listener,
  LoadBalancer,
  Rule,
  SecurityGroup,
  SecurityGroupRule,
  TargetGroup,
} from '../../src/simulator/aws/state.ts';
import { type Json, type JsonObject, present } from './json.ts';

/** `written`: attribute keys that the controller wrote, by ARN; AWS's defaults are left out of a recording. */
export type CollectInput = {
  readonly state: AwsState;
  readonly written: ReadonlyMap<string, ReadonlySet<string>>;
  readonly clientSecrets: ReadonlyMap<string, string>;
  /** Security groups that were there before the first step. */
  readonly seeded: ReadonlySet<string>;
};

/** Stands among the written attributes of a listener whose mutual authentication was set, if only to off. */
export const mutualAuthentication = 'mutual authentication';

export function collectAws(input: CollectInput): JsonObject {
  const { state } = input;
  const byName = <T extends { readonly name: string }>(
    items: Iterable<T>,
    toJson: (item: T) => JsonObject | undefined,
  ) =>
    Object.fromEntries(
      [...items]
        .toSorted((a, b) => (a.name < b.name ? -1 : 1))
        .flatMap((item) => {
          const value = toJson(item);
          return value === undefined ? [] : [[item.name, value] as const];
        }),
    );
  return present({
    loadBalancers: byName(state.loadBalancers.values(), (item) => loadBalancer(item, input)),
    targetGroups: byName(state.targetGroups.values(), (item) => targetGroup(item, input)),
    securityGroups: byName(state.securityGroups.values(), (item) => securityGroup(item, input)),
  });
}

function tagsOf(state: AwsState, id: string): JsonObject {
  return Object.fromEntries(state.tags.get(id)?.current ?? []);
}

function writtenAttributes(
  item: { readonly arn: string; readonly attributes: ReadonlyMap<string, string> },
  { written }: CollectInput,
): JsonObject {
  const keys = written.get(item.arn) ?? new Set();
  return Object.fromEntries([...item.attributes].filter(([key]) => keys.has(key)));
}

function loadBalancer(item: LoadBalancer, input: CollectInput): JsonObject {
  const { state } = input;
  const listeners = [...state.listeners.values()].filter((listener) => listener.loadBalancerArn === item.arn);
  return {
    type: item.type,
    scheme: item.scheme,
    ipAddressType: item.ipAddressType,
    subnets: [...item.subnetIds],
    securityGroups: [...item.securityGroupIds],
    ...present({
      coipPool: item.customerOwnedIpv4Pool,
      ipamPools: item.ipv4IpamPoolId === undefined ? undefined : { Ipv4IpamPoolId: item.ipv4IpamPoolId },
      attributes: writtenAttributes(item, input),
      capacityUnits: item.capacityUnits,
      webAcl: state.webAclAssociations.get(item.arn)?.[0],
      wafClassicAcl: state.classicWebAcls.get(item.arn),
      shieldProtection: [...state.shieldProtections.values()].find(
        ({ resourceArn }) => resourceArn === item.arn,
      )?.name,
    }),
    tags: tagsOf(state, item.arn),
    listeners: Object.fromEntries(
      listeners.map((listener) => [`${listener.protocol}:${listener.port}`, listenerJson(listener, input)]),
    ),
  };
}

function listenerJson(item: Listener, input: CollectInput): JsonObject {
  const rules = [...input.state.rules.values()].filter((rule) => rule.listenerArn === item.arn);
  const byDefault = rules.find((rule) => rule.priority === 'default');
  const own = rules
    .filter((rule) => rule.priority !== 'default')
    .toSorted((a, b) => Number(a.priority) - Number(b.priority));
  const certificates =
    item.defaultCertificateArn === undefined
      ? []
      : [...new Set([item.defaultCertificateArn, ...item.extraCertificateArns])];
  const { TrustStoreAssociationStatus: _status, ...mutual } = item.mutualAuthentication ?? { Mode: 'off' };
  const isMutualShown = mutual.Mode !== 'off' || input.written.get(item.arn)?.has(mutualAuthentication);
  return present({
    defaultActions: (byDefault?.actions ?? []).map((action) => actionJson(action, input)),
    sslPolicy: item.protocol === 'HTTPS' ? item.sslPolicy : undefined,
    defaultCertificate: item.defaultCertificateArn,
    certificates,
    mutualAuthentication: isMutualShown ? present({ ...mutual } as Record<string, Json>) : undefined,
    attributes: writtenAttributes(item, input),
    tags: tagsOf(input.state, item.arn),
    rules: own.map((rule) => ruleJson(rule, input)),
  });
}

function ruleJson(rule: Rule, input: CollectInput): JsonObject {
  return {
    priority: Number(rule.priority),
    conditions: rule.conditions.map(conditionJson),
    actions: rule.actions.map((action) => actionJson(action, input)),
    ...present({ tags: tagsOf(input.state, rule.arn), transforms: rule.transforms as unknown as Json }),
  };
}

function conditionJson(condition: RuleCondition): JsonObject {
  const { Field, Values: _old, RegexValues: _oldRegex, ...config } = condition;
  return present({ field: Field, ...(config as Record<string, Json>) });
}

function actionJson(action: Action, { clientSecrets }: CollectInput): JsonObject {
  const { Type, Order: _order, TargetGroupArn: _arn, ForwardConfig, ...config } = action;
  if (Type !== 'forward') {
    const oidc = config.AuthenticateOidcConfig;
    const secret = oidc && clientSecrets.get(oidc.ClientId ?? '');
    const shown =
      secret === undefined
        ? config
        : { ...config, AuthenticateOidcConfig: { ...oidc, ClientSecret: secret } };
    return present({ type: Type, ...(withoutUndefined(shown) as Record<string, Json>) });
  }
  const groups = ForwardConfig?.TargetGroups ?? [];
  const isOne = groups.length === 1;
  const stickiness = ForwardConfig?.TargetGroupStickinessConfig;
  return present({
    type: 'forward',
    targetGroups: groups.map((group) =>
      present({ arn: group.TargetGroupArn ?? '', weight: isOne ? undefined : group.Weight }),
    ),
    stickiness: stickiness?.Enabled ? stickiness.DurationSeconds : undefined,
  });
}

function withoutUndefined(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

function targetGroup(item: TargetGroup, input: CollectInput): JsonObject | undefined {
  const targets = [...item.targets.values()]
    .filter((target) => target.deregisteredAt === undefined)
    .map((target) => `${target.id}:${target.port ?? item.port ?? ''}`);
  const tags = tagsOf(input.state, item.arn);
  if (item.name.startsWith('ext-tg-'))
    return targets.length + Object.keys(tags).length === 0 ? undefined : present({ targets, tags });
  const check = item.healthCheck;
  return present({
    targetType: item.targetType,
    protocol: item.protocol,
    protocolVersion: item.protocolVersion,
    port: item.port,
    ipAddressType: item.ipAddressType,
    targetControlPort: item.targetControlPort,
    healthCheck: {
      HealthCheckProtocol: check.protocol,
      HealthCheckPort: check.port,
      HealthCheckPath: check.path ?? '',
      HealthCheckIntervalSeconds: check.intervalSeconds,
      HealthCheckTimeoutSeconds: check.timeoutSeconds,
      HealthyThresholdCount: check.healthyThreshold,
      UnhealthyThresholdCount: check.unhealthyThreshold,
      Matcher: (check.matcher ?? {}) as unknown as JsonObject,
    },
    attributes: writtenAttributes(item, input),
    tags,
    targets,
  });
}

/** Groups of the seed appear only with rules; AWS's default egress is left out. */
function securityGroup(item: SecurityGroup, { state, seeded }: CollectInput): JsonObject | undefined {
  if (item.name === 'default') return undefined;
  const ingress = [...item.rules.values()].filter((rule) => !rule.egress).map(ruleLine);
  if (seeded.has(item.id)) return ingress.length === 0 ? undefined : { ingress };
  return present({ description: item.description, ingress, tags: tagsOf(state, item.id) });
}

function ruleLine({ protocol, fromPort, toPort, source, description }: SecurityGroupRule): string {
  const from =
    source.kind === 'group'
      ? source.groupId
      : source.kind === 'prefix-list'
        ? source.prefixListId
        : source.cidr;
  return `${protocol} ${fromPort}-${toPort} from ${from}${description === undefined || description === '' ? '' : ` # ${description}`}`;
}
