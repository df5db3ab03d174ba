// AWS names by ALBC's formulas (albc-behaviour §5.1), so that what ALBC made is found and nothing is renamed.

import { createHash } from 'node:crypto';
import type { Scheme } from '../domain/config.ts';
import type {
  CertificateIntent,
  GroupIdentity,
  HealthCheck,
  TargetGroupIntent,
} from '../domain/group-model.ts';
import type { GroupKey } from '../domain/ids.ts';

/** The group as ALBC names it in hashes: the group's name, or `namespace/name`; the key has exactly that form. */
type Group = { readonly clusterName: string; readonly key: GroupKey; readonly identity: GroupIdentity };

/** Name of the load balancer where the user gives none; at most 32 characters. */
export function loadBalancerName(group: Group, scheme: Scheme): string {
  return groupName(group, digest(group.clusterName, group.key, scheme));
}

/** Name of the security group in front of the load balancer that we keep. */
export function managedSecurityGroupName(group: Group): string {
  return groupName(group, digest(group.clusterName, group.key));
}

/** Name of the network load balancer in front of a load balancer; `which`: of the one that takes its place, ours alone. */
export function frontendNlbName(loadBalancer: string, which: 'first' | 'second' = 'first'): string {
  return which === 'first' ? `${loadBalancer.slice(0, 28)}-nlb` : `${loadBalancer.slice(0, 27)}-nlb2`;
}

/** Name of the target group behind one port of the network load balancer; `which`: 0, or of those that take its place. */
export function frontendTargetGroupName(
  group: Group,
  { port, healthCheck }: { readonly port: number; readonly healthCheck: HealthCheck },
  which = 0,
): string {
  const parts = [String(port), 'alb', 'TCP', healthCheck.port, healthCheck.protocol];
  const further = which === 0 ? [] : [`further ${which}`];
  return groupName(group, digest(group.clusterName, group.key, ...parts, ...further));
}

/**
 * Name of a target group; at most 32 characters. Everything that AWS cannot change in place is in the hash, so such a
 * change gives another name and both can exist side by side. The Service's UID is in it too: a Service that was deleted
 * and made again gets a new target group.
 */
export function targetGroupName(clusterName: string, key: GroupKey, intent: TargetGroupIntent): string {
  const { member, service } = intent;
  const hash = digest(
    clusterName,
    key,
    member.namespace,
    member.name,
    service.uid,
    intent.backendPort,
    String(intent.port),
    intent.targetType,
    intent.protocol,
    intent.protocolVersion,
    intent.targetControlPort === undefined ? '' : String(intent.targetControlPort),
    intent.second === true ? 'second' : '',
    intent.part === undefined || intent.part.index === 0 ? '' : `part ${intent.part.index + 1}`,
  );
  return `k8s-${plain(service.namespace).slice(0, 8)}-${plain(service.name).slice(0, 8)}-${hash}`;
}

/** Name of the one security group that all load balancers of the cluster carry towards nodes and pods. */
export function backendSecurityGroupName(clusterName: string): string {
  return `k8s-traffic-${plain(clusterName).slice(0, 232)}-${digest(clusterName)}`;
}

/** Name of a certificate, which only its resource tag holds: who issues it, its first domain, and whose it is. */
export function certificateName({
  authorityArn,
  domains,
  member,
}: Pick<CertificateIntent, 'authorityArn' | 'domains' | 'member'>): string {
  const type = authorityArn === undefined ? 'amazon_issued' : 'private';
  const hash = digest(`${member.namespace}/${member.name}`).slice(0, 8);
  return `${type}/${(domains[0] ?? '').replace('*', 'wildcard')}-${hash}`;
}

function groupName({ identity }: Group, hash: string): string {
  if (identity.kind === 'explicit') return `k8s-${plain(identity.name).slice(0, 17)}-${hash}`;
  return `k8s-${plain(identity.namespace).slice(0, 8)}-${plain(identity.name).slice(0, 8)}-${hash}`;
}

/** ALBC hashes the plain concatenation, without separators. */
function digest(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('')).digest('hex').slice(0, 10);
}

function plain(text: string): string {
  return text.replace(/[^A-Za-z0-9]/g, '');
}
