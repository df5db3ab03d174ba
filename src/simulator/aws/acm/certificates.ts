import { X509Certificate } from 'node:crypto';
import type {
  CertificateDetail,
  CertificateSummary,
  DeleteCertificateRequest,
  DescribeCertificateRequest,
  DescribeCertificateResponse,
  ImportCertificateRequest,
  ImportCertificateResponse,
  ListCertificatesRequest,
  ListCertificatesResponse,
  RequestCertificateRequest,
  RequestCertificateResponse,
} from '@aws-sdk/client-acm';
import { SimulatedError } from '../errors.ts';
import { uuid } from '../ids.ts';
import type { CallContext } from '../operation.ts';
import { page } from '../paging.ts';
import { arn, type StoredCertificate } from '../state.ts';
import { addTags } from '../tags.ts';
import { selfSigned } from './self-signed.ts';

export function findCertificate(certificateArn: string | undefined, context: CallContext): StoredCertificate {
  const certificate = context.state.certificates.get(certificateArn ?? '');
  if (certificate === undefined)
    throw new SimulatedError('ResourceNotFoundException', `Could not find certificate ${certificateArn}.`);
  settle(certificate, context);
  return certificate;
}

/** A requested certificate is issued once the validation time has passed. */
function settle(certificate: StoredCertificate, { now, knobs }: CallContext): void {
  const waiting = certificate.status === 'PENDING_VALIDATION';
  if (waiting && now - certificate.createdAt >= knobs.certificateValidationMs) certificate.status = 'ISSUED';
}

function store(certificate: StoredCertificate, { state, knobs }: CallContext): void {
  const limit = knobs.quotas.certificates;
  if (state.certificates.size >= limit)
    throw new SimulatedError('LimitExceededException', `The account can have at most ${limit} certificates`);
  state.certificates.set(certificate.arn, certificate);
}

/** Takes a PEM certificate with its key; an ARN given is that of a certificate to replace. */
export function importCertificate(
  input: ImportCertificateRequest,
  context: CallContext,
): ImportCertificateResponse {
  const certificatePem = pemText(input.Certificate);
  const parsed = parse(certificatePem);
  const names = (parsed.subjectAltName ?? '')
    .split(', ')
    .flatMap((name) => (name.startsWith('DNS:') ? [name.slice(4)] : []));
  const domainName = /^CN=(.*)$/m.exec(parsed.subject)?.[1] ?? names[0] ?? '';
  const fields = {
    domainName,
    names: names.length > 0 ? names : [domainName],
    certificatePem,
    privateKeyPem: pemText(input.PrivateKey),
    chainPem: input.CertificateChain === undefined ? undefined : pemText(input.CertificateChain),
    notBefore: Date.parse(parsed.validFrom),
    notAfter: Date.parse(parsed.validTo),
    keyAlgorithm:
      parsed.publicKey.asymmetricKeyType === 'rsa'
        ? `RSA_${parsed.publicKey.asymmetricKeyDetails?.modulusLength}`
        : 'EC_prime256v1',
  };
  if (input.CertificateArn !== undefined) {
    Object.assign(findCertificate(input.CertificateArn, context), fields);
    return { CertificateArn: input.CertificateArn };
  }
  const id = arn(context.state, 'acm', `certificate/${uuid(context.state.ids)}`);
  store({ arn: id, type: 'IMPORTED', status: 'ISSUED', createdAt: context.now, ...fields }, context);
  addTags(context, id, input.Tags);
  return { CertificateArn: id };
}

function parse(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw new SimulatedError(
      'ValidationException',
      'The certificate field contains more than one certificate or is not valid PEM.',
    );
  }
}

/** Bytes on the wire; text when a call is made in process. */
const pemText = (value: Uint8Array | string | undefined): string =>
  typeof value === 'string' ? value : Buffer.from(value ?? new Uint8Array()).toString();

export function requestCertificate(
  input: RequestCertificateRequest,
  context: CallContext,
): RequestCertificateResponse {
  const domainName = input.DomainName ?? '';
  const names = [...new Set([domainName, ...(input.SubjectAlternativeNames ?? [])])];
  if (names.length > 10)
    throw new SimulatedError(
      'LimitExceededException',
      `A certificate can have at most 10 names; got ${names.length}`,
    );
  const id = arn(context.state, 'acm', `certificate/${uuid(context.state.ids)}`);
  const isPrivate = input.CertificateAuthorityArn !== undefined;
  const certificate: StoredCertificate = {
    arn: id,
    domainName,
    names,
    type: isPrivate ? 'PRIVATE' : 'AMAZON_ISSUED',
    status: isPrivate ? 'ISSUED' : 'PENDING_VALIDATION',
    createdAt: context.now,
    keyAlgorithm: input.KeyAlgorithm ?? 'EC_prime256v1',
    chainPem: undefined,
    ...selfSigned(names, context.now),
  };
  store(certificate, context);
  addTags(context, id, input.Tags);
  return { CertificateArn: id };
}

export function deleteCertificate(input: DeleteCertificateRequest, context: CallContext): object {
  const certificate = findCertificate(input.CertificateArn, context);
  if (inUseBy(certificate.arn, context).length > 0) {
    throw new SimulatedError(
      'ResourceInUseException',
      `Certificate ${certificate.arn} in account ${context.state.account} is in use.`,
    );
  }
  context.state.certificates.delete(certificate.arn);
  context.state.tags.delete(certificate.arn);
  return {};
}

/** The load balancers whose listeners present the certificate. */
function inUseBy(certificateArn: string, { state }: CallContext): string[] {
  const users = [...state.listeners.values()].filter(
    (listener) =>
      listener.defaultCertificateArn === certificateArn ||
      listener.extraCertificateArns.includes(certificateArn),
  );
  return [...new Set(users.map(({ loadBalancerArn }) => loadBalancerArn))];
}

/** Keys of these kinds are listed only when a request includes them by name. */
const listedByDefault = new Set(['RSA_1024', 'RSA_2048']);

export function listCertificates(
  input: ListCertificatesRequest,
  context: CallContext,
): ListCertificatesResponse {
  const { CertificateStatuses: statuses = [], Includes } = input;
  const keyTypes: readonly string[] = Includes?.keyTypes ?? [];
  const found = [...context.state.certificates.keys()]
    .map((id) => findCertificate(id, context))
    .filter(({ status }) => statuses.length === 0 || statuses.includes(status))
    .filter(({ keyAlgorithm }) =>
      keyTypes.length === 0 ? listedByDefault.has(keyAlgorithm) : keyTypes.includes(keyAlgorithm),
    );
  const { items, nextMarker } = page(found, {
    marker: input.NextToken,
    size: input.MaxItems,
    defaultSize: context.knobs.pageSize.acm,
    max: 1000,
  });
  return { CertificateSummaryList: items.map((item) => summary(item, context)), NextToken: nextMarker };
}

function summary(certificate: StoredCertificate, context: CallContext): CertificateSummary {
  return {
    CertificateArn: certificate.arn,
    DomainName: certificate.domainName,
    SubjectAlternativeNameSummaries: [...certificate.names],
    HasAdditionalSubjectAlternativeNames: false,
    Status: certificate.status,
    Type: certificate.type,
    KeyAlgorithm: certificate.keyAlgorithm as NonNullable<CertificateSummary['KeyAlgorithm']>,
    InUse: inUseBy(certificate.arn, context).length > 0,
    NotBefore: new Date(certificate.notBefore),
    NotAfter: new Date(certificate.notAfter),
    CreatedAt: new Date(certificate.createdAt),
  };
}

export function describeCertificate(
  input: DescribeCertificateRequest,
  context: CallContext,
): DescribeCertificateResponse {
  const certificate = findCertificate(input.CertificateArn, context);
  const detail: CertificateDetail = {
    CertificateArn: certificate.arn,
    DomainName: certificate.domainName,
    SubjectAlternativeNames: [...certificate.names],
    Status: certificate.status,
    Type: certificate.type,
    KeyAlgorithm: certificate.keyAlgorithm as NonNullable<CertificateDetail['KeyAlgorithm']>,
    SignatureAlgorithm: 'SHA256WITHECDSA',
    InUseBy: inUseBy(certificate.arn, context),
    NotBefore: new Date(certificate.notBefore),
    NotAfter: new Date(certificate.notAfter),
    CreatedAt: new Date(certificate.createdAt),
    RenewalEligibility: 'INELIGIBLE',
  };
  if (certificate.type === 'AMAZON_ISSUED')
    detail.DomainValidationOptions = certificate.names.map((name) => validation(name, certificate));
  return { Certificate: detail };
}

const validation = (
  name: string,
  certificate: StoredCertificate,
): NonNullable<CertificateDetail['DomainValidationOptions']>[number] => ({
  DomainName: name,
  ValidationDomain: name,
  ValidationMethod: 'DNS',
  ValidationStatus: certificate.status === 'ISSUED' ? 'SUCCESS' : 'PENDING_VALIDATION',
  ResourceRecord: {
    Name: `_${certificate.arn.slice(-12)}.${name.replace('*.', '')}.`,
    Type: 'CNAME',
    Value: `_${certificate.arn.slice(-12)}.acm-validations.aws.`,
  },
});
