// Certificates that are made in ACM: requested and validated while everything else goes on, deleted when nothing presents
// them any more.

import type { DesiredCertificate } from '../domain/desired-group.ts';
import { type CertificateArn, type OperationId, operationId, resourceId } from '../domain/ids.ts';
import type { ObservedCertificate, ObservedListener } from '../domain/observed-group.ts';
import type { Operation, OperationOf } from '../domain/operation.ts';
import { differs, missing, unwanted } from './because.ts';
import type { PlanContext } from './context.ts';
import { isHolding } from './kept.ts';
import { tagChange } from './tags.ts';

/** Requests for what is missing, records for what waits for them, tags. Listeners take a certificate when it is issued. */
export function certificateOperations(context: PlanContext): readonly Operation[] {
  return context.desired.certificates.flatMap((wanted) => {
    const found = context.observed.certificates.find(({ arn }) => arn === wanted.arn);
    return found === undefined ? request(wanted) : change(wanted, found, context);
  });
}

function request(wanted: DesiredCertificate): readonly Operation[] {
  const { id: subject, member, arn: _arn, isIssued: _isIssued, ...spec } = wanted;
  const id = operationId('requestCertificate', subject);
  const because = missing(`certificate for ${wanted.domains.join(', ')}`, member);
  const requested: Operation = { kind: 'requestCertificate', id, subject, because, dependsOn: [], spec };
  if (wanted.authorityArn !== undefined) return [requested];
  return [requested, validate(wanted, { certificate: { ref: subject, attribute: 'arn' }, dependsOn: [id] })];
}

function validate(
  { id: subject, domains, member }: DesiredCertificate,
  step: Pick<OperationOf<'createValidationRecords'>, 'certificate' | 'dependsOn'>,
): Operation {
  const because = missing(`validation records of ${domains.join(', ')}`, member);
  const id = operationId('createValidationRecords', subject);
  return { kind: 'createValidationRecords', id, subject, because, ...step };
}

function change(
  wanted: DesiredCertificate,
  found: ObservedCertificate,
  { previous, config }: PlanContext,
): readonly Operation[] {
  const { id: subject, member } = wanted;
  const certificate = found.arn;
  const needsRecords = found.status === 'pending' && !found.isPrivate && !found.recordsWritten;
  const before = previous?.certificates.find(({ id }) => id === subject)?.tags;
  const tags = tagChange(wanted.tags, found.tags, { config, previous: before });
  return [
    ...(needsRecords ? [validate(wanted, { certificate, dependsOn: [] })] : []),
    ...(tags === undefined
      ? []
      : [
          {
            kind: 'setCertificateTags',
            id: operationId('setCertificateTags', subject),
            subject,
            because: differs(tags.changes, false, member),
            dependsOn: [],
            certificate,
            add: tags.add,
            remove: tags.remove,
          } as const,
        ]),
  ];
}

/**
 * Our certificates that nobody wants, after everything that lets go of them; those that some listener keeps stay. One
 * that takes the place of another is requested first, so that a plan that is cut off forgets neither.
 */
export function unwantedCertificates(
  operations: readonly Operation[],
  context: PlanContext,
): readonly Operation[] {
  if (isHolding(context)) return [];
  const { certificates } = context.desired;
  const wanted = new Set(certificates.map(({ arn }) => arn));
  const requests = operations.filter(({ kind }) => kind === 'requestCertificate').map(({ id }) => id);
  return context.observed.certificates.flatMap((found): Operation[] => {
    const releases = wanted.has(found.arn) ? undefined : releasesOf(found.arn, operations, context);
    if (releases === undefined) return [];
    const subject = resourceId('certificate', found.arn);
    return [
      {
        kind: 'deleteCertificate',
        id: operationId('deleteCertificate', subject),
        subject,
        because: unwanted(`no Ingress wants the certificate for ${found.domains.join(', ')} any more`),
        dependsOn: [...new Set([...requests, ...releases])],
        certificate: found.arn,
        keepRecordsOf: certificates.flatMap(({ domains }) => domains),
      },
    ];
  });
}

/** The operations that take it off every listener; undefined when one keeps it. */
function releasesOf(
  arn: CertificateArn,
  operations: readonly Operation[],
  { observed }: PlanContext,
): readonly OperationId[] | undefined {
  const releases = observed.loadBalancers.flatMap((loadBalancer): readonly (OperationId | undefined)[] => {
    const gone = operations.find(
      (operation) => operation.kind === 'deleteLoadBalancer' && operation.loadBalancer === loadBalancer.arn,
    );
    if (gone !== undefined) return [gone.id];
    return loadBalancer.listeners.flatMap((listener) => listenerReleases(arn, listener, operations));
  });
  const ids = releases.filter((id) => id !== undefined);
  return ids.length === releases.length ? ids : undefined;
}

function listenerReleases(
  arn: CertificateArn,
  { arn: listener, defaultCertificate, certificates = [] }: ObservedListener,
  operations: readonly Operation[],
): readonly (OperationId | undefined)[] {
  const isDefault = defaultCertificate === arn;
  const isListed = certificates.includes(arn);
  if (!isDefault && !isListed) return [];
  const ended = operations.find(
    (operation) =>
      (operation.kind === 'deleteListener' && operation.listener === listener) ||
      (operation.kind === 'modifyListener' &&
        operation.listener === listener &&
        operation.spec.protocol === 'HTTP'),
  );
  if (ended !== undefined) return [ended.id];
  const changed = operations.find(
    (operation) =>
      operation.kind === 'modifyListener' &&
      operation.listener === listener &&
      operation.spec.certificateArn !== arn,
  );
  const removed = operations.find(
    (operation) =>
      operation.kind === 'removeListenerCertificate' &&
      operation.listener === listener &&
      operation.certificateArn === arn,
  );
  return [...(isDefault ? [changed?.id] : []), ...(isListed ? [removed?.id] : [])];
}
