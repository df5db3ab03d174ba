// Target groups of other accounts: clients that work as a role there (`iamRoleArnToAssume` of a TargetGroupBinding).

import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import type { AssumedRole } from '../core/domain/target.ts';
import type { Elbv2Call, StsCall } from './ports.ts';
import { refused } from './errors.ts';

/** Credentials as the SDK's clients take them: asked for again some minutes before they end. */
export type Credentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration?: Date;
};

/** One client for each role, made when it is needed first; its credentials are kept until they end. */
export function assumedRoles(options: {
  readonly sts: StsCall;
  readonly client: (credentials: () => Promise<Credentials>) => Elbv2Call;
}): (role: AssumedRole) => Elbv2Call {
  const clients = new Map<string, Elbv2Call>();
  return (role) => {
    const key = JSON.stringify([role.arn, role.externalId]);
    const known = clients.get(key) ?? options.client(() => assume(options.sts, role));
    clients.set(key, known);
    return known;
  };
}

async function assume(sts: StsCall, { arn, externalId }: AssumedRole): Promise<Credentials> {
  const command = new AssumeRoleCommand({
    RoleArn: arn,
    RoleSessionName: 'albatross',
    ...(externalId === undefined ? {} : { ExternalId: externalId }),
  });
  // The SDK asks in the middle of a call, whose own signal ends its wait.
  const { Credentials: found } = await sts(command, { signal: AbortSignal.timeout(assumeMs) });
  if (found?.AccessKeyId === undefined || found.SecretAccessKey === undefined) {
    const message = `AWS gave no credentials for role ${arn}`;
    throw refused('credentials', { code: 'NoCredentials', action: 'sts:AssumeRole', message });
  }
  return {
    accessKeyId: found.AccessKeyId,
    secretAccessKey: found.SecretAccessKey,
    sessionToken: found.SessionToken ?? '',
    ...(found.Expiration === undefined ? {} : { expiration: found.Expiration }),
  };
}

const assumeMs = 30_000;
