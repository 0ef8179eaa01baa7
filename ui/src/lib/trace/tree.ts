import type { Span } from "./model";

/** A span in its place, with what the waterfall draws. Durations in nanoseconds, exact as numbers up to 104 days. */
export interface Node {
  span: Span;
  depth: number;
  children: Node[];
  parent: Node | undefined;
  /** From the start of the trace. */
  offset: number;
  duration: number;
  /** Duration without the time covered by children. */
  self: number;
  /** Parts of the critical path that this span holds, as offsets. */
  critical: [number, number][];
}

/** A whole trace. */
export interface Trace {
  roots: Node[];
  /** All nodes, parents before children, children by start. */
  nodes: Node[];
  start: bigint;
  duration: number;
  services: string[];
  errors: number;
  /** The span with most time of its own. */
  slowest: Node | undefined;
  /** Spans whose parent is not in the answer: the trace is incomplete. */
  orphans: number;
}

/** Total length of the union of intervals, clipped to a span. */
export function covered(intervals: readonly [number, number][], from: number, to: number): number {
  let total = 0;
  let reached = from;
  for (const [start, end] of intervals.toSorted((a, b) => a[0] - b[0])) {
    const begin = Math.max(start, reached);
    const finish = Math.min(end, to);
    if (finish > begin) total += finish - begin;
    reached = Math.max(reached, finish);
  }
  return total;
}

/**
 * The critical path: walking back from the end of a span, the child that ended last before the point reached is what the
 * span was waiting for; between two such children the span itself was working.
 */
function markCritical(node: Node, from: number, until: number): void {
  let reached = Math.min(until, node.offset + node.duration);
  const start = Math.max(from, node.offset);
  for (const child of node.children.toSorted((a, b) => b.offset + b.duration - (a.offset + a.duration))) {
    const end = Math.min(child.offset + child.duration, reached);
    if (child.offset >= reached || end <= start) continue;
    if (reached > end) node.critical.push([end, reached]);
    markCritical(child, start, end);
    reached = Math.max(child.offset, start);
  }
  if (reached > start) node.critical.push([start, reached]);
}

function link(spans: readonly Span[]): { roots: Node[]; orphans: number; start: bigint } {
  const start = spans.reduce((least, span) => (span.start < least ? span.start : least), spans[0]?.start ?? 0n);
  const nodes = new Map<string, Node>();
  for (const span of spans) {
    const duration = span.end > span.start ? Number(span.end - span.start) : 0;
    const offset = Number(span.start - start);
    nodes.set(span.id, { span, depth: 0, children: [], parent: undefined, offset, duration, self: duration, critical: [] });
  }
  const roots: Node[] = [];
  let orphans = 0;
  for (const node of nodes.values()) {
    const parent = nodes.get(node.span.parentId);
    // A span that names itself or one of its descendants as parent would loop for ever: it becomes a root.
    if (parent === undefined || isWithin(parent, node)) {
      if (node.span.parentId !== "") orphans += 1;
      roots.push(node);
    } else {
      node.parent = parent;
      parent.children.push(node);
    }
  }
  return { roots, orphans, start };
}

function isWithin(node: Node, ancestor: Node): boolean {
  for (let at: Node | undefined = node; at !== undefined; at = at.parent) if (at === ancestor) return true;
  return false;
}

/** Builds the tree of a trace. */
export function buildTrace(spans: readonly Span[]): Trace {
  const { roots, orphans, start } = link(spans);
  const nodes: Node[] = [];
  const byStart = (a: Node, b: Node) => a.offset - b.offset || b.duration - a.duration;
  const stack = roots.toSorted(byStart).toReversed();
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    nodes.push(node);
    node.depth = node.parent === undefined ? 0 : node.parent.depth + 1;
    node.children.sort(byStart);
    const parts = node.children.map((child): [number, number] => [child.offset, child.offset + child.duration]);
    node.self = node.duration - covered(parts, node.offset, node.offset + node.duration);
    stack.push(...node.children.toReversed());
  }
  const duration = nodes.reduce((most, node) => Math.max(most, node.offset + node.duration), 0);
  const main = roots.toSorted((a, b) => b.duration - a.duration)[0];
  if (main !== undefined) markCritical(main, main.offset, main.offset + main.duration);
  const slowest = nodes.reduce<Node | undefined>((most, node) => (most === undefined || node.self > most.self ? node : most), undefined);
  return {
    roots: roots.toSorted(byStart),
    nodes,
    start,
    duration,
    services: [...new Set(nodes.map((node) => node.span.service))],
    errors: nodes.filter((node) => node.span.status === "error").length,
    slowest,
    orphans,
  };
}

/** Whether a span talks to a database. */
export function isDatabase(span: Span): boolean {
  return span.name.startsWith("db.") || span.attributes.some(({ key }) => key === "db.system" || key === "db.system.name");
}
