import { policies } from '../core/domain/config.ts';
import { decodeManifests, manifestProblemText, type Manifests } from '../kube/manifest-files.ts';
import type { Manifest } from '../kube/manifest.ts';
import type { KubeSimulator } from '../simulator/kube/simulator.ts';
import { namedInAws } from './named-in-aws.ts';
import type { SandboxWorld } from './sandbox-world.ts';
import { classStandIn, secretStandIns, serviceStandIns } from './stand-ins.ts';

/** What an API server says of a kind that it does not have. */
const unknownKind = 'the server could not find the requested resource';

export type SandboxClusterOptions = {
  readonly kube: KubeSimulator;
  readonly standIn: SandboxWorld['standIn'];
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
    const { kube, print, compatibility, standIn } = this.#options;
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
    const standIns = [
      ...[classStandIn(decoded.objects, policy.controllers) ?? []].flat(),
      ...serviceStandIns(decoded.objects),
      ...secretStandIns(decoded.objects),
    ];
    const made = standIn(namedInAws(decoded.objects)).map(
      ({ kind, name }) => `${kind} ${name}: the manifests name it, and the local AWS had none`,
    );
    for (const note of [...standIns.map((one) => one.note), ...made]) {
      if (!this.#told.has(note)) print(`Stand-in  ${note}`);
      this.#told.add(note);
    }
    const answers = store.apply([
      ...standIns.map(({ object }) => object),
      ...manifests.map((manifest) => manifest.raw),
    ]);
    const unread = new Set(decoded.others.map(titleOf));
    const isLeftOut = ({ message, object }: (typeof answers)[number]) =>
      message === unknownKind && unread.has(object);
    for (const { object } of answers.filter(isLeftOut))
      print(`Left out  ${object}: the local cluster has no such kind, and the controller reads none`);
    const refused = answers.filter((answer) => !isLeftOut(answer));
    for (const { object, message } of refused) print(`Refused   ${object}: ${message}`);
    this.#applied = [
      ...manifests,
      ...this.#applied.filter(
        (manifest) => broken.has(manifest.position.file) && !wanted.has(identityOf(manifest)),
      ),
    ];
    print(`Applied   ${manifests.length - answers.length} objects, ${ingresses.length} of them Ingresses`);
    return refused.length === 0 && broken.size === 0 && decoded.problems.length === 0;
  }
}

const titleOf = ({ kind, namespace, name }: Manifest): string =>
  `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;

function identityOf({ apiVersion, kind, namespace, name }: Manifest): string {
  return `${apiVersion} ${kind} ${namespace}/${name}`;
}
