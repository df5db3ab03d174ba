import type { ClusterObject, Node } from '../../../src/core/domain/cluster.ts';
import { otherClusterOf } from '../../../src/core/domain/cluster-uid.ts';
import type { CoreConfig } from '../../../src/core/domain/config.ts';
import { Engine } from '../../../src/engine/engine.ts';
import { VirtualClock } from '../../../src/lib/virtual-clock.ts';
import type { Log, LogFields } from '../../../src/telemetry/log.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';
import { ingress, ingressClass, meta, rule, service } from '../../support/builders.ts';
import { coreConfig } from '../../support/core-config.ts';
import { FakeAws } from './fake-aws.ts';
import { FakeCluster } from './fake-cluster.ts';

export const node = (name: string, ready: Node['ready'] = 'True'): Node => ({
  kind: 'Node',
  meta: meta('Node', name),
  providerId: `aws:///us-west-2a/i-${name}`,
  ready,
  taints: [],
  unschedulable: false,
  internalIps: ['10.0.0.1'],
});

export type Line = { readonly level: string; readonly message: string; readonly fields: LogFields };

/** Engine, cluster and AWS of one test, on a clock that stands still; class `alb`, Service `web/front` and two nodes exist. */
export class World {
  readonly clock = new VirtualClock(0);
  metrics = createMetrics();
  readonly aws: FakeAws;
  readonly cluster = new FakeCluster();
  readonly lines: Line[] = [];
  readonly #config: CoreConfig;
  readonly #auditIntervalMs: number;
  /** For the engine that is started next. */
  targetBackOffMs = 300_000;
  draining: 'ignored' | 'followed' | 'annotated' = 'ignored';
  engine: Engine;

  constructor(config: Partial<CoreConfig> = {}, auditIntervalMs = 300_000, aws = new FakeAws()) {
    this.aws = aws;
    this.#config = coreConfig(config);
    this.aws.clusterName = this.#config.clusterName;
    this.aws.isOthers = (tags) => otherClusterOf(tags, this.#config) !== undefined;
    this.#auditIntervalMs = auditIntervalMs;
    this.cluster.put(ingressClass(), service('web/front'), node('a'), node('b'));
    this.engine = this.#engine();
  }

  /** Starts the engine and lets it come to rest. */
  async start(): Promise<void> {
    this.engine.start();
    await this.rest();
  }

  /** Time for debounce, work and the passes that follow; less than an audit. */
  async rest(ms = 5000): Promise<void> {
    await this.clock.advance(ms);
  }

  /** A new process: what was in memory is gone. */
  async restart(): Promise<void> {
    await this.engine.stop(0);
    this.engine = this.#engine();
    await this.start();
  }

  /** A new process that begins with what the last one left; `between` happens while there is none. */
  async succeed(between: () => void = () => undefined): Promise<void> {
    await this.engine.stop(0);
    const left = structuredClone(this.engine.bequests());
    this.engine = this.#engine();
    between();
    this.engine.start(left);
    await this.rest();
  }

  #engine(): Engine {
    return new Engine({
      config: this.#config,
      clock: this.clock,
      aws: this.aws.port(),
      cluster: this.cluster.port(),
      write: this.cluster.writePort(),
      log: this.#log({}),
      metrics: this.metrics,
      groupConcurrency: 3,
      targetConcurrency: 3,
      auditIntervalMs: this.#auditIntervalMs,
      targetBackOffMs: this.targetBackOffMs,
      draining: this.draining,
      provisioningIntervalMs: 20_000,
      random: () => 0,
    });
  }

  #log(bound: LogFields): Log {
    const line = (level: string) => (fields: LogFields, message: string) => {
      this.lines.push({ level, message, fields: { ...bound, ...fields } });
    };
    return {
      debug: line('debug'),
      info: line('info'),
      warn: line('warn'),
      error: line('error'),
      child: (fields) => this.#log({ ...bound, ...fields }),
    };
  }
}

/** Calls that write. */
export const writes = (calls: readonly string[]): readonly string[] =>
  calls.filter((call) => !/^(inventory|observe|facts)/.test(call));

export const site = (path = '/') =>
  ingress('web/site', { rules: [rule('app.example.com', { [path]: 'front:80' })] });

/** A world at rest with these objects; what it did to get there is forgotten. */
export async function running(...objects: readonly ClusterObject[]): Promise<World> {
  const world = new World();
  world.cluster.put(...objects);
  await world.start();
  world.aws.taken();
  world.cluster.told();
  return world;
}
