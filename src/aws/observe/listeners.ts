import {
  DescribeListenerAttributesCommand,
  DescribeListenerCertificatesCommand,
  DescribeListenersCommand,
  type Listener,
  type MutualAuthenticationAttributes,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { DesiredMutualAuthentication, Tags } from '../../core/domain/desired-group.ts';
import type { ListenerArn, LoadBalancerArn } from '../../core/domain/ids.ts';
import type { ObservedListener } from '../../core/domain/observed-group.ts';
import { allPages } from '../batches.ts';
import type { AwsContext, Signalled } from '../context.ts';
import { isKind } from '../errors.ts';
import { pageSize } from '../inventory.ts';
import { observedActions } from '../wire/actions.ts';
import { required } from '../wire/required.ts';
import { observedTags } from '../wire/tags.ts';

export type UntaggedListener = Omit<ObservedListener, 'tags' | 'rules' | 'attributes' | 'certificates'>;

/** The listeners of a load balancer; none when it is gone. */
export async function listenersOf(
  { calls }: AwsContext,
  loadBalancer: LoadBalancerArn,
  { signal }: Signalled,
): Promise<readonly UntaggedListener[]> {
  try {
    const listeners = await allPages(async (Marker) => {
      const command = new DescribeListenersCommand({
        LoadBalancerArn: loadBalancer,
        Marker,
        PageSize: pageSize,
      });
      const { Listeners: items, NextMarker: next } = await calls.elbv2(command, { signal });
      return { items, next };
    });
    return listeners.map(observedListener);
  } catch (error) {
    if (isKind(error, 'notFound')) return [];
    throw error;
  }
}

function observedListener(listener: Listener): UntaggedListener {
  return {
    arn: required(listener.ListenerArn, 'ListenerArn') as ListenerArn,
    port: required(listener.Port, 'Port'),
    protocol: required(listener.Protocol, 'Protocol'),
    defaultActions: observedActions(listener.DefaultActions),
    // Some emulators name a policy at HTTP listeners too, where it means nothing.
    sslPolicy: listener.Protocol === 'HTTPS' ? listener.SslPolicy : undefined,
    defaultCertificate: listener.Certificates?.[0]?.CertificateArn,
    mutualAuthentication: observedMutualAuthentication(listener.MutualAuthentication),
  };
}

/** AWS adds the state of the trust store, and to mode `off` the fields of the mode before; neither says anything. */
function observedMutualAuthentication(
  found: MutualAuthenticationAttributes | undefined,
): DesiredMutualAuthentication | undefined {
  if (found?.Mode === undefined) return undefined;
  const mode = found.Mode as DesiredMutualAuthentication['mode'];
  const isVerify = mode === 'verify';
  return {
    mode,
    trustStoreArn: isVerify ? found.TrustStoreArn : undefined,
    ignoreClientCertificateExpiry: isVerify ? found.IgnoreClientCertificateExpiry : undefined,
    advertiseTrustStoreCaNames: isVerify ? found.AdvertiseTrustStoreCaNames : undefined,
  };
}

export async function listenerAttributes(
  { calls }: AwsContext,
  arn: ListenerArn,
  { signal }: Signalled,
): Promise<Tags> {
  const command = new DescribeListenerAttributesCommand({ ListenerArn: arn });
  const { Attributes } = await calls.elbv2(command, { signal });
  return observedTags(Attributes);
}

/** The SNI list, sorted: AWS lists the default certificate as such too, and again if it was added to the list. */
export async function listenerCertificates(
  { calls }: AwsContext,
  arn: ListenerArn,
  { signal }: Signalled,
): Promise<readonly string[]> {
  const certificates = await allPages(async (Marker) => {
    const command = new DescribeListenerCertificatesCommand({ ListenerArn: arn, Marker, PageSize: pageSize });
    const { Certificates: items, NextMarker: next } = await calls.elbv2(command, { signal });
    return { items, next };
  });
  const listed = certificates.filter(({ IsDefault }) => IsDefault !== true);
  return [...new Set(listed.map(({ CertificateArn = '' }) => CertificateArn))].toSorted();
}
