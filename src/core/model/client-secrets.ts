// The Secret of an OIDC provider (albc-behaviour §8.3): found in the Ingress's namespace, or a reason why it is no use.

import { fullKey } from '../annotations/table.ts';
import type { Secret } from '../domain/cluster.ts';
import { namespacedName } from '../domain/ids.ts';
import type { MemberContext, ProblemWords } from './context.ts';
import { stage } from './stage.ts';

export type Client = { readonly clientId: string; readonly clientSecretHash: string };

/** Client id and hash of the client secret; undefined when they cannot be had, which is reported to the member. */
export function clientOf(context: MemberContext, secretName: string): Client | undefined {
  const id = namespacedName(context.ingress.meta.namespace, secretName);
  const secret = context.snapshot.secrets.get(id);
  const values = secret?.values;
  const refuse = (words: Words): undefined => report(context, id, words);
  if (secretName === '') return refuse(noName);
  if (secret === undefined && !context.snapshot.complete.has('Secret')) return refuse(notRead);
  if (secret === undefined || values === undefined) return refuse(notFound(secretName));
  const unlabelled = missingLabel(context, secret);
  if (unlabelled !== undefined) return refuse(unlabelled);
  const { clientId, clientSecret } = values;
  if (clientId === undefined) return refuse(missingKey('clientID', id));
  if (clientSecret === undefined) return refuse(missingKey('clientSecret', id));
  return { clientId, clientSecretHash: clientSecret.hash };
}

/** `what` continues "Secret web/oidc, which auth-idp-oidc names, "; `albc` are ALBC's words without its prefix. */
type Words = { readonly what: string; readonly hint: string; readonly albc?: string };

function report(context: MemberContext, id: string, { what, hint, albc }: Words): undefined {
  const words: ProblemWords = {
    code: 'SecretUnusable',
    path: `metadata.annotations[${fullKey('auth-idp-oidc')}]`,
    message: `Ingress ${context.id}: the Secret ${id}, which ${fullKey('auth-idp-oidc')} names, ${what}; the Ingress is held, because serving it without sign-in would open it to everybody`,
    hint,
    ...(albc === undefined ? { albcEvent: 'none' } : { albcMessage: `ingress: ${context.id}: ${albc}` }),
  };
  context.report(stage.rules, words);
  return undefined;
}

/** ALBC waits for the answer; we go on with the others. */
const notRead: Words = {
  what: 'has not been read yet',
  hint: 'Nothing to do if it was named just now; else allow the ServiceAccount of the controller to get, list and watch this Secret',
};

const noName: Words = {
  what: 'has no name',
  hint: `Set secretName in ${fullKey('auth-idp-oidc')}`,
  albc: 'resource name may not be empty',
};

const notFound = (name: string): Words => ({
  what: 'does not exist',
  hint: 'Create it in the namespace of the Ingress, with the keys clientID and clientSecret',
  albc: `secrets "${name}" not found`,
});

const missingKey = (key: 'clientID' | 'clientSecret', id: string): Words => ({
  what: `has no ${key}`,
  hint: `Add the key ${key} to the Secret`,
  albc: `missing ${key}, secret: ${id}`,
});

function missingLabel({ config }: MemberContext, { meta }: Secret): Words | undefined {
  const wanted = config.requiredSecretsLabel;
  if (wanted === undefined || meta.labels[wanted.key] === wanted.value) return undefined;
  const label = `${wanted.key}=${wanted.value}`;
  const labels = Object.entries(meta.labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const shown = labels.map(([key, value]) => `${key}:${value}`).join(' ');
  return {
    what: `does not have the label ${label} that --required-secrets-label asks for`,
    hint: `Label the Secret with ${label}`,
    albc: `secret ${namespacedName(meta.namespace, meta.name)} is missing required label ${label}; actual labels: map[${shown}]`,
  };
}
