import { Counter, Gauge, type Histogram, type MetricType, type Registry } from 'prom-client';

import type { HistogramCounts } from '../core/latency-histogram.js';

/** All of Lanecast's metrics begin with this. */
const PREFIX = 'lanecast_';

export function gauge<L extends string = never>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: L[] = [],
): Gauge<L> {
  return new Gauge({ name: PREFIX + name, help, labelNames, registers: [registry] });
}

/**
 * Quantiles that are computed elsewhere, over a window: what Prometheus calls a summary, here without the sum and the
 * count (`promtool check metrics` takes the label `quantile` in no other type). `labelNames` without `quantile`.
 */
export function quantiles<L extends string = never>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: L[] = [],
): Gauge<L | 'quantile'> {
  return new Quantiles({
    name: PREFIX + name,
    help,
    labelNames: [...labelNames, 'quantile'] as const,
    registers: [registry],
  });
}

class Quantiles<L extends string> extends Gauge<L> {
  override async get() {
    // prom-client writes the names of types, whatever its enumeration is declared as.
    return { ...(await super.get()), type: 'summary' as unknown as MetricType };
  }
}

/** A counter that is kept elsewhere: `set` brings it to a total. */
export function counter<L extends string = never>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: L[] = [],
) {
  const metric = new Counter({ name: PREFIX + name, help, labelNames, registers: [registry] });
  return {
    reset: () => metric.reset(),
    set: (labels: Partial<Record<L, string>>, total: number) => metric.inc(labels, total),
  };
}

/**
 * A histogram of durations that is counted elsewhere, in the frame path, where a client library has no business: `set`
 * brings it to those counts. Buckets are shown in seconds.
 */
export function histogram(registry: Registry, name: string, help: string, labelName: string) {
  const metric = new SuppliedHistogram(PREFIX + name, help, labelName);
  // The registry asks a metric for no more than this one has; the declared type is that of prom-client's own classes.
  registry.registerMetric(metric as unknown as Histogram);
  return { set: (value: string, counts: HistogramCounts) => metric.supplied.set(value, counts) };
}

class SuppliedHistogram {
  readonly supplied = new Map<string, HistogramCounts>();
  readonly name: string;
  readonly help: string;
  readonly type = 'histogram';
  readonly aggregator = 'sum';
  readonly #labelName: string;

  constructor(name: string, help: string, labelName: string) {
    this.name = name;
    this.help = help;
    this.#labelName = labelName;
  }

  get() {
    const { name, help, type, aggregator } = this;
    const values = [...this.supplied].flatMap(([value, counts]) => this.#values(value, counts));
    return Promise.resolve({ name, help, type, aggregator, values });
  }

  reset(): void {
    this.supplied.clear();
  }

  #values(value: string, { boundsMs, cumulative, sumMs }: HistogramCounts) {
    const labels = { [this.#labelName]: value };
    const bounds = [...boundsMs.map((bound) => bound / 1000), '+Inf'];
    return [
      ...cumulative.map((count, i) => ({
        metricName: `${this.name}_bucket`,
        labels: { ...labels, le: bounds[i]! },
        value: count,
      })),
      { metricName: `${this.name}_sum`, labels, value: sumMs / 1000 },
      { metricName: `${this.name}_count`, labels, value: cumulative.at(-1) ?? 0 },
    ];
  }
}
