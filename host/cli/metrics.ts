/** The runtime's metrics in a Prometheus registry. */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { METRICS, type Labels, type MetricName, type Metrics } from "../runtime/metrics.ts";

/** Seconds: from a pass that does nothing to a slow API server. */
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const FUEL = [1e3, 1e4, 3e4, 1e5, 3e5, 1e6, 3e6, 1e7, 3e7, 1e8];

export interface PrometheusMetrics extends Metrics { readonly registry: Registry }

export function prometheusMetrics(): PrometheusMetrics {
  const registry = new Registry();
  const counters = new Map<string, Counter>();
  const gauges = new Map<string, Gauge>();
  const histograms = new Map<string, Histogram>();
  const readers = new Map<string, { labels: Labels; read: () => number }[]>();
  for (const [name, { type, help, labels }] of Object.entries(METRICS)) {
    const common = { name, help, labelNames: [...labels], registers: [registry] };
    if (type === "counter") counters.set(name, new Counter(common));
    else if (type === "gauge") {
      const read = (): void => readers.get(name)?.forEach((reader) => gauges.get(name)?.set(reader.labels, reader.read()));
      gauges.set(name, new Gauge({ ...common, collect: read }));
    }
    else histograms.set(name, new Histogram({ ...common, buckets: name.endsWith("_seconds") ? SECONDS : FUEL }));
  }
  return {
    registry,
    add: (name: MetricName, labels: Labels, by = 1) => counters.get(name)?.inc(declared(name, labels), by),
    set: (name: MetricName, labels: Labels, value: number) => gauges.get(name)?.set(declared(name, labels), value),
    gauge: (name: MetricName, labels: Labels, read: () => number) => void readers.set(name, [...(readers.get(name) ?? []), { labels: declared(name, labels), read }]),
    observe: (name: MetricName, labels: Labels, value: number) => histograms.get(name)?.observe(declared(name, labels), value),
  };
}

/** A registry throws at a label that it does not know; a host must not end for that. */
function declared(name: MetricName, labels: Labels): Labels {
  const known: readonly string[] = METRICS[name].labels;
  for (const label in labels) if (!known.includes(label)) return Object.fromEntries(known.map((wanted) => [wanted, labels[wanted] ?? ""]));
  return labels;
}
