/**
 * What the runtime measures, as an interface: a registry with an exposition format belongs to a platform
 * (`host/platform/node/metrics.ts`). Names are controller-runtime's and client-go's where they mean the same.
 */
export type Labels = Readonly<Record<string, string>>;
export type MetricType = "counter" | "gauge" | "histogram";
export interface MetricDefinition { readonly type: MetricType; readonly help: string; readonly labels: readonly string[] }

export interface Metrics {
  /** Adds to a counter. */
  add(name: MetricName, labels: Labels, by?: number): void;
  /** Sets a gauge. */
  set(name: MetricName, labels: Labels, value: number): void;
  /** Has a gauge read when somebody looks: for what changes more often than that. */
  gauge(name: MetricName, labels: Labels, read: () => number): void;
  /** Puts a value into a histogram: seconds, or fuel. */
  observe(name: MetricName, labels: Labels, value: number): void;
}

export const NO_METRICS: Metrics = { add: () => undefined, set: () => undefined, gauge: () => undefined, observe: () => undefined };

function define(type: MetricType, help: string, ...labels: string[]): MetricDefinition {
  return { type, help, labels };
}

export const METRICS = {
  controller_runtime_reconcile_total: define("counter", "Passes, by result.", "controller", "result"),
  controller_runtime_reconcile_errors_total: define("counter", "Passes that failed.", "controller"),
  controller_runtime_reconcile_time_seconds: define("histogram", "Length of a pass.", "controller"),
  controller_runtime_active_workers: define("gauge", "Passes under way.", "controller"),
  controller_runtime_max_concurrent_reconciles: define("gauge", "Passes that may be under way at a time.", "controller"),
  workqueue_depth: define("gauge", "Objects waiting for a pass.", "name", "controller"),
  workqueue_adds_total: define("counter", "Objects queued.", "name", "controller"),
  workqueue_queue_duration_seconds: define("histogram", "Time an object waited for its pass.", "name", "controller"),
  workqueue_work_duration_seconds: define("histogram", "Time a pass took.", "name", "controller"),
  workqueue_retries_total: define("counter", "Objects queued again after a failure.", "name", "controller"),
  rest_client_requests_total: define("counter", "Writes sent, by HTTP status and method.", "code", "method", "host"),
  leader_election_master_status: define("gauge", "1 while this host holds the Lease.", "name"),
  toque_pass_fuel: define("histogram", "Fuel that the runs of one pass used.", "operator"),
  toque_actions_total: define("counter", "Actions, by type and what became of them.", "operator", "type", "outcome"),
  toque_applies_skipped_total: define("counter", "Applies that were not sent because nothing would have changed.", "operator"),
  toque_core_failures_total: define("counter", "Runs of a core that failed, by code.", "operator", "code"),
  toque_events_dropped_total: define("counter", "Events that were not sent, to spare the API server.", "operator"),
} satisfies Record<string, MetricDefinition>;
export type MetricName = keyof typeof METRICS;
