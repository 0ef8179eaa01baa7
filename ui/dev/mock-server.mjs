// A development fixture that speaks the server's APIs with made-up but coherent data: metrics, log lines, traces, alerts
// and objectives of one deterministic shop, so that a spike in a chart has its lines, its traces and its alert. It also
// serves dist/ when built.
// MOCK_PORT chooses the port. POST or DELETE /faults/error-burst?endpoint=/api/checkout switches a fault.
import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { answerLoki } from "./mock/logs.mjs";
import { answerInstant, answerRange, answerTargets } from "./mock/metrics.mjs";
import { answerNotifier } from "./mock/notifier.mjs";
import { answerRuleAlerts, answerRules } from "./mock/rules.mjs";
import { answerRunbooks, runbookText } from "./mock/runbooks.mjs";
import { setFault } from "./mock/shop.mjs";
import { answerSlos } from "./mock/slo.mjs";
import { answerSearch, answerTrace } from "./mock/traces.mjs";

const dist = fileURLToPath(new URL("../dist", import.meta.url));
const types = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".json": "application/json" };
// The same policy as the real server's, so that a violation shows here first.
const policy =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

function json(response, status, body) {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

function serveAsset(pathname, response) {
  const wanted = join(dist, normalize(pathname));
  const isFile = wanted.startsWith(dist) && existsSync(wanted) && statSync(wanted).isFile();
  if (!isFile && extname(pathname) !== "") return json(response, 404, { error: "no such file" });
  const file = isFile ? wanted : join(dist, "index.html");
  if (!existsSync(file)) return json(response, 404, { error: "run npm run build first" });
  response.writeHead(200, { "content-type": types[extname(file)] ?? "application/octet-stream", "content-security-policy": policy });
  createReadStream(file).pipe(response);
}

function text(response, body) {
  if (body === undefined) return json(response, 404, { status: "error", errorType: "not_found", error: "there is no such runbook" });
  return response.writeHead(200, { "content-type": "text/markdown; charset=utf-8" }).end(body);
}

// Alertmanager wraps its errors in nothing: the body is a JSON string.
function answerAlertmanager(method, path, body, response) {
  try {
    const found = answerNotifier(method, path, body);
    return found === undefined ? json(response, 404, "not found") : json(response, 200, found);
  } catch (error) {
    return json(response, 400, String(error.message));
  }
}

function answer(method, url, body, response) {
  const params = url.searchParams;
  const { pathname } = url;
  if (pathname === "/prometheus/api/v1/query_range") return json(response, 200, answerRange(params));
  if (pathname === "/prometheus/api/v1/query") return json(response, 200, answerInstant(params));
  if (pathname === "/prometheus/api/v1/alerts") return json(response, 200, answerRuleAlerts());
  if (pathname === "/prometheus/api/v1/rules") return json(response, 200, answerRules());
  if (pathname.startsWith("/alertmanager/api/v2/")) return answerAlertmanager(method, pathname.slice("/alertmanager/api/v2".length), body, response);
  if (pathname === "/lgtm/api/v1/slos") return json(response, 200, answerSlos());
  if (pathname === "/lgtm/api/v1/runbooks") return json(response, 200, answerRunbooks());
  if (pathname.startsWith("/lgtm/api/v1/runbooks/")) return text(response, runbookText(decodeURIComponent(pathname.slice("/lgtm/api/v1/runbooks/".length))));
  if (pathname === "/prometheus/api/v1/targets") return json(response, 200, answerTargets());
  if (pathname === "/loki/api/v1/query_range") return json(response, 200, answerLoki(params));
  if (pathname === "/tempo/api/search") return json(response, 200, answerSearch(params));
  if (pathname.startsWith("/tempo/api/traces/")) {
    const trace = answerTrace(pathname.slice("/tempo/api/traces/".length));
    return trace === undefined ? json(response, 404, { error: "trace not found" }) : json(response, 200, trace);
  }
  if (pathname === "/faults/error-burst") {
    setFault(params.get("endpoint") ?? "/api/checkout", method === "POST");
    return json(response, 200, { status: "success" });
  }
  if (/^\/(?:prometheus|loki|tempo|alertmanager|lgtm)\//.test(pathname)) return json(response, 404, { error: `${pathname} is not mocked` });
  return serveAsset(pathname, response);
}

async function bodyOf(request) {
  let body = "";
  for await (const chunk of request) body += chunk;
  return body;
}

const server = createServer(async (request, response) => {
  try {
    answer(request.method, new URL(request.url ?? "/", "http://mock"), await bodyOf(request), response);
  } catch (error) {
    json(response, 400, { status: "error", errorType: "bad_data", error: String(error.message) });
  }
});
server.listen(Number(process.env.MOCK_PORT ?? 3900), "127.0.0.1", () => {
  console.log(`ready http://127.0.0.1:${server.address().port}`);
});
