// Answers the queries of the golden-signals and SLO pages by recognising them; it evaluates no PromQL.
import { drift, ENDPOINTS, faultShare, noise, rateAt } from "./shop.mjs";
import { sloSeries } from "./slo.mjs";

const quantiles = { 0.5: 0.024, 0.95: 0.105, 0.99: 0.19 };

// The fault slows 62% of the checkout requests, about a sixth of all: p95 and p99 rise, p50 hardly.
function latency(quantile, time) {
  const share = faultShare("/api/checkout", time - 60, time);
  const slow = quantile === 0.5 ? 0.012 * share : (quantile === 0.95 ? 1.25 : 1.86) * Math.min(1, share * 2);
  return quantiles[quantile] * (1 + 0.14 * drift(`p${quantile}`, time, 45) + 0.06 * noise("p", quantile, time)) + slow;
}

function errorPercent(endpoint, time) {
  const usual = Math.max(0, 0.25 + 0.3 * drift(`${endpoint.path}e`, time, 40));
  return usual + 62 * faultShare(endpoint.path, time - 60, time);
}

function overallErrors(time) {
  const total = ENDPOINTS.reduce((sum, endpoint) => sum + rateAt(endpoint, time), 0);
  return ENDPOINTS.reduce((sum, endpoint) => sum + errorPercent(endpoint, time) * rateAt(endpoint, time), 0) / total;
}

const byEndpoint = (of) => ENDPOINTS.map((endpoint) => ({ metric: { endpoint: endpoint.path }, at: (time) => of(endpoint, time) }));
const level = (key, base, swing, faulty) => (time) =>
  base + swing * drift(key, time, 50) + 0.15 * swing * noise(key, time) + faulty * faultShare("/api/checkout", time - 15, time);

function seriesOf(query) {
  const slo = sloSeries(query);
  if (slo !== undefined) return slo;
  const quantile = /histogram_quantile\((0\.\d+)/.exec(query);
  if (quantile !== null) return [{ metric: {}, at: (time) => latency(Number(quantile[1]), time) }];
  if (query.includes("5..")) return query.includes("by (endpoint)") ? byEndpoint(errorPercent) : [{ metric: {}, at: overallErrors }];
  if (query.includes("http_requests_total")) return byEndpoint(rateAt);
  if (query.includes("process_cpu")) return [{ metric: { job: "shop" }, at: level("pc", 23, 6, 24) }];
  if (query.includes("process_memory")) return [{ metric: { job: "shop" }, at: level("pm", 41, 2, 5) }];
  if (query.includes("node_cpu")) return [{ metric: { instance: "host:9100" }, at: level("nc", 34, 9, 18) }];
  if (query.includes("node_memory")) return [{ metric: { instance: "host:9100" }, at: level("nm", 57, 1.5, 1) }];
  return [];
}

/** A range query. The shop's history reaches back two hours. */
export function answerRange(params) {
  const [start, end, step] = ["start", "end", "step"].map((name) => Number(params.get(name)));
  const query = params.get("query") ?? "";
  if (!(step > 0) || (end - start) / step > 11_000) throw new Error("exceeded maximum resolution of 11,000 points per timeseries");
  const now = Date.now() / 1000;
  const result = seriesOf(query).map(({ metric, at }) => {
    const values = [];
    for (let time = start; time <= Math.min(end, now); time += step) if (time > now - 7200) values.push([time, String(at(time))]);
    return { metric, values };
  });
  return { status: "success", data: { resultType: "matrix", result: result.filter((series) => series.values.length > 0) } };
}

/** An instant query. */
export function answerInstant(params) {
  const time = Number(params.get("time"));
  const query = params.get("query") ?? "";
  const result = query.startsWith("up ") || query.includes("timestamp(") ? [] : seriesOf(query);
  return {
    status: "success",
    data: { resultType: "vector", result: result.map(({ metric, at }) => ({ metric, value: [time, String(at(time))] })) },
  };
}

/** The scrape targets, one of them down. */
export function answerTargets() {
  const target = (job, instance, health, lastError, ago) => ({
    discoveredLabels: { __address__: instance, job },
    labels: { job, instance },
    scrapePool: job,
    scrapeUrl: `http://${instance}/metrics`,
    globalUrl: `http://${instance}/metrics`,
    lastError,
    lastScrape: new Date(Date.now() - ago).toISOString(),
    lastScrapeDuration: 0.004_2,
    health,
    scrapeInterval: "15s",
    scrapeTimeout: "10s",
  });
  const activeTargets = [
    target("shop", "127.0.0.1:8080", "up", "", 3200),
    target("host", "127.0.0.1:9100", "up", "", 8100),
    target("lgtm", "127.0.0.1:9090", "up", "", 12_400),
    target("legacy", "10.0.0.7:9104", "down", "connect to 10.0.0.7:9104: connection refused", 4700),
  ];
  return { status: "success", data: { activeTargets, droppedTargets: [] } };
}
