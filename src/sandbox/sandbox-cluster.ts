import { writeFileSync } from 'node:fs';
import type { Ingress } from '../core/domain/cluster.ts';
import { policies } from '../core/domain/config.ts';
import { decodeObject } from '../kube/decode/decode-object.ts';
import { decodeManifests, manifestProblemText, type Manifests } from '../kube/manifest-files.ts';
import type { Manifest } from '../kube/manifest.ts';
import type { KubeObject } from '../simulator/kube/object.ts';
import type { LocalWorld } from './local-world.ts';
import { requestsFor } from './requests.ts';
import { classStandIn, serviceStandIns } from './stand-ins.ts';

export type SandboxClusterOptions = {
  readonly world: LocalWorld;
  readonly print: (line: string) => void;
  readonly compatibility: string;
  readonly kubeconfigPath: string;
};

/** The manifests of the files in the local cluster, and what there is to say about them. */
export class SandboxCluster {
  readonly #options: SandboxClusterOptions;
  #applied: readonly Manifest[] = [];
  readonly #told = new Set<string>();
  readonly #toldEvents = new Map<string, number>();

  constructor(options: SandboxClusterOptions) {
    this.#options = options;
  }

  /** Prints every write to AWS as it happens. */
  tellWrites(): void {
    const { world, print } = this.#options;
    let mark = world.aws.trace.mark;
    world.aws.onChange(() => {
      for (const { operation, params, errorCode, seq } of world.aws.trace.writes(mark)) {
        print(
          `  AWS ${operation} ${subjectOf(params)}${errorCode === undefined ? '' : ` refused: ${errorCode}`}`,
        );
        mark = seq + 1;
      }
    });
  }

  /** Makes the cluster hold what the files hold, with stand-ins for what they lack. False: something was refused. */
  apply({ manifests, problems }: Manifests): boolean {
    const { world, print, compatibility } = this.#options;
    const { store } = world.kube;
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

  /** Prints new warnings and, for each Ingress, the URLs and curl lines to try. False: an Ingress of ours has an error. */
  report(): boolean {
    const { world, print } = this.#options;
    const isGood = this.#tellWarnings();
    const listeners = world.dataPlane.listeners();
    for (const ingress of this.#ingresses()) {
      const { namespace, name } = ingress.meta;
      const [status] = ingress.status;
      print('');
      if (status === undefined) {
        print(`Ingress ${namespace}/${name}: no load balancer${this.#whyNot(ingress)}`);
        continue;
      }
      print(`Ingress ${namespace}/${name}: ${status.hostname}`);
      for (const { url, curl } of requestsFor(ingress, listeners)) print(`  ${url.padEnd(44)} ${curl}`);
    }
    print('');
    return isGood;
  }

  offerKubectl(): void {
    const { world, print, kubeconfigPath } = this.#options;
    writeFileSync(kubeconfigPath, world.kube.kubeconfig());
    print(`kubectl --kubeconfig ${kubeconfigPath} get ingress -A`);
  }

  #ingresses(): readonly Ingress[] {
    return this.#options.world.kube.store.list('networking.k8s.io/v1', 'Ingress').flatMap((raw) => {
      const object = decodeObject(raw);
      return object?.kind === 'Ingress' ? [object] : [];
    });
  }

  #whyNot(ingress: Ingress): string {
    const { kube } = this.#options.world;
    if (ingress.className === undefined) return '; it names no IngressClass and there is no default one';
    const found = kube.store.get({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'IngressClass',
      name: ingress.className,
    });
    if (found === undefined) return `; there is no IngressClass ${ingress.className}`;
    const controller = String((found['spec'] as { controller?: string } | undefined)?.controller ?? '');
    if (controller === 'albatross.dev/alb') return '';
    const hint = controller === 'ingress.k8s.aws/alb' ? '; add --compatibility=albc to serve it here' : '';
    return `; IngressClass ${ingress.className} is for ${controller}${hint}`;
  }

  #tellWarnings(): boolean {
    const { world, print } = this.#options;
    const warnings = (world.kube.store.list('v1', 'Event') as unknown as readonly EventObject[]).filter(
      ({ type }) => type === 'Warning',
    );
    for (const event of warnings) {
      const uid = event.metadata.uid ?? '';
      const count = event.count ?? 1;
      if (this.#toldEvents.get(uid) === count) continue;
      this.#toldEvents.set(uid, count);
      const { kind, namespace, name } = event.involvedObject ?? {};
      print(`Warning   ${kind} ${namespace}/${name} ${event.reason}: ${event.message}`);
    }
    return this.#ingresses().every((ingress) => ingress.status.length > 0 || this.#whyNot(ingress) !== '');
  }
}

type EventObject = KubeObject & {
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly count?: number;
  readonly involvedObject?: { readonly kind?: string; readonly namespace?: string; readonly name?: string };
};

function identityOf({ apiVersion, kind, namespace, name }: Manifest): string {
  return `${apiVersion} ${kind} ${namespace}/${name}`;
}

/** What a call is about, in a word: a name, or the last part of an ARN. */
function subjectOf(params: Readonly<Record<string, unknown>>): string {
  const key = [
    'Name',
    'GroupName',
    'RuleArn',
    'ListenerArn',
    'TargetGroupArn',
    'LoadBalancerArn',
    'GroupId',
  ].find((name) => params[name] !== undefined);
  const value = params[key ?? ''];
  const text = typeof value === 'string' ? value : '';
  return text.startsWith('arn:')
    ? text.replace(/^.*?:(?:loadbalancer|targetgroup|listener|listener-rule)\//, '')
    : text;
}
