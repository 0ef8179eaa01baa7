import type { Threshold } from "../../panels/options";
import type { Unit } from "../../lib/units";

/** One query of a chart; `{{label}}` in the legend stands for a label's value. */
export interface SignalQuery {
  /** PromQL; `$window` becomes the window of the rates, which follows the step. */
  expr: string;
  legend: string;
}

/** One chart of the golden-signals page. */
export interface Signal {
  id: "latency" | "traffic" | "errors" | "errors-by-endpoint" | "saturation-service" | "saturation-host";
  title: string;
  hint: string;
  unit: Unit;
  /** The least top of the value axis. */
  top?: number;
  thresholds: readonly Threshold[];
  queries: readonly SignalQuery[];
  /** The metrics it stands on, named when there is no data. */
  metrics: readonly string[];
}

const BUCKETS = "sum by (le) (rate(http_request_duration_seconds_bucket[$window]))";

/** The page's charts in reading order, with the exact queries. */
export const SIGNALS: readonly Signal[] = [
  {
    id: "latency",
    title: "Latency",
    hint: "time to answer, all endpoints",
    unit: "seconds",
    thresholds: [{ value: 1, severity: "warning" }],
    queries: [
      { expr: `histogram_quantile(0.5, ${BUCKETS})`, legend: "p50" },
      { expr: `histogram_quantile(0.95, ${BUCKETS})`, legend: "p95" },
      { expr: `histogram_quantile(0.99, ${BUCKETS})`, legend: "p99" },
    ],
    metrics: ["http_request_duration_seconds_bucket"],
  },
  {
    id: "traffic",
    title: "Traffic",
    hint: "requests per second by endpoint",
    unit: "per-second",
    thresholds: [],
    queries: [{ expr: "sum by (endpoint) (rate(http_requests_total[$window]))", legend: "{{endpoint}}" }],
    metrics: ["http_requests_total"],
  },
  {
    id: "errors",
    title: "Errors",
    hint: "share of answers with status 5xx",
    unit: "percent",
    top: 6,
    thresholds: [
      { value: 1, severity: "warning" },
      { value: 5, severity: "critical" },
    ],
    queries: [
      {
        // Without `or vector(0)` a service that never failed would have no series, and the chart would look broken.
        expr: '100 * (sum(rate(http_requests_total{status_code=~"5.."}[$window])) or vector(0)) / sum(rate(http_requests_total[$window]))',
        legend: "all endpoints",
      },
    ],
    metrics: ["http_requests_total"],
  },
  {
    id: "errors-by-endpoint",
    title: "Errors by endpoint",
    hint: "share of answers with status 5xx",
    unit: "percent",
    top: 6,
    thresholds: [
      { value: 1, severity: "warning" },
      { value: 5, severity: "critical" },
    ],
    queries: [
      {
        expr: '100 * (sum by (endpoint) (rate(http_requests_total{status_code=~"5.."}[$window])) or 0 * sum by (endpoint) (rate(http_requests_total[$window]))) / sum by (endpoint) (rate(http_requests_total[$window]))',
        legend: "{{endpoint}}",
      },
    ],
    metrics: ["http_requests_total"],
  },
  {
    id: "saturation-service",
    title: "Saturation: services",
    hint: "processor and memory of the processes",
    unit: "percent",
    top: 100,
    thresholds: [{ value: 90, severity: "critical" }],
    queries: [
      { expr: "max by (job) (process_cpu_usage_percent)", legend: "CPU {{job}}" },
      { expr: "max by (job) (process_memory_usage_percent)", legend: "memory {{job}}" },
    ],
    metrics: ["process_cpu_usage_percent", "process_memory_usage_percent"],
  },
  {
    id: "saturation-host",
    title: "Saturation: hosts",
    hint: "processor and memory of the machines",
    unit: "percent",
    top: 100,
    thresholds: [{ value: 90, severity: "critical" }],
    queries: [
      { expr: '100 * (1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[$window])))', legend: "CPU {{instance}}" },
      { expr: "100 * (1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes)", legend: "memory {{instance}}" },
    ],
    metrics: ["node_cpu_seconds_total", "node_memory_MemAvailable_bytes"],
  },
];

/** A signal's name for a series. */
export function legendText(legend: string, metric: Record<string, string>): string {
  const text = legend.replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => metric[label] ?? "").trim();
  return text === "" ? "value" : text;
}
