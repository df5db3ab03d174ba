import { type CoreConfig, policies } from '../src/core/domain/config.ts';
import type { Facts } from '../src/core/domain/facts.ts';
import { groupKey, type SubnetId } from '../src/core/domain/ids.ts';
import { emptyObservedGroup } from '../src/core/domain/observed-group.ts';
import { snapshotOf } from '../src/core/domain/snapshot.ts';
import { planGroup } from '../src/core/pipeline.ts';
import { decodeObject } from '../src/kube/decode/decode-object.ts';
import { loadConfig } from '../src/config/load.ts';
import { ingress, ingressClass, service } from './manifests.ts';

const rules = 100;
const runs = 200;

const facts: Facts = {
  vpc: undefined,
  subnets: ['a', 'b'].map((zone) => ({
    id: `subnet-${zone}` as SubnetId,
    availabilityZone: `us-west-2${zone}`,
    locale: 'availability-zone',
    cidr: '10.0.0.0/19',
    ipv6Cidrs: [],
    availableIpCount: 1000,
    tags: { 'kubernetes.io/role/internal-elb': '1' },
    routesToInternet: undefined,
  })),
  securityGroups: [],
  certificates: [],
  quotas: [],
  targetGroupsByName: new Map(),
  trustStoresByName: new Map(),
  webAclsByName: new Map(),
  shieldActive: false,
};

/**
 * Median time of the pure stages for one group of 100 rules over 20 Services, after warming up. Of the processor: the machine
 * may have other things to do.
 */
export function planningTime(): { readonly rules: number; readonly runs: number; readonly medianMs: number } {
  const config = coreConfig();
  const services = Array.from({ length: 20 }, (_none, i) => `svc-${i}`);
  const hosts = Array.from({ length: 10 }, (_none, i) => ({
    host: `h${i}.example.com`,
    paths: Object.fromEntries(
      Array.from({ length: rules / 10 }, (_path, j) => [`/p${j}`, `svc-${(i + j) % 20}`]),
    ),
  }));
  const objects = [ingressClass, ...services.map(service), ingress({ name: 'big', rules: hosts })].flatMap(
    (raw) => decodeObject(raw) ?? [],
  );
  const key = groupKey('bench/big');
  const input = {
    snapshot: snapshotOf(objects),
    key,
    config,
    observed: emptyObservedGroup(key),
    facts,
    previous: undefined,
    refused: new Map(),
    knownIds: new Map(),
  };
  const times = Array.from({ length: runs + 10 }, () => {
    const begun = process.threadCpuUsage();
    planGroup(input);
    const { user, system } = process.threadCpuUsage(begun);
    return (user + system) / 1000;
  });
  const sorted = times.slice(10).toSorted((a, b) => a - b);
  return { rules, runs, medianMs: sorted[Math.floor(sorted.length / 2)] ?? 0 };
}

function coreConfig(): CoreConfig {
  const loaded = loadConfig({
    flags: new Map([
      ['cluster-name', 'bench'],
      ['aws-region', 'us-west-2'],
      ['aws-vpc-id', 'vpc-1'],
    ]),
    env: {},
  });
  if (loaded.kind === 'mistakes') throw new Error(JSON.stringify(loaded.mistakes));
  return { ...loaded.config.core, policy: policies.none };
}
