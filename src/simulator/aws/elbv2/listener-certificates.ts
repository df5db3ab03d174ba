import type {
  AddListenerCertificatesInput,
  AddListenerCertificatesOutput,
  Certificate,
  DescribeListenerCertificatesInput,
  DescribeListenerCertificatesOutput,
  RemoveListenerCertificatesInput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { SimulatedError, validationError } from '../errors.ts';
import type { CallContext } from '../operation.ts';
import { elbPage } from './paging.ts';
import { usableCertificate } from './listener-tls.ts';
import { findListener, listenersOf } from './lookup.ts';

/** Adds one certificate for SNI; one that is there already is no mistake. */
export function addListenerCertificates(
  input: AddListenerCertificatesInput,
  context: CallContext,
): AddListenerCertificatesOutput {
  const listener = findListener(context, input.ListenerArn);
  if (listener.protocol !== 'HTTPS')
    throw validationError('Certificates can be added to HTTPS listeners only');
  const arn = usableCertificate(onlyCertificate(input.Certificates), context);
  if (!listener.extraCertificateArns.includes(arn)) {
    const limit = context.knobs.quotas['certificates-per-application-load-balancer'];
    const count = listenersOf(context, listener.loadBalancerArn).reduce(
      (sum, item) => sum + item.extraCertificateArns.length,
      0,
    );
    if (count >= limit)
      throw new SimulatedError(
        'TooManyCertificates',
        `A load balancer can have at most ${limit} certificates`,
      );
    listener.extraCertificateArns = [...listener.extraCertificateArns, arn];
  }
  return { Certificates: [{ CertificateArn: arn, IsDefault: false }] };
}

function onlyCertificate(certificates: readonly Certificate[] | undefined): string {
  if (certificates?.length !== 1) throw validationError('Exactly one certificate must be specified');
  if (certificates[0]?.IsDefault !== undefined) throw validationError('IsDefault cannot be specified');
  return certificates[0]?.CertificateArn ?? '';
}

export function removeListenerCertificates(
  input: RemoveListenerCertificatesInput,
  context: CallContext,
): object {
  const listener = findListener(context, input.ListenerArn);
  const arn = onlyCertificate(input.Certificates);
  if (!listener.extraCertificateArns.includes(arn) && listener.defaultCertificateArn === arn) {
    throw new SimulatedError(
      'OperationNotPermitted',
      'The default certificate of a listener cannot be removed',
    );
  }
  listener.extraCertificateArns = listener.extraCertificateArns.filter((other) => other !== arn);
  return {};
}

/** The default certificate comes first, and again when it was also added for SNI. */
export function describeListenerCertificates(
  input: DescribeListenerCertificatesInput,
  context: CallContext,
): DescribeListenerCertificatesOutput {
  const listener = findListener(context, input.ListenerArn);
  const first =
    listener.defaultCertificateArn === undefined
      ? []
      : [{ CertificateArn: listener.defaultCertificateArn, IsDefault: true }];
  const others = listener.extraCertificateArns.map((CertificateArn) => ({
    CertificateArn,
    IsDefault: false,
  }));
  const { items, NextMarker } = elbPage([...first, ...others], input, context);
  return { Certificates: [...items], NextMarker };
}
