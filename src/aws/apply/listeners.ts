import {
  AddListenerCertificatesCommand,
  CreateListenerCommand,
  DeleteListenerCommand,
  ModifyListenerAttributesCommand,
  ModifyListenerCommand,
  RemoveListenerCertificatesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { DesiredMutualAuthentication, Known, Tags } from '../../core/domain/desired-group.ts';
import type { LoadBalancerArn, TargetGroupArn } from '../../core/domain/ids.ts';
import type { Attributes, Handlers, KnownAction, ListenerSpec, Look } from '../../core/domain/operation.ts';
import type { Action } from '../../core/domain/rule.ts';
import { chunks } from '../batches.ts';
import type { AwsContext, Signalled } from '../context.ts';
import { isKind } from '../errors.ts';
import { listenersOf } from '../observe/listeners.ts';
import { type ClientSecrets, wireActions } from '../wire/actions.ts';
import { wireTags } from '../wire/tags.ts';
import { required } from '../wire/required.ts';
import { attributeBatch } from './load-balancers.ts';
import { assertOurs, vanished } from './ownership.ts';
import { isNew, onceVisible } from './retry.ts';

type Kinds =
  | 'createListener'
  | 'modifyListener'
  | 'modifyListenerAttributes'
  | 'addListenerCertificate'
  | 'removeListenerCertificate'
  | 'deleteListener';

export function listenerHandlers(context: AwsContext): Pick<Handlers, Kinds> {
  const { calls, clock } = context;
  return {
    createListener: (operation, look, { signal }) => create(context, { ...operation, look }, { signal }),

    modifyListener: async ({ listener, spec }, look, { signal }) => {
      const command = new ModifyListenerCommand({
        ListenerArn: listener,
        ...wireListener(spec, look, context),
      });
      await onceVisible({ clock, signal, isNew: forwardsToNew(spec.defaultActions) }, () =>
        calls.elbv2(command, { signal }),
      );
      return {};
    },

    modifyListenerAttributes: async ({ listener, attributes }, look, { signal }) => {
      for (const Attributes of chunks(wireTags(attributes), attributeBatch)) {
        const command = new ModifyListenerAttributesCommand({
          ListenerArn: look(listener),
          Attributes: [...Attributes],
        });
        await onceVisible({ clock, signal, isNew: isNew(listener) }, () => calls.elbv2(command, { signal }));
      }
      return {};
    },

    // AWS takes one certificate a call, and adding one that is there already for success.
    addListenerCertificate: async ({ listener, certificateArn }, look, { signal }) => {
      const command = new AddListenerCertificatesCommand({
        ListenerArn: look(listener),
        Certificates: [{ CertificateArn: certificateArn }],
      });
      await onceVisible({ clock, signal, isNew: isNew(listener) }, () => calls.elbv2(command, { signal }));
      return {};
    },

    removeListenerCertificate: async ({ listener, certificateArn }, _look, { signal }) => {
      const command = new RemoveListenerCertificatesCommand({
        ListenerArn: listener,
        Certificates: [{ CertificateArn: certificateArn }],
      });
      try {
        await calls.elbv2(command, { signal });
      } catch (error) {
        if (!isKind(error, 'notFound')) throw error;
      }
      return {};
    },

    deleteListener: async ({ listener }, look, { signal }) => {
      try {
        await calls.elbv2(new DeleteListenerCommand({ ListenerArn: look(listener) }), { signal });
      } catch (error) {
        if (!isKind(error, 'notFound')) throw error;
      }
      return {};
    },
  };
}

type Creation = {
  readonly loadBalancer: Known<LoadBalancerArn>;
  readonly spec: ListenerSpec;
  readonly tags: Tags;
  readonly look: Look;
};

/**
 * With equal settings AWS answers with the listener that exists; with others it refuses the port. A listener of ours there
 * is changed into what was to be created.
 */
async function create(
  context: AwsContext,
  { loadBalancer, spec, tags, look }: Creation,
  { signal }: Signalled,
): Promise<Attributes> {
  const { calls, clock } = context;
  const arn = look(loadBalancer);
  const wire = wireListener(spec, look, context);
  const command = new CreateListenerCommand({ LoadBalancerArn: arn, ...wire, Tags: wireTags(tags) });
  const refersToNew = isNew(loadBalancer) || forwardsToNew(spec.defaultActions);
  try {
    const { Listeners = [] } = await onceVisible({ clock, signal, isNew: refersToNew }, () =>
      calls.elbv2(command, { signal }),
    );
    return { arn: required(Listeners[0]?.ListenerArn, 'ListenerArn') };
  } catch (error) {
    if (!isKind(error, 'alreadyExists')) throw error;
    const what = `listener ${spec.port}`;
    const there = (await listenersOf(context, arn, { signal })).find(({ port }) => port === spec.port);
    const found = there && (await context.tags.read([there.arn], { signal })).get(there.arn);
    if (there === undefined || found === undefined) throw vanished(error, what);
    assertOurs(error, { what, found, wanted: tags });
    await calls.elbv2(new ModifyListenerCommand({ ListenerArn: there.arn, ...wire }), { signal });
    return { arn: there.arn };
  }
}

/** Exactly one certificate, the default one; the SNI list has operations of its own. */
function wireListener(spec: ListenerSpec, look: Look, secrets: ClientSecrets) {
  return {
    Port: spec.port,
    Protocol: spec.protocol,
    DefaultActions: wireActions(resolvedActions(spec.defaultActions, look), secrets),
    ...(spec.sslPolicy === undefined ? {} : { SslPolicy: spec.sslPolicy }),
    ...(spec.certificateArn === undefined ? {} : { Certificates: [{ CertificateArn: spec.certificateArn }] }),
    ...(spec.mutualAuthentication === undefined
      ? {}
      : { MutualAuthentication: wireMutualAuthentication(spec.mutualAuthentication) }),
  };
}

function wireMutualAuthentication(wanted: DesiredMutualAuthentication) {
  return {
    Mode: wanted.mode,
    TrustStoreArn: wanted.trustStoreArn,
    IgnoreClientCertificateExpiry: wanted.ignoreClientCertificateExpiry,
    AdvertiseTrustStoreCaNames: wanted.advertiseTrustStoreCaNames,
  };
}

/** Actions with the ARNs that AWS gave to target groups of this execution. */
export function resolvedActions(
  actions: readonly KnownAction[],
  look: Look,
): readonly Action<TargetGroupArn>[] {
  return actions.map((action) =>
    action.kind === 'forward'
      ? {
          ...action,
          targetGroups: action.targetGroups.map(({ targetGroup, weight }) => ({
            targetGroup: look(targetGroup),
            weight,
          })),
        }
      : action,
  );
}

export const forwardsToNew = (actions: readonly KnownAction[]): boolean =>
  actions.some(
    (action) =>
      action.kind === 'forward' && action.targetGroups.some(({ targetGroup }) => isNew(targetGroup)),
  );
