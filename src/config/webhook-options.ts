// The rows of the options table that concern admission.

import { flag, option } from './option.ts';
import { integer, text } from './values.ts';

/** Where ALBC's chart mounts the certificate without telling the controller. */
const defaultCertDir = '/tmp/k8s-webhook-server/serving-certs';

export const webhookOptions = {
  webhookBindPort: option({
    name: 'webhook-bind-port',
    argument: 'port',
    parse: integer(0, 65_535),
    fallback: 9443,
    group: 'Webhooks',
    doc: 'Port of the admission webhooks, on all addresses.',
  }),
  webhookCertDir: option({
    name: 'webhook-cert-dir',
    argument: 'folder',
    parse: text,
    fallback: defaultCertDir,
    group: 'Webhooks',
    doc: 'Folder with the certificate of the webhooks. Where the option is not given, webhooks are served only if the default folder has a certificate when the controller starts.',
  }),
  webhookCertFile: option({
    name: 'webhook-cert-file',
    argument: 'name',
    parse: text,
    fallback: 'tls.crt',
    group: 'Webhooks',
    doc: 'Name of the certificate in that folder; it is read again when it changes.',
  }),
  webhookKeyFile: option({
    name: 'webhook-key-file',
    argument: 'name',
    parse: text,
    fallback: 'tls.key',
    group: 'Webhooks',
    doc: 'Name of its private key in that folder.',
  }),
  kubeCaPemFilepath: option({
    name: 'kube-ca-pem-filepath',
    argument: 'file',
    parse: text,
    fallback: undefined,
    group: 'Webhooks',
    doc: 'Serve the webhooks only to clients with a certificate of this authority: the API server’s.',
  }),
  disableIngressClassAnnotation: flag(
    'disable-ingress-class-annotation',
    false,
    'Webhooks',
    'Refuse new use of the annotation kubernetes.io/ingress.class with our class; needs the webhook.',
  ),
  disableIngressGroupNameAnnotation: flag(
    'disable-ingress-group-name-annotation',
    false,
    'Webhooks',
    'Refuse new or changed group.name annotations; needs the webhook.',
  ),
  enablePodReadinessGateInject: flag(
    'enable-pod-readiness-gate-inject',
    true,
    'Webhooks',
    'Give new pods in labelled namespaces the readiness gates of their target groups; needs the webhook.',
  ),
};
