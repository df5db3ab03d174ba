// The controller as main.ts puts it together, on the simulation's clock and without sockets.

import { type Aws, createAws } from '../../src/aws/aws.ts';
import { refusalOf } from '../../src/aws/errors.ts';
import type { Config } from '../../src/config/load.ts';
import type { Bequest } from '../../src/engine/bequest.ts';
import { Engine } from '../../src/engine/engine.ts';
import { ClusterWatch } from '../../src/kube/cluster-watch.ts';
import { EventRecorder } from '../../src/kube/events.ts';
import { ChangeLog } from '../../src/kube/change-log.ts';
import { runAsLeader } from '../../src/kube/lease.ts';
import type { Clock } from '../../src/lib/clock.ts';
import { aborted } from '../../src/lib/abort.ts';
import { writePort } from '../../src/controller/write-port.ts';
import type { ControlPlane } from '../../src/simulator/aws/control-plane.ts';
import type { ServerContext } from '../../src/simulator/kube/http/server.ts';
import type { KubeRequest, KubeTransport } from '../../src/kube/transport.ts';
import type { Log } from '../../src/telemetry/log.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { callsTo, type Around } from './aws-calls.ts';
import { inProcessTransport } from './kube-transport.ts';

export type ControllerWorld = {
  readonly config: Config;
  readonly clock: Clock;
  readonly controlPlane: ControlPlane;
  readonly api: ServerContext;
  readonly random: () => number;
  readonly overTheWire: boolean;
  readonly leaderElection: boolean;
  /** What the process before it left; empty after one that was killed. */
  readonly left: readonly Bequest[];
  /** Stands around each request to AWS of a process that lives. */
  readonly around: Around;
  /** Stands around each write to the API server of a process that lives, but for those of events. */
  readonly aroundWrite: Around;
  readonly onKubeFault: (kind: string) => void;
  /** An error of the log: a bug. */
  readonly onBug: (message: string) => void;
};

const namespace = 'kube-system';
const never = (): Promise<never> => new Promise(() => undefined);

/** One process. `kill` ends it in the middle of whatever it does, as a power failure would. */
export class ControllerProcess {
  readonly #world: ControllerWorld;
  readonly #stop = new AbortController();
  #alive = true;
  #cut = false;
  #worked: Promise<void> = Promise.resolve();
  engine: Engine | undefined;
  isLeading = false;

  constructor(world: ControllerWorld) {
    this.#world = world;
  }

  start(name: string): void {
    this.#worked = this.#run(name).catch((error: unknown) => {
      // Leadership that is lost ends a process; everything else would be a crash.
      this.#alive = false;
      if (!(error instanceof Error && error.name === 'LeadershipLostError'))
        this.#world.onBug(`the process ended: ${error instanceof Error ? error.stack : String(error)}`);
    });
  }

  get alive(): boolean {
    return this.#alive;
  }

  kill(): void {
    this.#alive = false;
  }

  /** Ends it in order; resolves with what it leaves. */
  async end(): Promise<readonly Bequest[]> {
    this.#stop.abort(new Error('the process ends'));
    await this.#worked;
    const left = this.engine?.bequests() ?? [];
    this.kill();
    return left;
  }

  /** Nothing gets through to the API server any more. */
  cut(): void {
    this.#cut = true;
  }

  async #run(name: string): Promise<void> {
    const { config, controlPlane, api, random, leaderElection } = this.#world;
    const clock = this.#clock();
    const log = this.#log();
    const transport = this.#watched(
      inProcessTransport(api, {
        clock,
        onFault: this.#world.onKubeFault,
        isCut: () => this.#cut || !this.#alive,
      }),
    );
    const watch = new ClusterWatch({ transport, clock, log, random, pods: 'gated' });
    const recorder = new EventRecorder({ transport, clock, log, component: 'albatross', instance: name });
    watch.start();
    await watch.ready();
    const { core } = config;
    const aws: Aws = createAws({
      calls: callsTo({
        controlPlane,
        clock,
        random,
        overTheWire: this.#world.overTheWire,
        around: (send) => this.#around(send, this.#world.around),
      }),
      clock,
      vpcId: core.vpcId,
      clusterName: core.clusterName,
      clientSecret: (hash) => watch.clientSecret(hash),
    });
    const changes = new ChangeLog({ transport, namespace, clock, log });
    const engine = new Engine({
      ...config.engine,
      changes: {
        wrote: (change) => changes.wrote(change),
        drifted: (group, drift) => changes.drifted(group, drift.open),
      },
      config: core,
      clock,
      aws: { ...aws, refusalOf },
      cluster: {
        snapshot: () => watch.snapshot(),
        onChange: (listener) => watch.onChange(listener),
        podEnding: async () => undefined,
      },
      write: writePort(transport, recorder, clock),
      log,
      metrics: createMetrics(),
      random,
    });
    const work = async (leading: AbortSignal): Promise<void> => {
      this.engine = engine;
      this.isLeading = true;
      changes.start();
      engine.start(this.#world.left);
      await aborted(leading);
      await engine.stop(3000);
      this.isLeading = false;
    };
    const { signal } = this.#stop;
    if (!leaderElection) return work(signal);
    return runAsLeader({
      transport,
      clock,
      log,
      signal,
      work,
      namespace,
      name: 'albatross',
      identity: name,
      monotonic: () => clock.now(),
    });
  }

  #watched(transport: KubeTransport): KubeTransport {
    const isWrite = ({ method, path }: KubeRequest): boolean => method !== 'GET' && !path.includes('/events');
    return {
      ...transport,
      call: (wanted) =>
        isWrite(wanted)
          ? this.#around(() => transport.call(wanted), this.#world.aroundWrite)
          : transport.call(wanted),
    };
  }

  /** Neither sends nor hears anything once it is dead. */
  async #around<T>(send: () => Promise<T>, around: Around): Promise<T> {
    if (!this.#alive) return never();
    try {
      const answer = await around(async () => {
        if (!this.#alive) return never();
        return send();
      });
      return this.#alive ? answer : await never();
    } catch (error) {
      return this.#alive ? Promise.reject(error as Error) : never();
    }
  }

  #clock(): Clock {
    const { clock } = this.#world;
    return {
      now: () => clock.now(),
      sleep: async (ms, options) => {
        await clock.sleep(ms, options);
        if (!this.#alive) await never();
      },
    };
  }

  #log(): Log {
    const silent = (): void => undefined;
    return {
      debug: silent,
      info: silent,
      warn: silent,
      error: ({ err }, message) => {
        if (this.#alive) this.#world.onBug(`${message}: ${err instanceof Error ? err.stack : String(err)}`);
      },
      child: () => this.#log(),
    };
  }
}
