import type { DesiredListener } from '../domain/desired-group.ts';
import { type OperationId, operationId } from '../domain/ids.ts';
import type { ObservedListener } from '../domain/observed-group.ts';
import type { Operation } from '../domain/operation.ts';
import type { ObjectRef } from '../domain/problem.ts';
import { missing, unwanted } from './because.ts';
import type { PlanContext } from './context.ts';
import { isHolding } from './kept.ts';

/**
 * Certificates to add to and remove from the SNI list, which holds the default one too (as ALBC has it). One that we
 * did not put there ourselves stays, and so do all while a member is held, for they may be its own. Where the list has no
 * room for it, the default one is left out.
 */
export function certificateChanges(
  wanted: DesiredListener,
  found: ObservedListener,
  context: PlanContext,
  leavesOutDefault = false,
) {
  if (wanted.certificatesStay === true) return { add: [], remove: [] };
  const have = new Set(found.certificates ?? []);
  const listed = wanted.certificateArns.slice(leavesOutDefault ? 1 : 0);
  return {
    add: listed.filter((arn) => !have.has(arn)),
    remove: [...have].filter(
      (arn) =>
        wanted.protocol === 'HTTPS' &&
        !listed.includes(arn) &&
        isRemovable(arn, wanted, context) &&
        !isHolding(context),
    ),
  };
}

function isRemovable(arn: string, { id }: DesiredListener, context: PlanContext): boolean {
  const before = context.previous?.loadBalancer?.listeners.find((listener) => listener.id === id);
  return (
    context.config.policy.foreign === 'remove' ||
    before?.certificateArns.includes(arn) === true ||
    context.observed.certificates.some((own) => own.arn === arn)
  );
}

/** Those in the SNI list that somebody else put there, or a held member. */
export function foreignCertificates(
  wanted: DesiredListener,
  found: ObservedListener,
  context: PlanContext,
): readonly string[] {
  return (found.certificates ?? []).filter(
    (arn) => !wanted.certificateArns.includes(arn) && !isRemovable(arn, wanted, context),
  );
}

/** SNI certificates of a listener, one operation for each: AWS may refuse one of them. */
export function addCertificates(
  wanted: DesiredListener,
  arns: readonly string[],
  {
    arn: listener,
    dependsOn,
    context,
  }: {
    readonly arn: Extract<Operation, { kind: 'addListenerCertificate' }>['listener'];
    readonly dependsOn: readonly OperationId[];
    readonly context: PlanContext;
  },
): readonly Operation[] {
  return arns.map((certificateArn) => ({
    kind: 'addListenerCertificate',
    id: operationId('addListenerCertificate', wanted.id, certificateArn),
    subject: wanted.id,
    because: missing(`certificate for listener ${wanted.port}`, giverOf(wanted, certificateArn, context)),
    dependsOn,
    listener,
    certificateArn,
  }));
}

/** The member that named a certificate, so that it and nobody else is held when AWS refuses it. */
export function giverOf(
  { port }: DesiredListener,
  certificate: string | undefined,
  { desired }: PlanContext,
): ObjectRef | undefined {
  const intent = desired.model.listeners.find((listener) => listener.port === port);
  return intent?.certificates.find((one) => one.kind === 'given' && one.arn === certificate)?.member;
}

/** After all that may still need them. */
export function removeCertificates(
  wanted: DesiredListener,
  arns: readonly string[],
  found: ObservedListener,
  dependsOn: readonly OperationId[],
): readonly Operation[] {
  return arns.map((certificateArn) => ({
    kind: 'removeListenerCertificate',
    id: operationId('removeListenerCertificate', wanted.id, certificateArn),
    subject: wanted.id,
    because: unwanted(`no Ingress uses the certificate on listener ${wanted.port} any more`),
    dependsOn,
    listener: found.arn,
    certificateArn,
  }));
}
