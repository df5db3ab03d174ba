import type { Ingress, IngressClass } from '../core/domain/cluster.ts';
import type { KubeObject } from '../simulator/kube/object.ts';
import type { OpenListener } from '../simulator/dataplane/data-plane.ts';
import { requestsFor } from './requests.ts';

/** Where a report looks. */
export type Sight = {
  readonly ingresses: () => readonly Ingress[];
  readonly ingressClass: (name: string) => IngressClass | undefined;
  /** Warnings about Ingresses, oldest first. */
  readonly warnings: () => Promise<readonly WarningEvent[]>;
  /** Undefined: this AWS answers no requests. */
  readonly listeners: () => readonly OpenListener[] | undefined;
};

export type WarningEvent = KubeObject & {
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly count?: number;
  readonly lastTimestamp?: string;
  readonly involvedObject?: { readonly kind?: string; readonly namespace?: string; readonly name?: string };
};

/** Says what became of each Ingress and how to reach it; a warning is told once each time that it comes. */
export class Report {
  readonly #sight: Sight;
  readonly #print: (line: string) => void;
  readonly #told = new Map<string, number>();
  #last = '';

  constructor(sight: Sight, print: (line: string) => void) {
    this.#sight = sight;
    this.#print = print;
  }

  /** False: an Ingress of ours has no load balancer. What was said last time is not said again when `onlyNews`. */
  async tell({ onlyNews = false }: { readonly onlyNews?: boolean } = {}): Promise<boolean> {
    await this.#tellWarnings();
    const ingresses = this.#sight.ingresses();
    const lines = [...ingresses.flatMap((ingress) => this.#linesOf(ingress)), ''];
    const text = lines.join('\n');
    if (!onlyNews || text !== this.#last) this.#print(text);
    this.#last = text;
    return ingresses.every((ingress) => ingress.status.length > 0 || this.#whyNot(ingress) !== '');
  }

  #linesOf(ingress: Ingress): readonly string[] {
    const { namespace, name } = ingress.meta;
    if (ingress.status.length === 0)
      return ['', `Ingress ${namespace}/${name}: no load balancer${this.#whyNot(ingress)}`];
    const requests = requestsFor(ingress, this.#sight.listeners() ?? []);
    return [
      '',
      `Ingress ${namespace}/${name}: ${ingress.status.map(({ hostname }) => hostname).join(', ')}`,
      ...requests.map(({ url, curl }) => `  ${url.padEnd(44)} ${curl}`),
    ];
  }

  #whyNot({ className }: Ingress): string {
    if (className === undefined) return '; it names no IngressClass and there is no default one';
    const found = this.#sight.ingressClass(className);
    if (found === undefined) return `; there is no IngressClass ${className}`;
    const { controller } = found;
    if (controller === 'albatross.dev/alb') return '';
    const hint = controller === 'ingress.k8s.aws/alb' ? '; add --compatibility=albc to serve it here' : '';
    return `; IngressClass ${className} is for ${controller}${hint}`;
  }

  async #tellWarnings(): Promise<void> {
    for (const event of await this.#sight.warnings()) {
      const { uid } = event.metadata;
      const count = event.count ?? 1;
      if (this.#told.get(uid) === count) continue;
      this.#told.set(uid, count);
      const { kind, namespace, name } = event.involvedObject ?? {};
      this.#print(`Warning   ${kind} ${namespace}/${name} ${event.reason}: ${event.message}`);
    }
  }
}
