import { isDatabase, type Node, type Trace } from "./tree";

/** Which part of the whole trace a span took, from 0 to 100. */
export function shareOf(node: Node, trace: Trace): number {
  return trace.duration === 0 ? 0 : (node.duration / trace.duration) * 100;
}

/** From this share on a span is named as where the time went. */
const SHARE_MIN = 30;

/** The span that explains the duration: the slowest database span if it matters, else the one with most time of its own. */
export function culprit(trace: Trace): Node | undefined {
  const database = trace.nodes.filter((node) => isDatabase(node.span)).toSorted((a, b) => b.duration - a.duration)[0];
  if (database !== undefined && shareOf(database, trace) >= SHARE_MIN) return database;
  return trace.slowest;
}
