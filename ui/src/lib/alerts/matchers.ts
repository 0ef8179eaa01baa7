import type { Matcher } from "../../api/alertmanager/silence";

/** How a matcher compares, as it is written. */
export const OPERATORS = ["=", "!=", "=~", "!~"] as const;

export type Operator = (typeof OPERATORS)[number];

/** The operator of a matcher. */
export function operatorOf({ isRegex, isEqual }: Pick<Matcher, "isRegex" | "isEqual">): Operator {
  if (isEqual) return isRegex ? "=~" : "=";
  return isRegex ? "!~" : "!=";
}

/** The two flags of an operator. */
export function flagsOf(operator: Operator): Pick<Matcher, "isRegex" | "isEqual"> {
  return { isRegex: operator.endsWith("~"), isEqual: operator.startsWith("=") };
}

/** `instance="web-1:9100"` */
export function formatMatcher(matcher: Matcher): string {
  const name = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(matcher.name) ? matcher.name : JSON.stringify(matcher.name);
  return `${name}${operatorOf(matcher)}${JSON.stringify(matcher.value)}`;
}

/** `{alertname="CPUHigh",instance=~"web-.*"}` */
export function formatMatchers(matchers: readonly Matcher[]): string {
  return `{${matchers.map(formatMatcher).join(",")}}`;
}

const ONE = /^\s*(?:"((?:[^"\\]|\\.)*)"|([^\s"=!~{},]+))\s*(=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\.)*)"|([^\s"{},]*))\s*(?:,|$)/;

function unquoted(quoted: string | undefined, bare: string | undefined): string {
  return quoted === undefined ? (bare ?? "") : quoted.replaceAll(/\\(.)/g, (_, char: string) => (char === "n" ? "\n" : char));
}

/** Reads what `formatMatchers` writes, and what a person writes: braces and quotes may be missing. */
export function parseMatchers(text: string): Matcher[] | undefined {
  let rest = text.trim().replace(/^\{/, "").replace(/\}$/, "").trim();
  const matchers: Matcher[] = [];
  while (rest !== "") {
    const found = ONE.exec(rest);
    if (found === null) return undefined;
    const [all, quotedName, name, operator, quotedValue, value] = found;
    matchers.push({ name: unquoted(quotedName, name), value: unquoted(quotedValue, value), ...flagsOf(operator as Operator) });
    rest = rest.slice(all.length);
  }
  return matchers;
}

/** The matchers that fit exactly one label set, its name first. */
export function matchersOf(labels: Record<string, string>): Matcher[] {
  const names = Object.keys(labels).toSorted((a, b) => Number(b === "alertname") - Number(a === "alertname") || (a < b ? -1 : 1));
  return names.map((name) => ({ name, value: labels[name] ?? "", isRegex: false, isEqual: true }));
}

/** What is wrong with matchers before they are sent; the server says the rest. */
export function matcherProblem(matchers: readonly Matcher[]): string | undefined {
  if (matchers.length === 0) return "Name at least one label";
  if (matchers.some(({ name }) => name.trim() === "")) return "A matcher has no label name";
  if (matchers.every(({ value, isEqual, isRegex }) => (value === "" && isEqual) || (isRegex && isEqual && value === ".*"))) return "At least one matcher must demand something, or the silence would mute everything";
  return undefined;
}
