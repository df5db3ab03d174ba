import type { Tags } from '../core/domain/desired-group.ts';
import type { ClientSecret } from '../core/domain/client-secret.ts';
import type { Clock } from '../lib/clock.ts';
import type { Handover } from './handover.ts';
import type { ShieldSubscription } from './facts/shield.ts';
import type { HostedZones } from './certificates/hosted-zones.ts';
import type { CertificateOwners } from './certificates/tags.ts';
import type { AssumedRole } from '../core/domain/target.ts';
import type { Calls, Elbv2Call } from './ports.ts';
import type { OthersGroups } from './others-groups.ts';
import type { RegionCount } from './region-use.ts';
import type { TagReader } from './tags.ts';

/** What observing and applying share. */
export type AwsContext = {
  readonly calls: Calls;
  readonly clock: Clock;
  readonly vpcId: string;
  readonly clusterName: string;
  /** Whether tags name another cluster of the same name. */
  readonly isOthers: (tags: Tags) => boolean;
  /** A given shared backend security group (`--backend-security-group`). */
  readonly backendSecurityGroup: string | undefined;
  /** The client secret with that hash as it is now; undefined: no Secret has it (any more). */
  readonly clientSecret: (hash: string) => ClientSecret | undefined;
  readonly tags: TagReader;
  /** Gate EnableRGTAPI: our resources are found by the tagging API. */
  readonly byTaggingApi: boolean;
  /** Undefined: no certificates are made (gate EnableCertificateManagement). */
  readonly certificateOwners: CertificateOwners | undefined;
  readonly hostedZones: HostedZones;
  readonly handover: Handover;
  readonly regionCount: RegionCount;
  readonly othersGroups: OthersGroups;
  readonly shieldSubscription: ShieldSubscription;
};

/** Calls of our own account, or of the one that the role is in. */
export const callsAs = (calls: Calls, role: AssumedRole | undefined): Elbv2Call =>
  role === undefined ? calls.elbv2 : calls.assuming(role);

export type Signalled = { readonly signal: AbortSignal };
