// The notifier over the shop's alerts: silences kept in memory, one inhibition (a service that is down explains its own
// symptoms), and the preview of what a silence would mute.
import { randomUUID } from "node:crypto";
import { noise } from "./shop.mjs";
import { currentAlerts } from "./rules.mjs";

const iso = (ms) => new Date(ms).toISOString();
const equal = (name, value) => ({ name, value, isRegex: false, isEqual: true });
const HOUR = 3_600_000;

const silences = new Map();

function keep(matchers, from, to, createdBy, comment) {
  const id = randomUUID();
  silences.set(id, { id, matchers, startsAt: iso(from), endsAt: iso(to), updatedAt: iso(Date.now()), createdBy, comment });
  return id;
}

keep([equal("alertname", "TLSExpiresSoon"), { name: "instance", value: "https://shop\\..*", isRegex: true, isEqual: true }], Date.now() - HOUR, Date.now() + 30 * HOUR, "ada", "The new certificate is ordered; it arrives tomorrow");
keep([equal("alertname", "CPUHigh"), equal("instance", "host:9100")], Date.now() - 9 * HOUR, Date.now() - 5 * HOUR, "grace", "Load test");

function stateOf({ startsAt, endsAt }) {
  const now = Date.now();
  return Date.parse(endsAt) <= now ? "expired" : Date.parse(startsAt) > now ? "pending" : "active";
}

function matches(matchers, labels) {
  return matchers.every(({ name, value, isRegex, isEqual }) => {
    const own = labels[name] ?? "";
    return (isRegex ? new RegExp(`^(?:${value})$`).test(own) : own === value) === (isEqual ?? true);
  });
}

const fingerprint = (labels) => Math.floor(noise(JSON.stringify(labels)) * 2 ** 32).toString(16).padStart(16, "0");

function notifierAlerts() {
  const alerts = currentAlerts().filter(({ state }) => state === "firing");
  const down = alerts.filter(({ labels }) => labels.alertname === "ServiceDown");
  return alerts.map(({ rule, labels, annotations, since }) => {
    const silencedBy = [...silences.values()].filter((silence) => stateOf(silence) === "active" && matches(silence.matchers, labels)).map(({ id }) => id);
    const source = /^(?:CPU|Memory|Disk|Latency)/.test(labels.alertname) ? down.find((found) => found.labels.instance === labels.instance) : undefined;
    const inhibitedBy = source === undefined ? [] : [fingerprint(source.labels)];
    return {
      labels: { ...labels, environment: "demo" },
      annotations,
      startsAt: iso(since + rule.duration * 1000),
      endsAt: iso(Date.now() + 240_000),
      updatedAt: iso(Date.now()),
      fingerprint: fingerprint(labels),
      generatorURL: `http://127.0.0.1/graph?g0.expr=${encodeURIComponent(rule.query)}&g0.tab=1`,
      receivers: [{ name: labels.alertname === "Watchdog" ? "deadman" : "slack" }],
      status: { state: silencedBy.length + inhibitedBy.length > 0 ? "suppressed" : "active", silencedBy, inhibitedBy, mutedBy: [] },
    };
  });
}

function checked(matchers) {
  if (!Array.isArray(matchers) || matchers.length === 0) throw new Error("at least one matcher required");
  for (const { value, isRegex } of matchers) if (isRegex) RegExp(value);
  return matchers;
}

/** Answers what lies below `/alertmanager/api/v2`; undefined when nothing does. */
export function answerNotifier(method, path, body) {
  if (method === "GET" && path === "/alerts") return notifierAlerts();
  if (method === "GET" && path === "/alerts/groups") {
    const alerts = notifierAlerts();
    return [...new Set(alerts.map(({ labels }) => labels.alertname))].map((alertname) => {
      const members = alerts.filter(({ labels }) => labels.alertname === alertname);
      return { labels: { alertname }, receiver: members[0].receivers[0], alerts: members };
    });
  }
  if (method === "GET" && path === "/silences") return [...silences.values()].map((silence) => ({ ...silence, status: { state: stateOf(silence) } }));
  if (method === "POST" && path === "/silences/preview") {
    const matchers = checked(JSON.parse(body).matchers);
    const alerts = notifierAlerts();
    return { alerts: alerts.filter(({ labels }) => matches(matchers, labels)), firing: alerts.length };
  }
  if (method === "POST" && path === "/silences") {
    const { matchers, startsAt, endsAt, createdBy, comment } = JSON.parse(body);
    if (Date.parse(endsAt) <= Date.parse(startsAt)) throw new Error("end time must be after start time");
    return { silenceID: keep(checked(matchers), Date.parse(startsAt), Date.parse(endsAt), createdBy, comment) };
  }
  if (method === "DELETE" && path.startsWith("/silence/")) {
    const silence = silences.get(path.slice("/silence/".length));
    if (silence === undefined) return undefined;
    silence.endsAt = iso(Date.now());
    return {};
  }
  return undefined;
}
