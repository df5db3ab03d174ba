import { stringify } from 'yaml';

/** A kubeconfig for the simulator, as YAML text; `token` when it wants one. */
export function kubeconfigText(options: {
  readonly url: string;
  readonly token: string | undefined;
  readonly namespace: string;
}): string {
  const name = 'albatross';
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server: options.url } }],
    users: [{ name, user: options.token === undefined ? {} : { token: options.token } }],
    contexts: [{ name, context: { cluster: name, user: name, namespace: options.namespace } }],
    'current-context': name,
  });
}
