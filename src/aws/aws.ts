// The AWS edge: reads what AWS has into domain types, and carries out the operations of plans.
//
//   inventory        what carries our cluster's tag, by group
//   observeGroup     everything of one group · observeTargets  one target group's targets · targetGroup  somebody else's · observeNetwork  shared groups
//   facts            subnets, certificates, quotas and other things that plans look up
//   handlers         one for each kind of operation; the only writes (apply/)
//
// Every call goes through call.ts: rate limits before AWS's own, retries, AwsError. No page that failed ever looks like
// resources that do not exist.

import type { Tags } from '../core/domain/desired-group.ts';
import type { ClientSecret } from '../core/domain/client-secret.ts';
import type { Facts, FactsQuery, Quota, TargetGroupFact, TargetGroupQuery } from '../core/domain/facts.ts';
import type { GroupKey, TargetGroupArn } from '../core/domain/ids.ts';
import type { NetworkQuery, ObservedNetwork } from '../core/domain/network.ts';
import type { ObservedCertificate, ObservedGroup } from '../core/domain/observed-group.ts';
import type { Handlers } from '../core/domain/operation.ts';
import type { AssumedRole, ObservedTarget } from '../core/domain/target.ts';
import type { Clock } from '../lib/clock.ts';
import type { Author } from '../core/domain/author.ts';
import type { Drift } from '../core/domain/drift.ts';
import { authors, type AuthorsQuery } from './authors.ts';
import { createHandlers } from './apply/handlers.ts';
import { hostedZones } from './certificates/hosted-zones.ts';
import { CertificateOwners } from './certificates/tags.ts';
import type { AwsContext, Signalled } from './context.ts';
import { createFacts } from './facts/facts.ts';
import type { LimitsOptions } from './facts/quotas.ts';
import { shieldSubscription } from './facts/shield.ts';
import { targetGroup } from './facts/target-group.ts';
import { Handover } from './handover.ts';
import type { GroupResources, Inventory, ObservationDepth } from '../core/domain/observation.ts';
import { inventory } from './inventory.ts';
import { presentCertificates } from './observe/certificates.ts';
import { observeGroup } from './observe/group.ts';
import { Interfaces } from './observe/interfaces.ts';
import { observeNetwork } from './observe/network.ts';
import { observeTargets } from './observe/targets.ts';
import { OthersGroups } from './others-groups.ts';
import type { Calls } from './ports.ts';
import { RegionCount } from './region-use.ts';
import { TagReader } from './tags.ts';

export type AwsOptions = {
  readonly calls: Calls;
  readonly clock: Clock;
  readonly vpcId: string;
  readonly clusterName: string;
  /** Whether tags name another cluster of the same name; absent: none do. */
  readonly isOthers?: (tags: Tags) => boolean;
  /** A given shared backend security group (`--backend-security-group`). */
  readonly backendSecurityGroup?: string | undefined;
  /** Gate EnableRGTAPI; absent: off. */
  readonly byTaggingApi?: boolean;
  /** Gate EnableCertificateManagement: certificates are made in ACM, and ours are found there. */
  readonly makesCertificates?: boolean;
  /** What an operator says that limits are (`--limits-file`), before what AWS says. */
  readonly limits?: readonly Quota[];
  /** AWS's documented limits are believed because AWS does not tell the real ones; told once. Absent: nobody listens. */
  readonly onLimitsUntold?: LimitsOptions['onUntold'];
  /** The client secret with that hash, for the OIDC actions of plans; absent: none is known, for those who only read. */
  readonly clientSecret?: (hash: string) => ClientSecret | undefined;
};

/** All of them throw `AwsError`, or the signal's reason when that came first. */
export type Aws = {
  readonly inventory: (options: Signalled) => Promise<Inventory>;
  readonly observeGroup: (
    key: GroupKey,
    resources: GroupResources,
    depth: ObservationDepth,
    options: Signalled,
  ) => Promise<ObservedGroup>;
  readonly presentCertificates: (
    known: readonly Pick<ObservedCertificate, 'arn' | 'tags'>[],
    options: Signalled,
  ) => Promise<readonly ObservedCertificate[]>;
  readonly observeTargets: (
    arn: TargetGroupArn,
    options: Signalled & { readonly role?: AssumedRole | undefined },
  ) => Promise<readonly ObservedTarget[]>;
  readonly targetGroup: (query: TargetGroupQuery, options: Signalled) => Promise<TargetGroupFact | undefined>;
  readonly observeNetwork: (
    query: NetworkQuery,
    options: Signalled & { readonly before?: ObservedNetwork | undefined },
  ) => Promise<ObservedNetwork>;
  readonly facts: (query: FactsQuery, options: Signalled) => Promise<Facts>;
  /** Who made changes, by their paths, as far as CloudTrail tells it by now. */
  readonly authors: (
    drift: readonly Drift[],
    window: AuthorsQuery,
    options: Signalled,
  ) => Promise<ReadonlyMap<string, Author>>;
  readonly handlers: Handlers;
  /** Ends shared lookups and closes the sockets; calls that are under way fail. */
  readonly close: () => void;
};

/** Puts the edge together on top of clients made by `createCalls` (clients.ts). */
export function createAws(options: AwsOptions): Aws {
  const { calls, clock, vpcId, clusterName, backendSecurityGroup } = options;
  const closing = new AbortController();
  const { signal } = closing;
  const context: AwsContext = {
    calls,
    clock,
    vpcId,
    clusterName,
    isOthers: options.isOthers ?? (() => false),
    backendSecurityGroup,
    clientSecret: options.clientSecret ?? (() => undefined),
    tags: new TagReader(calls, { signal }),
    byTaggingApi: options.byTaggingApi ?? false,
    certificateOwners:
      options.makesCertificates === true ? new CertificateOwners({ calls, clock }) : undefined,
    hostedZones: hostedZones({ calls, clock }, { signal }),
    handover: new Handover(clock),
    regionCount: new RegionCount(),
    othersGroups: new OthersGroups(),
    shieldSubscription: shieldSubscription({ calls, clock }, { signal }),
  };
  const withInterfaces = { ...context, interfaces: new Interfaces(context) };
  return {
    inventory: (signalled) => inventory(context, signalled),
    observeGroup: (key, resources, depth, signalled) =>
      observeGroup(context, key, { resources, depth }, signalled),
    presentCertificates: (known, signalled) => presentCertificates(context, known, signalled),
    observeTargets: (arn, signalled) => observeTargets(context, arn, signalled),
    targetGroup: (query, signalled) => targetGroup(context, query, signalled),
    authors: (drift, window, signalled) => authors(context, drift, window, signalled),
    observeNetwork: (query, signalled) => observeNetwork(withInterfaces, query, signalled),
    facts: createFacts(context, {
      signal,
      limits: options.limits ?? [],
      onUntold: options.onLimitsUntold ?? (() => undefined),
    }),
    handlers: createHandlers(context),
    close: () => {
      closing.abort(new Error('the controller is stopping'));
      calls.close();
    },
  };
}
