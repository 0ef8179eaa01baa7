// Objectives over the shop, on windows that are scaled 12:1: what failed is what the faults made fail.
import { drift, faultShare } from "./shop.mjs";

const SCALE = 12;
const DAY = 86_400;
const WINDOW = 30 * DAY;

/** Requests per second of the whole shop. */
const RATE = 36;

// The share that is bad in calm times, and the one that a fault of the checkout adds.
const SLOS = [
  { name: "shop-requests", displayName: "Shop requests", service: "gateway", description: "Requests that the gateway answers without a server error", objective: 0.995, calm: 0.0021, faulty: 0.11 },
  { name: "shop-latency", displayName: "Shop latency", service: "gateway", description: "Requests that the gateway answers within 500 ms", objective: 0.99, calm: 0.0062, faulty: 0.1 },
  { name: "shop-probes", displayName: "Shop reachable", service: "shop", description: "Probes of the shop's front page that succeed", objective: 0.995, calm: 0.0001, faulty: 0, rate: 1 / 15 },
  { name: "legacy-probes", displayName: "Legacy billing reachable", service: "legacy", description: "Probes of the old billing service that succeed", objective: 0.9, calm: 0.0731, faulty: 0, rate: 1 / 15 },
];

// The fast tier is measured over less than it says, so that a browser test sees it burn.
const TIERS = [
  { window: "1h", effectiveWindow: "5m", shortWindow: "5m", seconds: 20, threshold: 14.4, severity: "critical" },
  { window: "6h", effectiveWindow: "30m", shortWindow: "30m", seconds: 1800, threshold: 5, severity: "warning" },
];

function badShare(slo, time, seconds) {
  return slo.calm * (1 + 0.2 * drift(slo.name, time, 60)) + slo.faulty * faultShare("/api/checkout", time - seconds, time);
}

const burnAt = (slo, seconds) => (time) => badShare(slo, time, seconds) / (1 - slo.objective);
// The budget's window is longer than the mock has lived; what lies before it was calm.
const consumedAt = (slo) => (time) => (slo.calm + (slo.faulty * faultShare("/api/checkout", time - 7200, time)) / 10) / (1 - slo.objective);

const selector = (slo) => `{slo="${slo.name}"}`;

function stateOf(consumed) {
  if (consumed >= 1) return "freeze";
  if (consumed >= 0.75) return "pause";
  return consumed >= 0.5 ? "review" : "normal";
}

function describe(slo, now) {
  const { name, displayName, service, description, objective, rate = RATE } = slo;
  const total = Math.round((rate * WINDOW) / SCALE);
  const consumed = consumedAt(slo)(now);
  const good = Math.round(total * (1 - consumed * (1 - objective)));
  const burnRates = TIERS.filter((tier) => tier.threshold * (1 - objective) <= 1).map(({ seconds, ...tier }) => ({ ...tier, rate: burnAt(slo, seconds)(now) }));
  const burning = burnAt(slo, TIERS[0].seconds)(now) > TIERS[0].threshold;
  const rateNow = burnRates[0]?.rate ?? 0;
  return {
    name,
    displayName,
    service,
    description,
    objective,
    windowSeconds: WINDOW,
    effectiveWindowSeconds: WINDOW / SCALE,
    sli: good / total,
    good,
    total,
    budgetTotalSeconds: WINDOW * (1 - objective),
    budgetRemaining: 1 - consumed,
    budgetConsumed: consumed,
    burnRates,
    state: stateOf(consumed),
    stateSince: new Date((now - 5400) * 1000).toISOString(),
    exhaustsInSeconds: rateNow > 1 ? ((1 - consumed) * WINDOW) / SCALE / rateNow : null,
    measuredFraction: name === "legacy-probes" ? 0.971 : 1,
    alerts: burning && name === "shop-requests" ? [{ name: "SLOFastBurn", state: "firing", instance: null }] : [],
    queries: { sli: `slo:sli:ratio${selector(slo)}`, burn: `slo:burn_rate${selector(slo)}`, budget: `slo:budget_remaining:ratio${selector(slo)}` },
  };
}

/** `/lgtm/api/v1/slos` */
export function answerSlos() {
  const now = Date.now() / 1000;
  return { status: "success", data: { scale: SCALE, slos: SLOS.map((slo) => describe(slo, now)) } };
}

/** The series behind the page's charts; undefined for other queries. */
export function sloSeries(query) {
  const slo = SLOS.find(({ name }) => query.includes(`{slo="${name}"}`));
  if (slo === undefined) return undefined;
  const metric = { slo: slo.name };
  if (query.startsWith("slo:burn_rate")) return TIERS.map(({ window, seconds }) => ({ metric: { ...metric, window }, at: burnAt(slo, seconds) }));
  if (query.startsWith("slo:budget_remaining")) return [{ metric, at: (time) => 1 - consumedAt(slo)(time) }];
  return [{ metric, at: (time) => 1 - badShare(slo, time, 300) }];
}
