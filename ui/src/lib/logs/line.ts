import type { LokiStream } from "../../api/loki/streams";
import { type Level, levelOf } from "./level";

/** One log line, ready to show. */
export interface LogLine {
  /** Unique and stable across refreshes. */
  key: string;
  nanos: bigint;
  ms: number;
  service: string;
  level: Level;
  text: string;
  labels: Record<string, string>;
}

/** Flattens streams into lines, newest first; lines that two answers share appear once. */
export function toLines(streams: readonly LokiStream[]): LogLine[] {
  const lines = new Map<string, LogLine>();
  for (const { stream, values } of streams) {
    for (const [time, text, metadata] of values) {
      const labels = metadata === undefined ? stream : { ...stream, ...metadata };
      const service = labels.service_name ?? labels.service ?? labels.job ?? "";
      // Equal lines of one instant and service are told apart by counting them.
      let key = `${time}|${service}|${text}`;
      for (let copy = 2; lines.has(key); copy++) key = `${time}|${service}|${text}|${copy}`;
      const nanos = BigInt(time);
      lines.set(key, { key, nanos, ms: Number(nanos / 1_000_000n), service, level: levelOf(labels, text), text, labels });
    }
  }
  return [...lines.values()].toSorted((a, b) => (a.nanos === b.nanos ? 0 : a.nanos < b.nanos ? 1 : -1));
}

/** Joins fresh lines to known ones, both newest first: from `since` on only the fresh ones count. */
export function mergeLines(known: readonly LogLine[], fresh: readonly LogLine[], since: bigint, from: bigint, max: number): LogLine[] {
  const kept = known.filter((line) => line.nanos < since && line.nanos >= from);
  return [...fresh, ...kept].slice(0, max);
}
