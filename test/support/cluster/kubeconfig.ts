// The text of a kubeconfig file with one cluster and one bearer token.

export type TokenAccess = { readonly url: string; readonly caFile: string; readonly token: string };

/** JSON, which is YAML, so that no value needs quoting rules of its own. */
export function kubeconfigText({ url, caFile, token }: TokenAccess): string {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'local', cluster: { server: url, 'certificate-authority': caFile } }],
    users: [{ name: 'local', user: { token } }],
    contexts: [{ name: 'local', context: { cluster: 'local', user: 'local' } }],
    'current-context': 'local',
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}
