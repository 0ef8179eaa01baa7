// The shop: what happened at each second, derived from hashes alone, so that every API tells the same story.

/** Endpoints, the service behind each, requests per second and the usual latency in seconds. */
export const ENDPOINTS = [
  { path: "/api/checkout", method: "POST", service: "checkout", rate: 6, latency: 0.062 },
  { path: "/api/products", method: "GET", service: "catalogue", rate: 14, latency: 0.018 },
  { path: "/api/cart", method: "GET", service: "checkout", rate: 9, latency: 0.024 },
  { path: "/api/login", method: "POST", service: "users", rate: 3, latency: 0.041 },
  { path: "/api/orders", method: "GET", service: "payments", rate: 4, latency: 0.035 },
];

const started = Date.now() / 1000;
/** Fault windows in seconds; the first lies in the past, so that there is something to find at once. */
const faults = [{ endpoint: "/api/checkout", from: started - 420, to: started - 330 }];

/** Switches an error burst on or off from now on. */
export function setFault(endpoint, on) {
  for (const fault of faults) if (fault.endpoint === endpoint && fault.to > Date.now() / 1000) fault.to = Date.now() / 1000;
  if (on) faults.push({ endpoint, from: Date.now() / 1000, to: Number.POSITIVE_INFINITY });
}

/** The share of the interval during which the endpoint was faulty. */
export function faultShare(endpoint, from, to) {
  let seconds = 0;
  for (const fault of faults) {
    if (fault.endpoint === endpoint) seconds += Math.max(0, Math.min(to, fault.to) - Math.max(from, fault.from));
  }
  return to > from ? seconds / (to - from) : 0;
}

/** A number in [0, 1) that depends on its arguments only. */
export function noise(...parts) {
  let hash = 2_166_136_261;
  for (const char of parts.join("|")) hash = Math.imul(hash ^ char.charCodeAt(0), 16_777_619);
  hash = Math.imul(hash ^ (hash >>> 15), 2_246_822_507);
  hash = Math.imul(hash ^ (hash >>> 13), 3_266_489_909);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

/** Noise that moves smoothly over about `period` seconds, in [-1, 1]. */
export function drift(key, time, period) {
  const cell = Math.floor(time / period);
  const part = time / period - cell;
  const ease = part * part * (3 - 2 * part);
  return (noise(key, cell) * (1 - ease) + noise(key, cell + 1) * ease) * 2 - 1;
}

/** Requests per second of an endpoint. */
export function rateAt(endpoint, time) {
  return endpoint.rate * (1 + 0.16 * drift(`${endpoint.path}r`, time, 90) + 0.05 * drift(`${endpoint.path}q`, time, 9));
}

function hexId(second, endpointIndex, number) {
  const head = Math.floor(second).toString(16).padStart(8, "0");
  const place = endpointIndex.toString(16).padStart(2, "0") + number.toString(16).padStart(2, "0");
  let tail = "";
  for (let part = 0; tail.length < 20; part++) tail += Math.floor(noise(head, place, part) * 2 ** 32).toString(16).padStart(8, "0");
  return head + place + tail.slice(0, 20);
}

function makeRequest(second, endpointIndex, number) {
  const endpoint = ENDPOINTS[endpointIndex];
  const key = `${second}|${endpointIndex}|${number}`;
  const start = second + noise(key, "start");
  const faulty = faultShare(endpoint.path, start, start + 0.001) > 0.5 && noise(key, "fault") < 0.62;
  const failed = faulty || noise(key, "rare") < 0.003;
  const usual = endpoint.latency * Math.exp(1.1 * (noise(key, "l1") + noise(key, "l2") - 0.9));
  const database = faulty ? 0.2 + 1.8 * noise(key, "slow") ** 1.4 : usual * 0.45;
  return { traceId: hexId(second, endpointIndex, number), endpoint, start, failed, database, duration: usual * 0.55 + database, key };
}

/** All requests that began within a second. */
export function requestsAt(second) {
  return ENDPOINTS.flatMap((endpoint, index) => {
    const count = Math.floor(rateAt(endpoint, second) + noise(endpoint.path, second, "n"));
    return Array.from({ length: count }, (_, number) => makeRequest(second, index, number));
  });
}

/** The request of a trace id, or nothing when the shop never made that id. */
export function requestOf(traceId) {
  const second = Number.parseInt(traceId.slice(0, 8), 16);
  const index = Number.parseInt(traceId.slice(8, 10), 16);
  const number = Number.parseInt(traceId.slice(10, 12), 16);
  if (traceId.length !== 32 || ENDPOINTS[index] === undefined) return undefined;
  const request = makeRequest(second, index, number);
  return request.traceId === traceId ? request : undefined;
}
