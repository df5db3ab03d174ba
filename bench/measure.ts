import { type InProcessController, startInProcess } from '../src/sandbox/in-process-controller.ts';
import { type LocalWorld, startLocalWorld } from '../src/sandbox/local-world.ts';
import { instantKnobs } from '../src/simulator/aws/knobs.ts';
import { createLog } from '../src/telemetry/log.ts';
import { ingressClass } from './manifests.ts';

/** What one piece of work cost: calls to AWS, and seconds from the change in the cluster to the last answer of AWS. */
export type Cost = {
  readonly calls: number;
  readonly writes: number;
  readonly seconds: number;
  readonly operations: Readonly<Record<string, number>>;
};

export class Bench {
  readonly world: LocalWorld;
  /** For the controllers that are started next; a busy machine loses its Lease. */
  hasLease = false;
  #controller: InProcessController | undefined;

  private constructor(world: LocalWorld) {
    this.world = world;
  }

  /** A local world in which every AWS call takes `latencyMs`, without a controller yet. Targets are healthy at once. */
  static async start(latencyMs: number): Promise<Bench> {
    const quotas = {
      'application-load-balancers': 1000,
      'rules-per-application-load-balancer': 1000,
      'target-groups-per-application-load-balancer': 1000,
    };
    const world = await startLocalWorld({
      clusterName: 'bench',
      region: 'us-west-2',
      hosts: [],
      knobs: { ...instantKnobs, latencyMs, quotas },
    });
    world.kube.store.apply([ingressClass]);
    return new Bench(world);
  }

  /** `rationed` false: as fast as the local AWS answers, for what is only built to be measured later. */
  async startController({ rationed }: { readonly rationed: boolean } = { rationed: true }): Promise<void> {
    const { world } = this;
    const endpoints = ['Elastic Load Balancing v2', 'EC2', 'ACM']
      .map((name) => `${name}=${world.aws.url}`)
      .join(',');
    this.#controller = await startInProcess({
      flags: new Map([
        ['cluster-name', 'bench'],
        ['aws-region', 'us-west-2'],
        ['aws-vpc-id', world.id('vpc')],
        ['aws-api-endpoints', endpoints],
        ['enable-leader-election', String(this.hasLease)],
        ['leader-election-namespace', 'kube-system'],
      ]),
      kubeconfig: world.kube.kubeconfig(),
      log: createLog('silent'),
      credentials: { accessKeyId: 'AKIDBENCH', secretAccessKey: 'bench' },
      rationed,
    });
    await this.rest();
  }

  async stopController(): Promise<void> {
    await this.#controller?.stop();
    this.#controller = undefined;
  }

  /** The next controller begins as after a process that was killed. */
  dropBequest(): void {
    const { store } = this.world.kube;
    const left = store.list('v1', 'ConfigMap', 'kube-system');
    store.remove(left.filter(({ metadata }) => metadata.name === 'albatross-bequest'));
  }

  rest(): Promise<void> {
    return this.#controller?.rest() ?? Promise.resolve();
  }

  /** Does the work, waits for rest and says what it cost. */
  async cost(work: () => void | Promise<void>): Promise<Cost> {
    const { trace, knobs } = this.world.aws;
    const mark = trace.mark;
    const begun = Date.now();
    await work();
    await this.rest();
    const entries = trace.entries(mark);
    const last = Math.max(begun, ...entries.map((entry) => entry.time + knobs.latencyMs));
    const operations: Record<string, number> = {};
    for (const { operation } of entries) operations[operation] = (operations[operation] ?? 0) + 1;
    return {
      calls: entries.length,
      writes: entries.filter((entry) => entry.mutating).length,
      seconds: (last - begun) / 1000,
      operations,
    };
  }

  async close(): Promise<void> {
    await this.stopController();
    await this.world.close();
  }
}
