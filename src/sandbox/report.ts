import type { Ingress, TargetGroupBinding } from '../core/domain/cluster.ts';
import type { KubeObject } from '../simulator/kube/object.ts';
import type { OpenListener } from '../simulator/dataplane/data-plane.ts';
import { requestsFor } from './requests.ts';

/** Where a report looks. */
export type Sight = {
  readonly ingresses: () => readonly Ingress[];
  /** Those that users wrote. */
  readonly bindings: () => readonly TargetGroupBinding[];
  /** Why an Ingress is not the controller's; undefined when it is. */
  readonly whyNotOurs: (ingress: Ingress) => string | undefined;
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

/** Says what became of each Ingress and how to reach it, and of each TargetGroupBinding; a warning is told once each time that it comes. */
export class Report {
  readonly #sight: Sight;
  readonly #print: (line: string) => void;
  readonly #told = new Map<string, number>();
  #last = '';

  constructor(sight: Sight, print: (line: string) => void) {
    this.#sight = sight;
    this.#print = print;
  }

  /** False: an Ingress of ours has no load balancer, or a binding fills nothing. What was said last time is not said again when `onlyNews`. */
  async tell({ onlyNews = false }: { readonly onlyNews?: boolean } = {}): Promise<boolean> {
    await this.#tellWarnings();
    const ingresses = this.#sight.ingresses();
    const bindings = this.#sight.bindings();
    const lines = [
      ...ingresses.flatMap((ingress) => this.#linesOf(ingress)),
      ...bindings.flatMap(linesOfBinding),
      '',
    ];
    const text = lines.join('\n');
    if (!onlyNews || text !== this.#last) this.#print(text);
    this.#last = text;
    const isGood = (ingress: Ingress) =>
      ingress.status.length > 0 || this.#sight.whyNotOurs(ingress) !== undefined;
    return ingresses.every(isGood) && bindings.every(isServed);
  }

  #linesOf(ingress: Ingress): readonly string[] {
    const { namespace, name } = ingress.meta;
    if (ingress.status.length === 0) {
      const why = this.#sight.whyNotOurs(ingress);
      return ['', `Ingress ${namespace}/${name}: no load balancer${why === undefined ? '' : `; ${why}`}`];
    }
    const requests = requestsFor(ingress, this.#sight.listeners() ?? []);
    return [
      '',
      `Ingress ${namespace}/${name}: ${ingress.status.map(({ hostname }) => hostname).join(', ')}`,
      ...requests.map(({ url, curl }) => `  ${url.padEnd(44)} ${curl}`),
    ];
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

const isServed = ({ meta, observedGeneration }: TargetGroupBinding): boolean =>
  observedGeneration >= meta.generation;

function linesOfBinding(binding: TargetGroupBinding): readonly string[] {
  const { meta, targetGroupArn, targetGroupName, service } = binding;
  const says = isServed(binding)
    ? `fills target group ${targetGroupName ?? targetGroupArn} from Service ${service.name}`
    : 'fills nothing';
  return ['', `TargetGroupBinding ${meta.namespace}/${meta.name}: ${says}`];
}
