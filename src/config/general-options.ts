// The rows of the options table that say which cluster this is, and what of it and of the controller is used.

import { defaultFeatureGates, parseFeatureGates } from './feature-gates.ts';
import { option } from './option.ts';
import { matching, oneOf, text } from './values.ts';

export const generalOptions = {
  clusterName: option({
    name: 'cluster-name',
    argument: 'name',
    parse: matching(
      /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/,
      'a cluster name (letters, digits, “.”, “_”, “-”, 100 at most)',
    ),
    fallback: undefined,
    env: ['ALBATROSS_CLUSTER_NAME'],
    group: 'General',
    doc: 'Name of the cluster. Part of every AWS name and tag, so it never changes. Required.',
  }),
  compatibility: option({
    name: 'compatibility',
    argument: 'none|albc',
    parse: oneOf('none', 'albc'),
    fallback: 'none' as const,
    group: 'General',
    doc: 'albc: take over from the AWS Load Balancer Controller: its controller name, class annotation, finalizers and ways of rendering.',
  }),
  kubeconfig: option({
    name: 'kubeconfig',
    argument: 'file',
    parse: text,
    fallback: undefined,
    env: ['KUBECONFIG'],
    group: 'General',
    doc: 'How to reach the API server; without it the service account of the pod, or ~/.kube/config outside a cluster.',
  }),
  watchNamespace: option({
    name: 'watch-namespace',
    argument: 'namespace',
    parse: matching(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$|^$/, 'the name of a namespace'),
    fallback: undefined,
    group: 'General',
    doc: 'Watch one namespace only.',
  }),
  featureGates: option({
    name: 'feature-gates',
    argument: 'Gate=true,…',
    parse: parseFeatureGates,
    fallback: defaultFeatureGates(),
    group: 'General',
    doc: 'Switches features on and off; the gates are listed below.',
  }),
};
