import { NativeSelect } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import type { Rule, RuleGroup, RuleGroups } from "../../api/prometheus/rules";
import { AlertIcon, CheckIcon, ChevronIcon, HelpIcon } from "../../components/icons";
import { Empty, Failure, Loading } from "../../components/states";
import { evaluatedAt, type RuleFilter, ruleTable, summarise } from "../../lib/alerts/rules";
import { severityOf } from "../../lib/alerts/severity";
import { formatAge, formatDuration } from "../../lib/units";
import { useUrlState } from "../../lib/urlState";
import { TextFilter } from "./AlertFilters";
import { evaluationText } from "./AlertsTab";
import css from "./alerts.module.css";

const CHOICES = [
  { value: "all", label: "All rules" },
  { value: "alerting", label: "Alerting" },
  { value: "recording", label: "Recording" },
  { value: "failing", label: "Failing" },
];

function Health({ health }: { health: Rule["health"] }) {
  const Icon = { ok: CheckIcon, err: AlertIcon, unknown: HelpIcon }[health];
  return (
    <span className={css.health} data-health={health}>
      <Icon size={13} />
      {{ ok: "ok", err: "failing", unknown: "not yet" }[health]}
    </span>
  );
}

function ago(time: number | undefined, now: number): string {
  return time === undefined ? "never" : `${formatAge((now - time) / 1000)} ago`;
}

function RuleRow({ rule, now }: { rule: Rule; now: number }) {
  const [open, setOpen] = useState(false);
  const waits = rule.type === "alerting" && rule.duration > 0 ? ` for ${formatDuration(rule.duration)}` : "";
  return (
    <li className={css.rule} data-testid="rule-row" data-health={rule.health} data-name={rule.name}>
      <div className={css.ruleLine}>
        <Health health={rule.health} />
        <button type="button" className={css.name} aria-expanded={open} onClick={() => setOpen(!open)}>
          <span className={css.chevron} data-open={open}>
            <ChevronIcon size={11} />
          </span>
          {rule.name}
        </button>
        <span className={css.ruleState} data-state={rule.type === "alerting" ? rule.state : "recording"} data-severity={severityOf(rule.labels?.severity)}>
          {rule.type === "alerting" ? rule.state : "records"}
          {rule.type === "alerting" && (rule.alerts ?? []).length > 1 && ` ${rule.alerts?.length}`}
        </span>
        <code className={css.expr} title={rule.query}>
          {rule.query}
          {waits}
        </code>
        <span className={css.when}>{ago(evaluatedAt(rule), now)}</span>
        <span className={css.took}>{formatDuration(rule.evaluationTime)}</span>
      </div>
      {rule.lastError !== undefined && rule.lastError !== "" && <div className={css.ruleError}>{rule.lastError}</div>}
      {open && (
        <pre className={css.query}>
          {rule.query}
          {waits === "" ? "" : `\n#${waits}`}
        </pre>
      )}
    </li>
  );
}

function Group({ group, rules, now }: { group: RuleGroup; rules: Rule[]; now: number }) {
  const took = group.evaluationTime ?? 0;
  const late = group.interval > 0 && took > group.interval;
  return (
    <section className={css.section} aria-label={group.name} data-testid="rule-group">
      <div className={css.groupHead}>
        <h2>{group.name}</h2>
        <small>
          {group.file.split("/").at(-1)} · every {formatDuration(group.interval)} · took {formatDuration(took)}
          {late && <b className={css.bad}> · longer than its interval, so evaluations are missed</b>}
        </small>
      </div>
      <ul>
        {rules.map((rule, index) => (
          // Two rules of a group may have one name and differ in labels only.
          // oxlint-disable-next-line react/no-array-index-key
          <RuleRow key={`${rule.name} ${index}`} rule={rule} now={now} />
        ))}
      </ul>
    </section>
  );
}

/** The rules, their state and their last evaluation; broken ones first. */
export function RulesTab({ rules }: { rules: UseQueryResult<RuleGroups> }) {
  const [params, change] = useUrlState();
  const { data, error, dataUpdatedAt, refetch } = rules;
  const show = (CHOICES.find(({ value }) => value === params.get("show"))?.value ?? "all") as RuleFilter["show"];
  const text = params.get("q") ?? "";
  const table = useMemo(() => (data === undefined ? [] : ruleTable(data, { show, text })), [data, show, text]);
  if (data === undefined) return error === null ? <Loading what="rules" /> : <Failure what="rules" error={error} retry={() => void refetch()} />;
  const { groups, alerting, recording } = summarise(data);
  return (
    <>
      <div className={css.filters}>
        <span className={css.sum}>
          {alerting} alerting and {recording} recording in {groups} {groups === 1 ? "group" : "groups"}. {evaluationText(data, dataUpdatedAt)}
        </span>
        <NativeSelect size="xs" aria-label="Which rules" data-testid="rules-show" value={show} data={CHOICES} onChange={(event) => change({ show: event.currentTarget.value === "all" ? "" : event.currentTarget.value }, "replace")} />
        <TextFilter label="Text in name, expression, group or error" placeholder="name, expression, error" />
      </div>
      {error !== null && (
        <div className={css.problem} role="alert">
          Not refreshed: {error.message}
        </div>
      )}
      {table.length === 0 && (
        <Empty title={alerting + recording === 0 ? "No rules" : "No rule passes the filters"}>{alerting + recording === 0 ? evaluationText(data, dataUpdatedAt) : `${alerting + recording} rules are hidden by them.`}</Empty>
      )}
      {table.map(({ group, rules: shown }) => (
        <Group key={`${group.file} ${group.name}`} group={group} rules={shown} now={dataUpdatedAt} />
      ))}
    </>
  );
}
