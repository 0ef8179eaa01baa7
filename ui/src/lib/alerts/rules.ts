import type { Rule, RuleGroup, RuleGroups } from "../../api/prometheus/rules";

/** A rule with what it has of its group. */
export type GroupedRule = Rule & { group: string; file: string; interval: number };

/** The rules of all groups. */
export function allRules({ groups }: RuleGroups): GroupedRule[] {
  return groups.flatMap(({ name, file, interval, rules }) => rules.map((rule) => ({ ...rule, group: name, file, interval })));
}

/** Milliseconds of a time of the API; undefined when the rule was never evaluated. */
export function evaluatedAt({ lastEvaluation }: { lastEvaluation?: string }): number | undefined {
  const ms = Date.parse(lastEvaluation ?? "");
  return Number.isNaN(ms) || ms <= 0 ? undefined : ms;
}

/** How the rules are, in numbers. */
export interface RuleSummary {
  groups: number;
  alerting: number;
  recording: number;
  failing: number;
  /** Milliseconds. */
  lastEvaluation: number | undefined;
  /** Groups that take longer than their interval, by name. */
  late: string[];
}

function takesTooLong(group: RuleGroup): boolean {
  return group.interval > 0 && (group.evaluationTime ?? 0) > group.interval;
}

/** Sums up the rules. */
export function summarise(groups: RuleGroups): RuleSummary {
  const rules = allRules(groups);
  const times = rules.map(evaluatedAt).filter((time) => time !== undefined);
  return {
    groups: groups.groups.length,
    alerting: rules.filter(({ type }) => type === "alerting").length,
    recording: rules.filter(({ type }) => type === "recording").length,
    failing: rules.filter(({ health }) => health === "err").length,
    lastEvaluation: times.length === 0 ? undefined : Math.max(...times),
    late: groups.groups.filter(takesTooLong).map(({ name }) => name),
  };
}

const STATE_RANK: Record<string, number> = { firing: 0, pending: 1, unknown: 2, inactive: 3 };

const rank = (rule: Rule) => (rule.health === "err" ? -1 : rule.type === "alerting" ? (STATE_RANK[rule.state] ?? 2) : 4);

/** Which rules the table shows. */
export interface RuleFilter {
  show: "all" | "alerting" | "recording" | "failing";
  text: string;
}

/** The rules that pass, by group; broken ones come first, then what fires. */
export function ruleTable(groups: RuleGroups, filter: RuleFilter): { group: RuleGroup; rules: Rule[] }[] {
  const text = filter.text.toLowerCase();
  const passes = (group: RuleGroup) => (rule: Rule) =>
    (filter.show === "all" || (filter.show === "failing" ? rule.health === "err" : rule.type === filter.show)) &&
    (text === "" || [rule.name, rule.query, group.name, rule.lastError ?? ""].some((part) => part.toLowerCase().includes(text)));
  return groups.groups
    .map((group) => ({ group, rules: group.rules.filter(passes(group)).toSorted((a, b) => rank(a) - rank(b)) }))
    .filter(({ rules }) => rules.length > 0)
    .toSorted((a, b) => Math.min(...a.rules.map(rank)) - Math.min(...b.rules.map(rank)) || (a.group.name < b.group.name ? -1 : 1));
}
