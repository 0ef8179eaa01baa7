// Traces of the shop's requests: gateway → service → users and payments → db.query.
import { noise, requestOf, requestsAt } from "./shop.mjs";

const base64 = (hex) => Buffer.from(hex, "hex").toString("base64");
const text = (key, value) => ({ key, value: { stringValue: value } });
const int = (key, value) => ({ key, value: { intValue: String(value) } });

function spansOf(request) {
  const { endpoint, traceId, start, duration, database, failed } = request;
  const spans = [];
  const add = (service, name, kind, parent, from, took, attributes, extra = {}) => {
    const id = Math.floor(noise(traceId, spans.length) * 2 ** 32).toString(16).padStart(8, "0") + spans.length.toString(16).padStart(8, "0");
    const nano = (seconds) => `${Math.floor(seconds * 1e6)}${String(Math.floor(noise(id) * 1000)).padStart(3, "0")}`;
    const span = { traceId: base64(traceId), spanId: base64(id), name, kind, startTimeUnixNano: nano(from), endTimeUnixNano: nano(from + took), attributes, status: {}, events: [], ...extra };
    if (parent !== undefined) span.parentSpanId = base64(parent);
    spans.push({ service, span });
    return { id, from, took };
  };
  const status = failed ? { status: { code: "STATUS_CODE_ERROR", message: "500 Internal Server Error" } } : {};
  const web = [text("http.request.method", endpoint.method), text("http.route", endpoint.path), int("http.response.status_code", failed ? 500 : 200)];
  const gateway = add("gateway", `${endpoint.method} ${endpoint.path}`, "SPAN_KIND_SERVER", undefined, start, duration, [...web, text("client.address", "10.1.4.22")], status);
  const rest = duration - database;
  const auth = add("gateway", "users.verify", "SPAN_KIND_CLIENT", gateway.id, start + rest * 0.04, rest * 0.16, [text("rpc.system", "grpc")]);
  add("users", "VerifyToken", "SPAN_KIND_SERVER", auth.id, auth.from + auth.took * 0.15, auth.took * 0.7, [text("rpc.method", "VerifyToken")]);
  const service = add(endpoint.service, `${endpoint.service}.handle`, "SPAN_KIND_SERVER", gateway.id, start + rest * 0.24, duration - rest * 0.3, web, status);
  add(endpoint.service, "cart.load", "SPAN_KIND_INTERNAL", service.id, service.from + rest * 0.02, rest * 0.1, [int("cart.items", 3)]);
  const event = { name: "exception", timeUnixNano: `${Math.floor((service.from + rest * 0.16 + database) * 1e6)}000`, attributes: [text("exception.type", "QueryTimeout"), text("exception.message", "canceling statement due to statement timeout")] };
  const broken = failed ? { status: { code: "STATUS_CODE_ERROR", message: "statement timeout" }, events: [event] } : {};
  const statement = "SELECT id, total, state FROM orders WHERE user_id = $1 FOR UPDATE";
  add(endpoint.service, "db.query", "SPAN_KIND_CLIENT", service.id, service.from + rest * 0.16, database, [text("db.system", "postgresql"), text("db.query.text", statement), text("server.address", "orders-db")], broken);
  if (endpoint.path === "/api/checkout" && !failed) {
    const pay = add("checkout", "payments.charge", "SPAN_KIND_CLIENT", service.id, service.from + rest * 0.18 + database, rest * 0.3, []);
    add("payments", "Charge", "SPAN_KIND_SERVER", pay.id, pay.from + pay.took * 0.1, pay.took * 0.8, [text("payment.provider", "card")]);
  }
  return spans;
}

/** A trace in Tempo's shape, or nothing. */
export function answerTrace(traceId) {
  const request = requestOf(traceId.toLowerCase());
  if (request === undefined) return undefined;
  const spans = spansOf(request);
  const services = [...new Set(spans.map((found) => found.service))];
  return {
    batches: services.map((service) => ({
      resource: { attributes: [text("service.name", service), text("service.version", "1.4.2"), text("host.name", "shop-1")] },
      scopeSpans: [{ scope: { name: "shop", version: "0.1.0" }, spans: spans.filter((found) => found.service === service).map((found) => found.span) }],
    })),
  };
}

const seconds = { ns: 1e-9, us: 1e-6, "µs": 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 };

/** A search by service and duration, newest first. */
export function answerSearch(params) {
  const service = /service\.name="?([^"\s]+)/.exec(params.get("tags") ?? "")?.[1];
  const wanted = /^([\d.]+)(ns|us|µs|ms|s|m|h)$/.exec(params.get("minDuration") ?? "0s");
  if (wanted === null) throw new Error(`invalid minDuration: time: unknown unit in duration ${params.get("minDuration")}`);
  const least = Number(wanted[1]) * seconds[wanted[2]];
  const end = Math.min(Number(params.get("end")), Date.now() / 1000 - 3);
  const limit = Number(params.get("limit") ?? 20);
  const traces = [];
  for (let second = Math.floor(end); second >= Number(params.get("start")) && traces.length < limit; second--) {
    for (const request of requestsAt(second)) {
      const touches = service === undefined || ["gateway", "users", request.endpoint.service].includes(service);
      if (!touches || request.duration < least || traces.length >= limit) continue;
      traces.push({
        traceID: request.traceId,
        rootServiceName: "gateway",
        rootTraceName: `${request.endpoint.method} ${request.endpoint.path}`,
        startTimeUnixNano: `${Math.floor(request.start * 1e6)}000`,
        durationMs: Math.round(request.duration * 1000),
      });
    }
  }
  return { traces };
}
