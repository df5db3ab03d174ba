import { canonical, isEqual } from '../../../lib/canonical.ts';
import { clientSecretTag } from '../../domain/client-secret.ts';
import type { DesiredGroup, DesiredListener, DesiredLoadBalancer } from '../../domain/desired-group.ts';
import type { ObservedListener, ObservedLoadBalancer } from '../../domain/observed-group.ts';
import { actionsWithArns, isOwned, type PlanContext, targetGroupKey } from '../context.ts';
import { asWanted, isHolding, keptDefaultActions } from '../kept.ts';
import { certificateChanges, giverOf } from '../listener-certificates.ts';
import { renderActions } from '../render.ts';
import { certificateRoom } from '../room.ts';
import { actionsKey } from '../rule-content.ts';
import {
  digest,
  entryFields,
  existence,
  type Field,
  type Holder,
  managedTags,
  pathOf,
  plainField,
  tagName,
  withListener,
  withLoadBalancer,
} from './field.ts';
import { ruleFields } from './rule-fields.ts';

/** Fields of the listeners that should be there, and of their rules. One on a stranger's port is no field of ours. */
export function listenerFields(
  { listeners }: DesiredLoadBalancer,
  found: ObservedLoadBalancer,
  context: PlanContext,
): readonly Field[] {
  const { leavesOutDefault } = certificateRoom(listeners, found, context);
  return listeners.flatMap((wanted) => {
    const present = found.listeners.find(({ port }) => port === wanted.port);
    const existence = existenceField(wanted, present);
    if (present === undefined) return [existence];
    if (!isOwned(present.tags, context)) return [];
    return [
      existence,
      ...settings(wanted, present, context),
      ...certificates(wanted, present, { context, leavesOutDefault }),
      ...entries(wanted, present, context),
      ...ruleFields(wanted, present, context),
    ];
  });
}

/** An edit of anything on a listener that somebody deleted makes it again, so its value is all of it. */
function existenceField(wanted: DesiredListener, found: ObservedListener | undefined): Field {
  const { id, port, protocol } = wanted;
  return {
    ...existence(
      { subject: id, resource: found?.arn ?? '' },
      {
        field: 'listener.exists',
        name: `${protocol} ${port}`,
        value: digest(canonical(wanted)),
        isThere: found !== undefined,
      },
    ),
    accept: (desired) =>
      withLoadBalancer(desired, (loadBalancer) => ({
        ...loadBalancer,
        listeners: loadBalancer.listeners.filter((one) => one.id !== id),
      })),
  };
}

function settings(wanted: DesiredListener, found: ObservedListener, context: PlanContext): readonly Field[] {
  const holder: Holder = { subject: wanted.id, resource: found.arn };
  const { protocol, sslPolicy } = found;
  const { mutualAuthentication } = wanted;
  const accepting = (change: Partial<DesiredListener>) => (desired: DesiredGroup) =>
    withListener(desired, wanted, (one) => ({ ...one, ...change }));
  return [
    plainField(holder, {
      field: 'listener.protocol',
      what: 'protocol',
      wanted: wanted.protocol,
      found: protocol,
      accept: accepting({ protocol: protocol === 'HTTPS' ? 'HTTPS' : 'HTTP' }),
    }),
    plainField(holder, {
      field: 'listener.sslPolicy',
      what: 'sslPolicy',
      wanted: wanted.sslPolicy,
      found: sslPolicy,
      accept: accepting({ sslPolicy }),
    }),
    ...(mutualAuthentication === undefined
      ? []
      : [
          {
            ...plainField(holder, {
              field: 'listener.mutualAuthentication',
              what: 'mutualAuthentication',
              wanted: canonical(mutualAuthentication),
              found: canonical(found.mutualAuthentication ?? null),
              accept: accepting({ mutualAuthentication: undefined }),
            }),
            agrees: isEqual(found.mutualAuthentication ?? null, mutualAuthentication),
          },
        ]),
    ...defaultActions(wanted, found, context),
  ];
}

function defaultActions(
  wanted: DesiredListener,
  found: ObservedListener,
  context: PlanContext,
): readonly Field[] {
  if (keptDefaultActions(found, context) !== undefined) return [];
  const actions = actionsWithArns(wanted.defaultActions, context.arnOf);
  const key = actionsKey(actions, targetGroupKey);
  return [
    {
      subject: wanted.id,
      resource: found.arn,
      path: pathOf(wanted.id, 'defaultActions'),
      field: 'listener.defaultActions',
      what: 'defaultActions',
      wanted: renderActions(actions),
      found: renderActions(found.defaultActions),
      value: digest(key),
      agrees: key === actionsKey(found.defaultActions, targetGroupKey),
      accept: (desired) =>
        withListener(desired, wanted, (one) => ({ ...one, defaultActions: asWanted(found.defaultActions) })),
    },
  ];
}

/** All of them are one field: which one is the default, and which are in the list. Others' in the list are no change. */
function certificates(
  wanted: DesiredListener,
  found: ObservedListener,
  { context, leavesOutDefault }: { readonly context: PlanContext; readonly leavesOutDefault: boolean },
): readonly Field[] {
  if (wanted.protocol !== 'HTTPS' || found.certificates === undefined) return [];
  const { add } = certificateChanges(wanted, found, context, leavesOutDefault);
  const [first] = wanted.certificateArns;
  const present = [found.defaultCertificate, ...found.certificates].filter((arn) => arn !== undefined);
  const object = giverOf(wanted, first, context);
  return [
    {
      subject: wanted.id,
      resource: found.arn,
      path: pathOf(wanted.id, 'certificate'),
      field: 'listener.certificates',
      what: 'certificate',
      wanted: wanted.certificateArns.join(' '),
      found: [...new Set(present)].join(' '),
      value: wanted.certificateArns.join(' '),
      agrees: add.length === 0 && first === found.defaultCertificate,
      ...(object === undefined ? {} : { object }),
      accept: (desired) =>
        withListener(desired, wanted, (one) => ({
          ...one,
          certificateArns: [...new Set(present)],
          certificatesStay: true,
        })),
    },
  ];
}

function entries(wanted: DesiredListener, found: ObservedListener, context: PlanContext): readonly Field[] {
  const holder: Holder = { subject: wanted.id, resource: found.arn };
  // It says which secret was sent, and is written with it.
  const { [clientSecretTag]: _secret, ...tags } = managedTags(wanted.tags, context);
  return [
    ...entryFields(wanted.attributes, found.attributes, {
      field: 'listener.attributes',
      holder,
      set: (desired, change) =>
        withListener(desired, wanted, (one) => ({ ...one, attributes: change(one.attributes) })),
    }),
    ...(isHolding(context)
      ? []
      : entryFields(tags, found.tags, {
          field: 'listener.tags',
          holder,
          naming: tagName,
          set: (desired, change) =>
            withListener(desired, wanted, (one) => ({ ...one, tags: change(one.tags) })),
        })),
  ];
}
