import { Counter, Gauge, Histogram, Registry } from '@prometheus-io/client';
import { type Labels, type MetricDefinition, type MetricName, metricTable } from './metric-table.ts';

type NamesOf<Type extends MetricDefinition['type']> = {
  [Name in MetricName]: (typeof metricTable)[Name]['type'] extends Type ? Name : never;
}[MetricName];

/** The process's metrics. Names and labels are checked by the compiler against the table. */
export type Metrics = {
  readonly increment: <Name extends NamesOf<'counter'>>(
    name: Name,
    labels: Labels<Name>,
    by?: number,
  ) => void;
  readonly set: <Name extends NamesOf<'gauge'>>(name: Name, labels: Labels<Name>, value: number) => void;
  /** Drops every labelled value of a gauge, before the present ones are set. */
  readonly clear: (name: NamesOf<'gauge'>) => void;
  readonly observe: <Name extends NamesOf<'histogram'>>(
    name: Name,
    labels: Labels<Name>,
    value: number,
  ) => void;
  /** Calls back before each rendering, for gauges that are told from what the process knows then. */
  readonly onRender: (collect: () => void) => void;
  /** The text format of Prometheus, and its content type. */
  readonly render: () => Promise<{ readonly contentType: string; readonly body: string }>;
};

/** A registry of its own, so that two controllers in one process (tests, the sandbox) do not meet. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const counters = new Map<string, Counter<string>>();
  const gauges = new Map<string, Gauge<string>>();
  const histograms = new Map<string, Histogram<string>>();
  for (const [name, definition] of Object.entries<MetricDefinition>(metricTable)) {
    const options = {
      name,
      help: definition.help,
      labelNames: Object.keys(definition.labels),
      registers: [registry],
    };
    if (definition.type === 'counter') counters.set(name, new Counter(options));
    if (definition.type === 'gauge') gauges.set(name, new Gauge(options));
    if (definition.type === 'histogram') {
      histograms.set(name, new Histogram({ ...options, buckets: [...(definition.buckets ?? [])] }));
    }
    for (const labels of closedLabels(definition)) {
      counters.get(name)?.inc(labels, 0);
      gauges.get(name)?.set(labels, 0);
    }
  }
  const collectors: (() => void)[] = [];
  return {
    increment: (name, labels, by = 1) => counters.get(name)?.inc(text(labels), by),
    set: (name, labels, value) => gauges.get(name)?.set(text(labels), value),
    clear: (name) => gauges.get(name)?.reset(),
    observe: (name, labels, value) => histograms.get(name)?.observe(text(labels), value),
    onRender: (collect) => void collectors.push(collect),
    render: async () => {
      for (const collect of collectors) collect();
      return { contentType: registry.contentType, body: await registry.metrics() };
    },
  };
}

/** Every combination of labels whose values are all known beforehand: a series that starts at zero can be alarmed on. */
function closedLabels({ labels }: MetricDefinition): readonly Readonly<Record<string, string>>[] {
  let combinations: readonly Readonly<Record<string, string>>[] = [{}];
  for (const [label, values] of Object.entries(labels)) {
    if (values === 'open') return [];
    combinations = combinations.flatMap((labelled) =>
      values.map((value) => ({ ...labelled, [label]: value })),
    );
  }
  return combinations;
}

/** Labels<Name> holds strings only, which the compiler does not see while Name is open. */
const text = (labels: object): Record<string, string> => ({ ...labels }) as Record<string, string>;
