/** Severities a reader tells apart. */
export type Level = "error" | "warn" | "info" | "debug" | "unknown";

/** Every level, worst first. */
export const LEVELS: readonly Level[] = ["error", "warn", "info", "debug", "unknown"];

/** Labels that carry a severity, most trusted first. */
const LABELS = ["level", "detected_level", "severity_text", "severity"];

/** Maps the many spellings of a severity. */
export function normalizeLevel(text: string): Level {
  const word = text.trim().toLowerCase();
  if (/^(?:err|crit|fatal|panic|emerg|alert|severe)/.test(word)) return "error";
  if (word.startsWith("warn")) return "warn";
  if (/^(?:info|notice)/.test(word)) return "info";
  if (/^(?:debug|trace|verbose)/.test(word)) return "debug";
  return "unknown";
}

/** The severity of a line: from its labels, else from `level=`, a JSON `"level"`, or a leading word in capitals. */
export function levelOf(labels: Record<string, string>, line: string): Level {
  for (const name of LABELS) {
    const value = labels[name];
    if (value === undefined) continue;
    const level = normalizeLevel(value);
    if (level !== "unknown") return level;
  }
  const pair = /(?:^|[\s{,])"?(?:level|lvl|severity)"?\s*[=:]\s*"?([A-Za-z]+)/.exec(line);
  if (pair?.[1] !== undefined) return normalizeLevel(pair[1]);
  const word = /^\W{0,40}?(?:[\d:.TZ+-]+\s+)*\[?(ERROR|FATAL|CRITICAL|WARN(?:ING)?|INFO|NOTICE|DEBUG|TRACE)\b/.exec(line);
  return word?.[1] === undefined ? "unknown" : normalizeLevel(word[1]);
}
