import { labelSelector, topLevel } from './meta.ts';
import * as s from './schema.ts';

const webhook = s.openObject('v1.Webhook', {
  name: s.string,
  clientConfig: s.object('v1.WebhookClientConfig', {
    url: s.string,
    service: s.object('v1.ServiceReference', {
      namespace: s.string,
      name: s.string,
      path: s.string,
      port: s.int32,
    }),
    caBundle: s.bytes,
  }),
  rules: s.atomicList(
    s.object('v1.RuleWithOperations', {
      operations: s.atomicList(s.string),
      apiGroups: s.atomicList(s.string),
      apiVersions: s.atomicList(s.string),
      resources: s.atomicList(s.string),
      scope: s.string,
    }),
  ),
  failurePolicy: s.string,
  matchPolicy: s.string,
  sideEffects: s.string,
  timeoutSeconds: s.int32,
  admissionReviewVersions: s.atomicList(s.string),
  namespaceSelector: labelSelector,
  objectSelector: labelSelector,
});

export const validating = topLevel('v1.ValidatingWebhookConfiguration', {
  webhooks: s.keyedList(webhook, 'name'),
});
export const mutating = topLevel('v1.MutatingWebhookConfiguration', {
  webhooks: s.keyedList(webhook, 'name'),
});
