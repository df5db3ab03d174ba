// The one thing that we take from client-node at run time. `kube-config.ts` loads this file when it is needed: a dynamic import
// of the package itself would put all of it, 16 MB of model classes, into the bundle.

export { KubeConfig } from '@kubernetes/client-node';
