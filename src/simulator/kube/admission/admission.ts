// Admission webhooks as the API server calls them: for creations and updates over HTTP and for `submit`.

import { randomUUID } from 'node:crypto';
import { ApiError } from '../api-error.ts';
import type { Json, JsonObject } from '../json.ts';
import { at, listOf, objectOf, present, textOf } from '../json.ts';
import type { KubeObject } from '../object.ts';
import { type AdmissionAsk, OvertakenError, type Writing, type Written } from '../object-api.ts';
import { jsonPatch } from '../patch/json-patch.ts';
import type { Store } from '../store.ts';
import { callWebhook, type ServiceAddress } from './call.ts';
import { type RegisteredWebhook, registeredWebhooks } from './registered.ts';

export type { ServiceAddress } from './call.ts';

export class Admission {
  readonly #store: Store;
  readonly #addressOf: ServiceAddress | undefined;

  constructor(store: Store, addressOf: ServiceAddress | undefined) {
    this.#store = store;
    this.#addressOf = addressOf;
  }

  /**
   * Carries out a write and asks the registered webhooks where it stops for them; where none is registered it does not
   * wait. A write that was overtaken begins anew. @throws ApiError as the API server words it.
   */
  async carryOut<T extends Written>(start: () => Writing<T>): Promise<T> {
    for (;;) {
      try {
        return await this.#drive(start());
      } catch (error) {
        if (!(error instanceof OvertakenError)) throw error;
      }
    }
  }

  async #drive<T extends Written>(writing: Writing<T>): Promise<T> {
    const warnings: string[] = [];
    let step = writing.next();
    while (step.done !== true) {
      const ask = step.value;
      const webhooks = registeredWebhooks(this.#store, ask);
      step = writing.next(webhooks.length === 0 ? ask.object : await this.#answer(ask, webhooks, warnings));
    }
    return { ...step.value, warnings: [...step.value.warnings, ...warnings] };
  }

  /** One after the other, each seeing what the ones before made of the object. */
  async #answer(
    ask: AdmissionAsk,
    webhooks: readonly RegisteredWebhook[],
    warnings: string[],
  ): Promise<KubeObject> {
    let { object } = ask;
    for (const webhook of webhooks) {
      const response = await this.#call(webhook, { ...ask, object });
      if (response === undefined) continue;
      warnings.push(...listOf(response['warnings']).map(textOf));
      if (response['allowed'] !== true) throw denied(webhook.name, response['status']);
      if (ask.phase === 'mutating') object = patched(object, response);
    }
    return object;
  }

  /** Undefined when it cannot be called and that is to be ignored. */
  async #call(webhook: RegisteredWebhook, ask: AdmissionAsk): Promise<JsonObject | undefined> {
    const uid = randomUUID();
    try {
      const answer = await callWebhook(webhook, reviewOf(ask, uid), this.#addressOf);
      const response = objectOf(at(answer, 'response'));
      if (response['uid'] !== uid) throw new Error(`expected response.uid=${JSON.stringify(uid)}`);
      return response;
    } catch (error) {
      if (webhook.failurePolicy === 'Ignore') return undefined;
      throw failed(webhook.name, error);
    }
  }
}

function reviewOf({ target, object, old, dryRun }: AdmissionAsk, uid: string): JsonObject {
  const { group, version, kind, plural } = target.resource;
  const resource = { group, version, resource: plural };
  return {
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: present({
      uid,
      kind: { group, version, kind },
      resource,
      subResource: target.subresource === '' ? undefined : target.subresource,
      requestKind: { group, version, kind },
      requestResource: resource,
      name: object.metadata.name,
      namespace: target.resource.namespaced ? target.namespace : undefined,
      operation: old === undefined ? 'CREATE' : 'UPDATE',
      userInfo: { username: 'sandbox', groups: ['system:masters', 'system:authenticated'] },
      object,
      oldObject: old ?? null,
      dryRun,
      options: null,
    }),
  };
}

function patched(object: KubeObject, response: JsonObject): KubeObject {
  const patch = textOf(response['patch']);
  if (patch === '') return object;
  const operations = JSON.parse(Buffer.from(patch, 'base64').toString('utf8')) as Json;
  // A webhook may change anything but what makes the object this one.
  return { ...jsonPatch(object, operations), apiVersion: object.apiVersion, kind: object.kind } as KubeObject;
}

/** k8s.io/apiserver ToStatusErr. */
function denied(name: string, status: Json | undefined): ApiError {
  const message = textOf(at(status, 'message'));
  const reason = textOf(at(status, 'reason'));
  const why = message || reason;
  const code = Number(at(status, 'code') ?? 0);
  return new ApiError({
    code: code < 400 ? 400 : code,
    reason,
    message: `admission webhook "${name}" denied the request${why === '' ? ' without explanation' : `: ${why}`}`,
  });
}

function failed(name: string, error: unknown): ApiError {
  const why = error instanceof Error ? error.message : String(error);
  return new ApiError({
    code: 500,
    reason: 'InternalError',
    message: `Internal error occurred: failed calling webhook "${name}": ${why}`,
  });
}
