import type {
  CreateListenerInput,
  MutualAuthenticationAttributes,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { settle } from '../acm/validation.ts';
import { SimulatedError, validationError } from '../errors.ts';
import type { CallContext } from '../operation.ts';
import type { Listener } from '../state.ts';
import { findTrustStore } from './lookup.ts';
import { isSslPolicy } from './ssl-policies.ts';

export type TlsSettings = Pick<Listener, 'sslPolicy' | 'defaultCertificateArn' | 'mutualAuthentication'>;
type Given = Pick<CreateListenerInput, 'SslPolicy' | 'Certificates' | 'MutualAuthentication'>;

/** The listener that is changed (absent for a new one) and the load balancer it belongs to. */
type Where = { readonly current: Listener | undefined; readonly loadBalancerArn: string };

const nothing: TlsSettings = {
  sslPolicy: undefined,
  defaultCertificateArn: undefined,
  mutualAuthentication: undefined,
};

/** The policy the API gives a listener that names none; the console picks another. */
const defaultPolicy = 'ELBSecurityPolicy-2016-08';

/** Checks the TLS part of a listener; what is absent stays as it is. An HTTP or TCP listener has none. */
export function checkTls(protocol: string, given: Given, where: Where, context: CallContext): TlsSettings {
  if (protocol !== 'HTTPS') {
    if ((given.Certificates ?? []).length > 0)
      throw validationError(`Certificates cannot be specified for ${protocol} listeners`);
    return nothing;
  }
  const { current } = where;
  const before = current?.protocol === 'HTTPS' ? current : nothing;
  const sslPolicy = given.SslPolicy ?? before.sslPolicy ?? defaultPolicy;
  if (!isSslPolicy(sslPolicy))
    throw new SimulatedError('SSLPolicyNotFound', `SSL policy '${sslPolicy}' not found`);
  return {
    sslPolicy,
    defaultCertificateArn: defaultCertificate(given, before, context),
    mutualAuthentication: mutualAuthentication(given.MutualAuthentication, where, context) ??
      before.mutualAuthentication ?? { Mode: 'off' },
  };
}

function defaultCertificate(given: Given, before: TlsSettings, context: CallContext): string | undefined {
  const certificates = given.Certificates ?? [];
  if (certificates.length === 0 && before.defaultCertificateArn !== undefined)
    return before.defaultCertificateArn;
  if (certificates.length === 0) throw validationError('A certificate must be specified for HTTPS listeners');
  if (certificates.length > 1)
    throw new SimulatedError(
      'TooManyCertificates',
      'Exactly one certificate can be specified for a listener',
    );
  if (certificates[0]?.IsDefault !== undefined) throw validationError('IsDefault cannot be specified');
  return usableCertificate(certificates[0]?.CertificateArn, context);
}

/** Answers the ARN of a certificate that a listener may use: in ACM it must exist and be issued; IAM's are taken as they are. */
export function usableCertificate(arn: string | undefined, context: CallContext): string {
  const name = arn ?? '';
  if (/^arn:[^:]+:iam::/.test(name)) return name;
  const certificate = context.state.certificates.get(name);
  if (certificate === undefined)
    throw new SimulatedError('CertificateNotFound', `Certificate '${name}' not found`);
  settle(certificate, context);
  if (certificate.status !== 'ISSUED') {
    throw new SimulatedError(
      'UnsupportedCertificate',
      `The certificate '${name}' must have a fully-qualified domain name, a supported signature, and a supported key size.`,
    );
  }
  return name;
}

function mutualAuthentication(
  given: MutualAuthenticationAttributes | undefined,
  { current, loadBalancerArn }: Where,
  context: CallContext,
): MutualAuthenticationAttributes | undefined {
  if (given === undefined) return undefined;
  const { Mode = 'off', TrustStoreArn, IgnoreClientCertificateExpiry, AdvertiseTrustStoreCaNames } = given;
  if (!['off', 'passthrough', 'verify'].includes(Mode))
    throw validationError(`Mutual authentication mode '${Mode}' must be off, passthrough or verify`);
  if (Mode !== 'verify') {
    if (TrustStoreArn !== undefined)
      throw validationError(`A trust store cannot be specified with mode '${Mode}'`);
    return { Mode };
  }
  findTrustStore(context, TrustStoreArn);
  const others = [...context.state.listeners.values()].filter(
    (other) =>
      other !== current &&
      other.loadBalancerArn === loadBalancerArn &&
      other.mutualAuthentication?.Mode === 'verify',
  );
  const limit = context.knobs.quotas['mutual-authentication-listeners'];
  if (others.length >= limit)
    throw new SimulatedError(
      'InvalidConfigurationRequest',
      `A load balancer can have at most ${limit} listeners in verify mode`,
    );
  return {
    Mode,
    TrustStoreArn,
    IgnoreClientCertificateExpiry: IgnoreClientCertificateExpiry ?? false,
    AdvertiseTrustStoreCaNames: AdvertiseTrustStoreCaNames ?? 'off',
    TrustStoreAssociationStatus: 'active',
  };
}
