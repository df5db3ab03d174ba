// Web ACLs and Shield Advanced of a load balancer. Both go with it when it is deleted.

import type { DesiredLoadBalancer, Known } from '../domain/desired-group.ts';
import {
  type LoadBalancerArn,
  type OperationId,
  operationId,
  type ResourceId,
  resourceId,
} from '../domain/ids.ts';
import { noClassicWaf, type ObservedLoadBalancer } from '../domain/observed-group.ts';
import type { Because, Operation } from '../domain/operation.ts';
import { differs, missing } from './because.ts';

const protectionName = 'managed by aws-load-balancer-controller';
/** Protections with other names were made by somebody else. */
const managedNames: readonly string[] = [protectionName, 'managed by aws-alb-ingress-controller'];

/** For a load balancer that the plan makes. */
export function createAddOns(
  wanted: DesiredLoadBalancer,
  { arn, after }: { readonly arn: Known<LoadBalancerArn>; readonly after: OperationId },
): readonly Operation[] {
  const dependsOn = [after];
  return [
    ...(wanted.webAclArn === undefined || wanted.webAclArn === ''
      ? []
      : [associate(wanted, wanted.webAclArn, { arn, dependsOn, because: missing('web ACL') })]),
    ...(wanted.classicWebAclId === undefined || wanted.classicWebAclId === ''
      ? []
      : [
          associateClassic(wanted, wanted.classicWebAclId, {
            arn,
            dependsOn,
            because: missing('web ACL of WAF Classic'),
          }),
        ]),
    ...(wanted.shieldProtection === true ? [protect(wanted, { arn, dependsOn })] : []),
  ];
}

/** For a load balancer that is there: what is not asked for stays as it is. */
export function changeAddOns(
  wanted: DesiredLoadBalancer,
  found: ObservedLoadBalancer,
  before: DesiredLoadBalancer | undefined,
): readonly Operation[] {
  return [
    ...webAclChange(wanted, found, before),
    ...classicChange(wanted, found, before),
    ...protectionChange(wanted, found),
  ];
}

function webAclChange(
  wanted: DesiredLoadBalancer,
  found: ObservedLoadBalancer,
  before: DesiredLoadBalancer | undefined,
): readonly Operation[] {
  const { id: subject, webAclArn } = wanted;
  if (webAclArn === undefined || webAclArn === found.webAclArn) return [];
  const changes = [{ field: 'webAcl', from: found.webAclArn ?? 'unknown', to: webAclArn }];
  const because = differs(changes, before?.webAclArn === webAclArn);
  if (webAclArn !== '') return [associate(wanted, webAclArn, { arn: found.arn, dependsOn: [], because })];
  const id = operationId('disassociateWebAcl', subject);
  return [{ kind: 'disassociateWebAcl', id, subject, because, dependsOn: [], loadBalancer: found.arn }];
}

/** Where the region has no WAF Classic there is nothing to do, as in ALBC. */
function classicChange(
  wanted: DesiredLoadBalancer,
  found: ObservedLoadBalancer,
  before: DesiredLoadBalancer | undefined,
): readonly Operation[] {
  const { id: subject, classicWebAclId } = wanted;
  const present = found.classicWebAclId;
  if (classicWebAclId === undefined || classicWebAclId === present || present === noClassicWaf) return [];
  const changes = [{ field: 'classicWebAcl', from: present ?? 'unknown', to: classicWebAclId }];
  const because = differs(changes, before?.classicWebAclId === classicWebAclId);
  if (classicWebAclId !== '')
    return [associateClassic(wanted, classicWebAclId, { arn: found.arn, dependsOn: [], because })];
  const id = operationId('disassociateClassicWebAcl', subject);
  return [
    { kind: 'disassociateClassicWebAcl', id, subject, because, dependsOn: [], loadBalancer: found.arn },
  ];
}

function protectionChange(wanted: DesiredLoadBalancer, found: ObservedLoadBalancer): readonly Operation[] {
  const { shieldProtection } = wanted;
  const subject = protectionOf(wanted);
  const present = found.shieldProtection;
  if (shieldProtection === undefined || present === undefined) return [];
  if (shieldProtection) return present === 'none' ? [protect(wanted, { arn: found.arn, dependsOn: [] })] : [];
  if (present === 'none' || !managedNames.includes(present.name)) return [];
  return [
    {
      kind: 'deleteShieldProtection',
      id: operationId('deleteShieldProtection', subject),
      subject,
      because: differs([{ field: 'shieldProtection', from: 'true', to: 'false' }], false),
      dependsOn: [],
      loadBalancer: found.arn,
      protectionId: present.id,
    },
  ];
}

type Step = { readonly arn: Known<LoadBalancerArn>; readonly dependsOn: readonly OperationId[] };

function associate(
  { id: subject }: DesiredLoadBalancer,
  webAclArn: string,
  { arn, dependsOn, because }: Step & { readonly because: Because },
): Operation {
  const id = operationId('associateWebAcl', subject);
  return { kind: 'associateWebAcl', id, subject, because, dependsOn, loadBalancer: arn, webAclArn };
}

function associateClassic(
  { id: subject }: DesiredLoadBalancer,
  webAclId: string,
  { arn, dependsOn, because }: Step & { readonly because: Because },
): Operation {
  const id = operationId('associateClassicWebAcl', subject);
  return { kind: 'associateClassicWebAcl', id, subject, because, dependsOn, loadBalancer: arn, webAclId };
}

/** A resource of its own, with an id of its own. */
const protectionOf = ({ name }: DesiredLoadBalancer): ResourceId => resourceId('shield-protection', name);

function protect(wanted: DesiredLoadBalancer, { arn, dependsOn }: Step): Operation {
  const subject = protectionOf(wanted);
  return {
    kind: 'createShieldProtection',
    id: operationId('createShieldProtection', subject),
    subject,
    because: missing('protection by Shield Advanced'),
    dependsOn,
    loadBalancer: arn,
    name: protectionName,
  };
}
