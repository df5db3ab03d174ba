import type { TestContext } from 'node:test';
import { plainAccess } from '../../../src/kube/kube-config.ts';
import { type KubeTransport, kubeTransport } from '../../../src/kube/transport.ts';
import { type KubeSimulator, startKubeSimulator } from '../../../src/simulator/kube/simulator.ts';

/** A local Kubernetes API and a transport to it, both ended with the test. */
export async function localApi(
  context: TestContext,
): Promise<{ readonly api: KubeSimulator; readonly transport: KubeTransport }> {
  const api = await startKubeSimulator({ createNamespaces: true });
  const transport = kubeTransport(plainAccess(api.url));
  context.after(async () => {
    await transport.close();
    await api.close();
  });
  return { api, transport };
}
