import { policies } from '../core/domain/config.ts';
import { decodeManifests, manifestProblemText, type Manifests } from '../kube/manifest-files.ts';
import type { Manifest } from '../kube/manifest.ts';
import type { KubeSimulator } from '../simulator/kube/simulator.ts';
import { classStandIn, serviceStandIns } from './stand-ins.ts';

export type SandboxClusterOptions = {
  readonly kube: KubeSimulator;
  readonly print: (line: string) => void;
  readonly compatibility: string;
};

/** The manifests of the files in the local cluster, and what there is to say about them. */
export class SandboxCluster {
  readonly #options: SandboxClusterOptions;
  #applied: readonly Manifest[] = [];
  readonly #told = new Set<string>();

  constructor(options: SandboxClusterOptions) {
    this.#options = options;
  }

  /** Makes the cluster hold what the files hold, with stand-ins for what they lack. False: something was refused. */
  apply({ manifests, problems }: Manifests): boolean {
    const { kube, print, compatibility } = this.#options;
    const { store } = kube;
    for (const problem of problems) print(manifestProblemText(problem));
    const decoded = decodeManifests(manifests);
    for (const problem of decoded.problems) print(manifestProblemText(problem));
    // A file that cannot be read keeps what it held before: half a file must not delete the other half.
    const broken = new Set(
      problems.filter((problem) => problem.severity === 'error').map((problem) => problem.file),
    );
    const wanted = new Set(manifests.map(identityOf));
    const gone = this.#applied.filter(
      (manifest) => !wanted.has(identityOf(manifest)) && !broken.has(manifest.position.file),
    );
    store.remove(gone.map((manifest) => manifest.raw));
    const ingresses = decoded.objects.filter((object) => object.kind === 'Ingress');
    const policy = policies[compatibility === 'albc' ? 'albc' : 'none'];
    const has = (namespace: string, name: string) =>
      decoded.objects.some(
        (object) =>
          object.kind === 'Service' && object.meta.namespace === namespace && object.meta.name === name,
      );
    const standIns = [
      ...[classStandIn(decoded.objects, policy.controllers) ?? []].flat(),
      ...serviceStandIns(ingresses, has),
    ];
    for (const { note } of standIns.filter(({ note: text }) => !this.#told.has(text))) {
      print(`Stand-in  ${note}`);
      this.#told.add(note);
    }
    const refused = store.apply([
      ...standIns.map(({ object }) => object),
      ...manifests.map((manifest) => manifest.raw),
    ]);
    for (const { object, message } of refused) print(`Refused   ${object}: ${message}`);
    this.#applied = [
      ...manifests,
      ...this.#applied.filter(
        (manifest) => broken.has(manifest.position.file) && !wanted.has(identityOf(manifest)),
      ),
    ];
    print(`Applied   ${manifests.length - refused.length} objects, ${ingresses.length} of them Ingresses`);
    return refused.length === 0 && broken.size === 0 && decoded.problems.length === 0;
  }
}

function identityOf({ apiVersion, kind, namespace, name }: Manifest): string {
  return `${apiVersion} ${kind} ${namespace}/${name}`;
}
