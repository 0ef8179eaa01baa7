// The shop's log lines; newest first, since the app asks backward.
import { requestOf, requestsAt } from "./shop.mjs";

const nanos = (seconds) => `${Math.floor(seconds * 1e6)}000`;

function linesOf(request) {
  const { endpoint, traceId } = request;
  const status = request.failed ? 500 : 200;
  const took = (request.duration * 1000).toFixed(1);
  const level = request.failed ? "error" : "info";
  const end = request.start + request.duration;
  const lines = [
    { time: end, service: "gateway", level, text: `level=${level} method=${endpoint.method} path=${endpoint.path} status=${status} duration_ms=${took} traceID=${traceId} msg="request completed"` },
  ];
  if (request.failed) {
    const waited = (request.database * 1000).toFixed(0);
    lines.push({ time: end - 0.002, service: endpoint.service, level: "error", text: `level=error path=${endpoint.path} traceID=${traceId} msg="db.query failed: canceling statement due to timeout after ${waited} ms"` });
  } else if (request.duration > 0.09) {
    lines.push({ time: end - 0.001, service: endpoint.service, level: "warn", text: `level=warn path=${endpoint.path} traceID=${traceId} msg="slow request" duration_ms=${took}` });
  } else {
    lines.push({ time: request.start + 0.001, service: endpoint.service, level: "debug", text: `level=debug path=${endpoint.path} traceID=${traceId} msg="handling request"` });
  }
  return lines;
}

const STRING = String.raw`"(?:[^"\\]|\\.)*"`;

function parseFilter(operator, wanted) {
  if (operator === "|=") return (line) => line.includes(wanted);
  const insensitive = wanted.startsWith("(?i)");
  const pattern = new RegExp(insensitive ? wanted.slice(4) : wanted, insensitive ? "i" : "");
  return (line) => pattern.test(line);
}

function parseQuery(query) {
  const match = new RegExp(String.raw`^\s*\{\s*service_name\s*(=~|=)\s*(${STRING})\s*\}((?:\s*\|[=~]\s*${STRING})*)\s*$`).exec(query);
  if (match === null) throw new Error(`parse error: the mock does not understand ${query}`);
  const name = JSON.parse(match[2]);
  const service = match[1] === "=" ? (text) => text === name : (text) => new RegExp(`^(?:${name})$`).test(text);
  const parts = [...match[3].matchAll(new RegExp(String.raw`(\|[=~])\s*(${STRING})`, "g"))].map(([, operator, text]) => [operator, JSON.parse(text)]);
  const filters = parts.map(([operator, wanted]) => parseFilter(operator, wanted));
  const traceId = parts.find(([operator, wanted]) => operator === "|=" && /^[0-9a-f]{32}$/.test(wanted))?.[1];
  return { service, text: (line) => filters.every((passes) => passes(line)), traceId };
}

/** A log query. */
export function answerLoki(params) {
  const { service, text, traceId } = parseQuery(params.get("query") ?? "");
  const from = Number(BigInt(params.get("start")) / 1000n) / 1e6;
  const to = Math.min(Number(BigInt(params.get("end")) / 1000n) / 1e6, Date.now() / 1000);
  const limit = Number(params.get("limit") ?? 100);
  const found = [];
  const take = (requests) => {
    for (const line of requests.flatMap(linesOf)) {
      if (line.time >= from && line.time < to && service(line.service) && text(line.text)) found.push(line);
    }
  };
  const known = traceId === undefined ? undefined : requestOf(traceId);
  if (known !== undefined) take([known]);
  // A request takes up to about two seconds, so lines of a second come from the seconds before it too.
  else for (let second = Math.floor(to); second >= Math.max(from - 3, Date.now() / 1000 - 7200) && found.length < limit * 1.2 + 400; second--) take(requestsAt(second));
  found.sort((a, b) => b.time - a.time);
  const streams = new Map();
  for (const line of found.slice(0, limit)) {
    const key = `${line.service}|${line.level}`;
    const stream = streams.get(key) ?? { stream: { service_name: line.service, level: line.level }, values: [] };
    stream.values.push([nanos(line.time), line.text]);
    streams.set(key, stream);
  }
  return { status: "success", data: { resultType: "streams", result: [...streams.values()] } };
}
