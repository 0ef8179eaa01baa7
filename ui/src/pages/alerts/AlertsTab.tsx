import { Button } from "@mantine/core";
import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { type KeyboardEvent, useMemo } from "react";
import { notifierGroups } from "../../api/alertmanager/client";
import type { RuleGroups } from "../../api/prometheus/rules";
import { Empty, Failure, Loading } from "../../components/states";
import { type useAlerts, usePresent, useRunbooks } from "../../components/useAlerts";
import { countStates, group, matching, notificationTitles, parseFilter } from "../../lib/alerts/filter";
import type { Alert } from "../../lib/alerts/model";
import { summarise } from "../../lib/alerts/rules";
import { formatAge } from "../../lib/units";
import { useUrlState } from "../../lib/urlState";
import { AlertFilters } from "./AlertFilters";
import { AlertSection } from "./AlertSection";
import css from "./alerts.module.css";

type Known = ReturnType<typeof useAlerts>;

/** `34 rules are evaluated, the last 5 s ago` */
export function evaluationText(rules: RuleGroups | undefined, now: number): string {
  if (rules === undefined) return "";
  const { alerting, recording, failing, lastEvaluation } = summarise(rules);
  const count = alerting + recording;
  if (count === 0) return "No rules are loaded: name files under rule_files in prometheus.yml.";
  const ago = lastEvaluation === undefined ? "none of them yet" : `the last ${formatAge((now - lastEvaluation) / 1000)} ago`;
  return `${count} ${count === 1 ? "rule is" : "rules are"} evaluated, ${ago}${failing === 0 ? "." : `; ${failing} of them ${failing === 1 ? "fails, so that it cannot" : "fail, so that they cannot"} fire.`}`;
}

function Problems({ known }: { known: Known }) {
  const problems = [
    known.rulesError === null ? undefined : `The rules cannot be asked: ${known.rulesError.message}. Pending alerts and values are missing or old.`,
    known.notifierError === null ? undefined : `The notifier cannot be reached: ${known.notifierError.message}. What is silenced or inhibited is not known, and nobody may be told.`,
  ].filter((problem) => problem !== undefined);
  return problems.map((problem) => (
    <div key={problem} className={css.problem} role="alert" data-testid="alerts-problem">
      {problem}{" "}
      <Button size="compact-xs" variant="default" onClick={known.retry}>
        Try again
      </Button>
    </div>
  ));
}

function NoAlerts({ all, rules, now }: { all: readonly Alert[]; rules: RuleGroups | undefined; now: number }) {
  const [, change] = useUrlState();
  if (all.length > 0) {
    return (
      <Empty title="No alert passes the filters">
        {all.length} {all.length === 1 ? "alert is" : "alerts are"} hidden by them.{" "}
        <Button size="compact-xs" variant="default" onClick={() => change({ state: "", severity: "", q: "" }, "replace")}>
          Clear the filters
        </Button>
      </Empty>
    );
  }
  return <Empty title="No alert is firing">{evaluationText(rules, now)}</Empty>;
}

// ↑ and ↓ move between alerts; s silences the one in focus.
function onKeys(event: KeyboardEvent<HTMLElement>, silence: (key: string) => void): void {
  if (event.ctrlKey || event.metaKey || event.altKey || !(event.target instanceof HTMLElement)) return;
  const row = event.target.closest<HTMLElement>("[data-alert]");
  if (row === null) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const buttons = [...event.currentTarget.querySelectorAll<HTMLElement>("[data-alert-button]")];
    const at = buttons.findIndex((button) => row.contains(button));
    const next = buttons[at + (event.key === "ArrowDown" ? 1 : -1)];
    if (next === undefined) return;
    event.preventDefault();
    next.focus();
  } else if (event.key === "s" && !/^(?:INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) {
    event.preventDefault();
    silence(row.dataset.alert ?? "");
  }
}

// Asked for only while the page is grouped by it.
function useNotifications(enabled: boolean): ReadonlyMap<string, string[]> | undefined {
  const { data } = useQuery({ queryKey: ["alerts", "groups"], queryFn: ({ signal }) => notifierGroups(signal), ...usePresent(), enabled });
  return useMemo(() => (data === undefined ? undefined : notificationTitles(data)), [data]);
}

/** The alerts in groups, with filters. */
export function AlertsTab({ known, rules }: { known: Known; rules: UseQueryResult<RuleGroups> }) {
  const [params, change] = useUrlState();
  const runbooks = useRunbooks();
  const { alerts, now } = known;
  const search = params.toString();
  const filter = useMemo(() => parseFilter(new URLSearchParams(search)), [search]);
  const passing = useMemo(() => matching(alerts ?? [], filter), [alerts, filter]);
  const notifications = useNotifications(filter.by === "notification");
  const groups = useMemo(() => group(passing, filter, notifications), [passing, filter, notifications]);
  const names = useMemo(() => new Map((alerts ?? []).map((alert) => [alert.fingerprint, alert.name])), [alerts]);
  if (alerts === undefined) return known.rulesError === null ? <Loading what="alerts" /> : <Failure what="alerts" error={known.rulesError} retry={known.retry} />;
  const silence = (matchers: string) => change({ silence: matchers }, "push");
  return (
    <>
      <AlertFilters counts={countStates(passing)} filter={filter} />
      <Problems known={known} />
      {groups.length === 0 && <NoAlerts all={alerts} rules={rules.data} now={now} />}
      <div onKeyDown={(event) => onKeys(event, silence)} role="presentation">
        {groups.map((found) => (
          <AlertSection key={found.title} group={found} bySeverity={filter.by === "severity"} now={now} runbooks={runbooks.data ?? []} names={names} silence={silence} />
        ))}
      </div>
      {groups.length > 0 && <p className={css.foot}>{evaluationText(rules.data, now)}</p>}
    </>
  );
}
