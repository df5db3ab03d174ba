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
import { addTags, mergedTags, setTags } from '../tags.ts';
import { selfSigned } from './self-signed.ts';
import { domainValidation, settle } from './validation.ts';

export function findCertificate(certificateArn: string | undefined, context: CallContext): StoredCertificate {
  const certificate = context.state.certificates.get(certificateArn ?? '');
  if (certificate === undefined)
    throw new SimulatedError('ResourceNotFoundException', `Could not find certificate ${certificateArn}.`);
  settle(certificate, context);
  return certificate;
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
  const { state, now } = context;
  const domainName = input.DomainName ?? '';
  const names = [...new Set([domainName, ...(input.SubjectAlternativeNames ?? [])])];
  const { CertificateAuthorityArn: authority, IdempotencyToken: idempotencyToken } = input;
  checkRequest(input, names, context);
  const same = [...state.certificates.values()].find(
    (one) =>
      idempotencyToken !== undefined &&
      one.idempotencyToken === idempotencyToken &&
      now - one.createdAt < tokenLifeMs,
  );
  if (same !== undefined) return { CertificateArn: same.arn };
  const id = arn(state, 'acm', `certificate/${uuid(state.ids)}`);
  const certificate: StoredCertificate = {
    arn: id,
    domainName,
    names,
    type: authority === undefined ? 'AMAZON_ISSUED' : 'PRIVATE',
    status: 'PENDING_VALIDATION',
    createdAt: now,
    keyAlgorithm: input.KeyAlgorithm ?? 'RSA_2048',
    chainPem: undefined,
    ...(authority === undefined ? {} : { certificateAuthorityArn: authority }),
    ...(idempotencyToken === undefined ? {} : { idempotencyToken }),
    ...selfSigned(names, now),
  };
  const tags = mergedTags(context, id, input.Tags ?? []);
  store(certificate, context);
  setTags(context, id, tags);
  return { CertificateArn: id };
}

/** Requests with the same token within an hour are one request. */
const tokenLifeMs = 60 * 60_000;
const longestCommonName = 64;

function checkRequest(
  input: RequestCertificateRequest,
  names: readonly string[],
  { knobs }: CallContext,
): void {
  const { CertificateAuthorityArn: authority, DomainName = '' } = input;
  const limit = knobs.quotas['names-per-certificate'];
  if (names.length > limit)
    throw new SimulatedError(
      'LimitExceededException',
      `Error: Cannot have more than ${limit} domain names on a certificate; got ${names.length}`,
    );
  const bad = names.find(
    (name) =>
      !/^(\*\.)?(((?!-)[A-Za-z0-9-]{0,62}[A-Za-z0-9])\.)+((?!-)[A-Za-z0-9-]{1,62}[A-Za-z0-9])$/.test(name),
  );
  if (bad !== undefined || DomainName.length > longestCommonName)
    throw new SimulatedError(
      'InvalidDomainValidationOptionsException',
      `${bad ?? DomainName} cannot be a name of a certificate`,
    );
  if (
    authority !== undefined &&
    !/^arn:[\w-]+:acm-pca:[\w-]+:\d{12}:certificate-authority\/.+$/.test(authority)
  )
    throw new SimulatedError('InvalidArnException', `${authority} is not the ARN of a private authority`);
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
    SubjectAlternativeNameSummaries: certificate.names.slice(0, namesInSummary),
    HasAdditionalSubjectAlternativeNames: certificate.names.length > namesInSummary,
    Status: certificate.status,
    Type: certificate.type,
    KeyAlgorithm: certificate.keyAlgorithm as NonNullable<CertificateSummary['KeyAlgorithm']>,
    InUse: inUseBy(certificate.arn, context).length > 0,
    NotBefore: new Date(certificate.notBefore),
    NotAfter: new Date(certificate.notAfter),
    CreatedAt: new Date(certificate.createdAt),
    ...times(certificate),
  };
}

/** ACM shows more of them only in DescribeCertificate. */
const namesInSummary = 100;

const times = ({ type, createdAt, issuedAt }: StoredCertificate) => ({
  ...(type === 'IMPORTED' ? { ImportedAt: new Date(createdAt) } : {}),
  ...(issuedAt === undefined ? {} : { IssuedAt: new Date(issuedAt) }),
});

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
    ...times(certificate),
    ...(certificate.certificateAuthorityArn === undefined
      ? {}
      : { CertificateAuthorityArn: certificate.certificateAuthorityArn }),
    ...(certificate.failureReason === undefined
      ? {}
      : { FailureReason: certificate.failureReason as NonNullable<CertificateDetail['FailureReason']> }),
  };
  if (certificate.type === 'AMAZON_ISSUED')
    detail.DomainValidationOptions = certificate.names.map((name) =>
      domainValidation(name, certificate, context),
    );
  return { Certificate: detail };
}
