// The rules of the shop and what they find: some alerts stand since the mock began, the fast burn follows the faults.
import { faultShare, noise } from "./shop.mjs";

const started = Date.now();
const minutesAgo = (minutes) => started - minutes * 60_000;

/** The mock's fast burn is seen within seconds: over this window, beyond this share of faulty time. */
const BURN_SECONDS = 20;
const BURN_SHARE = 0.65;

const alerting = (group, alertname, severity, query, forSeconds, summary) => ({ group, type: "alerting", name: alertname, query, duration: forSeconds, labels: { severity }, annotations: { summary } });
const recording = (group, name, query) => ({ group, type: "recording", name, query });

const RULES = [
  alerting("meta", "Watchdog", "none", "vector(1)", 0, "The alert that always fires, so that its absence is noticed"),
  alerting("meta", "WALSyncSlow", "warning", 'lgtm_wal_sync_seconds{quantile="0.99"} > 0.5', 300, "Writing the journal is slow"),
  alerting("meta", "RuleEvaluationsMissed", "warning", "increase(prometheus_rule_group_iterations_missed_total[5m]) > 0", 300, "Rules are evaluated late"),
  alerting("meta", "NotificationsFail", "critical", "rate(alertmanager_notifications_failed_total[5m]) > 0", 300, "Nobody is told of alerts"),
  alerting("host", "CPUHigh", "warning", '100 * (1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[5m]))) > 80', 300, "The processor is over 80% busy"),
  alerting("host", "CPUCritical", "critical", '100 * (1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[5m]))) > 90', 600, "The processor is over 90% busy"),
  alerting("host", "MemoryHigh", "warning", "100 * (1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes) > 80", 300, "Memory is over 80% used"),
  alerting("host", "DiskFullSoon", "warning", 'predict_linear(node_filesystem_avail_bytes{mountpoint="/"}[6h], 86400) < 0', 600, "The disk will be full within 24 hours"),
  alerting("probes", "ServiceDown", "critical", "probe_success == 0", 120, "The probe has failed for two minutes"),
  alerting("probes", "LatencyHigh", "warning", "probe_duration_seconds > 1", 300, "The probe takes more than a second"),
  alerting("probes", "TLSExpiresSoon", "warning", "probe_ssl_earliest_cert_expiry - time() < 14 * 86400", 0, "The certificate expires within 14 days"),
  alerting("slo", "SLOFastBurn", "critical", "slo:burn_rate:1h > 14.4 and slo:burn_rate:5m > 14.4", 120, "The error budget burns 14.4 times too fast"),
  alerting("slo", "SLOSlowBurn", "warning", "slo:burn_rate:6h > 5 and slo:burn_rate:30m > 5", 900, "The error budget burns 5 times too fast"),
  recording("slo", "slo:good:increase5m", 'sum by (slo) (increase(http_requests_total{status_code!~"5.."}[5m]))'),
  recording("slo", "slo:total:increase5m", "sum by (slo) (increase(http_requests_total[5m]))"),
  recording("slo", "slo:burn_rate:1h", "(1 - sum_over_time(slo:good:increase5m[1h]) / sum_over_time(slo:total:increase5m[1h])) / 0.005"),
  recording("host", "instance:node_cpu:ratio", '1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[5m]))'),
  { ...recording("broken", "host:load:ratio", "node_load1 / on(instance) count by (instance, cpu) (node_cpu_seconds_total)"), lastError: "found duplicate series for the match group {instance=\"host:9100\"} on the right hand-side of the operation" },
];

// What stands: rule, further labels, value, minutes since its condition became true.
const STANDING = [
  ["Watchdog", {}, "1", 95],
  ["ServiceDown", { instance: "10.0.0.7:9104", service: "legacy", job: "blackbox-http" }, "0", 14],
  ["CPUHigh", { instance: "host:9100", job: "host" }, "86.4%", 47],
  ["CPUHigh", { instance: "10.0.0.7:9104", job: "host" }, "93.1%", 16],
  ["LatencyHigh", { instance: "10.0.0.7:9104", service: "legacy", job: "blackbox-http" }, "2.3 s", 15],
  ["DiskFullSoon", { instance: "host:9100", mountpoint: "/", job: "host" }, "full in 21 h", 3, "pending"],
  ["TLSExpiresSoon", { instance: "https://shop.example", service: "gateway", job: "blackbox-http" }, "11 days left", 1460],
];

function alertOf(name, extra, value, since, state = "firing") {
  const rule = RULES.find((found) => found.name === name);
  const labels = { alertname: name, severity: rule.labels.severity, ...extra };
  const annotations = {
    summary: rule.annotations.summary,
    description: `${rule.annotations.summary} on ${extra.instance ?? "this server"}; the value was ${value} when it began.`,
    value,
    dashboard_url: name.startsWith("SLO") ? "/slo?slo=shop-requests" : "/#title-saturation-host",
    runbook_url: `https://lgtm.example/runbooks/${name}`,
  };
  return { rule, state, labels, annotations, since, value };
}

/** The alerts of this moment. */
export function currentAlerts() {
  const now = Date.now() / 1000;
  const standing = STANDING.map(([name, extra, value, minutes, state]) => alertOf(name, extra, value, minutesAgo(minutes), state));
  const share = faultShare("/api/checkout", now - BURN_SECONDS, now);
  if (share < BURN_SHARE / 2) return standing;
  const state = share > BURN_SHARE ? "firing" : "pending";
  return [...standing, alertOf("SLOFastBurn", { slo: "shop-requests", service: "gateway" }, `${(22 * share).toFixed(1)}×`, Math.round(now - BURN_SECONDS) * 1000, state)];
}

const iso = (ms) => new Date(ms).toISOString();
const asRuleAlert = ({ state, labels, annotations, since, value }) => ({ state, labels, annotations, activeAt: iso(since), value: Number.isNaN(Number.parseFloat(value)) ? "1e+00" : Number.parseFloat(value).toExponential() });

/** `/prometheus/api/v1/alerts` */
export function answerRuleAlerts() {
  return { status: "success", data: { alerts: currentAlerts().map(asRuleAlert) } };
}

/** `/prometheus/api/v1/rules` */
export function answerRules() {
  const alerts = currentAlerts();
  const groups = [...new Set(RULES.map(({ group }) => group))].map((group) => {
    const seconds = 15;
    const last = Math.floor(Date.now() / 1000 / seconds) * seconds * 1000;
    const rules = RULES.filter((rule) => rule.group === group).map(({ lastError, ...rule }) => {
      const own = alerts.filter((alert) => alert.labels.alertname === rule.name);
      const state = own.some((alert) => alert.state === "firing") ? "firing" : own.length > 0 ? "pending" : "inactive";
      const health = { health: lastError === undefined ? "ok" : "err", lastError: lastError ?? "", lastEvaluation: iso(last), evaluationTime: 0.000_4 + noise(rule.name) * 0.003 };
      return rule.type === "recording" ? { ...rule, ...health } : { ...rule, keepFiringFor: 0, state, alerts: own.map(asRuleAlert), ...health };
    });
    return { name: group, file: `content/rules/${group}.yml`, interval: seconds, limit: 0, evaluationTime: rules.reduce((sum, rule) => sum + rule.evaluationTime, 0), lastEvaluation: iso(last), rules };
  });
  return { status: "success", data: { groups } };
}
