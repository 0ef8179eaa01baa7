import { Button } from "@mantine/core";
import { useState } from "react";
import type { Runbook } from "../../api/lgtm/runbooks";
import { SeverityIcon } from "../../components/AlertMarks";
import type { AlertGroup } from "../../lib/alerts/filter";
import { SEVERITY_TEXT } from "../../lib/alerts/severity";
import { AlertRow } from "./AlertRow";
import css from "./alerts.module.css";

interface Props {
  group: AlertGroup;
  bySeverity: boolean;
  now: number;
  runbooks: readonly Runbook[];
  /** Names by fingerprint. */
  names: ReadonlyMap<string | undefined, string>;
  silence: (matchers: string) => void;
}

/** Alerts that a group shows at first; a storm of thousands must not freeze the page. */
const ROWS_FIRST = 200;

/** Rows that one more click adds. */
const ROWS_MORE = 1000;

function title(group: AlertGroup, bySeverity: boolean): string {
  if (!bySeverity) return group.title;
  return group.severity === "none" ? "No severity" : group.title.charAt(0).toUpperCase() + group.title.slice(1);
}

/** The alerts of one severity, name, service or instance. */
export function AlertSection({ group, bySeverity, now, runbooks, names, silence }: Props) {
  const [rows, setRows] = useState(ROWS_FIRST);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const toggle = (key: string) =>
    setOpen((before) => {
      const next = new Set(before);
      if (!next.delete(key)) next.add(key);
      return next;
    });
  const hidden = group.alerts.length - rows;
  return (
    <section className={css.section} aria-label={title(group, bySeverity)} data-severity={group.severity} data-testid="alert-group">
      <div className={css.sectionHead}>
        <h2>
          <SeverityIcon severity={group.severity} />
          {title(group, bySeverity)} <span className={css.count}>{group.alerts.length}</span>
          {bySeverity && <small>{SEVERITY_TEXT[group.severity]}</small>}
        </h2>
        <span aria-hidden="true">Value</span>
        <span aria-hidden="true">Since</span>
        <span aria-hidden="true">Where</span>
      </div>
      <ul>
        {group.alerts.slice(0, rows).map((alert) => (
          <AlertRow key={alert.key} alert={alert} now={now} runbooks={runbooks} names={names} open={open.has(alert.key)} toggle={toggle} silence={silence} />
        ))}
      </ul>
      {hidden > 0 && (
        <p className={css.foot}>
          {hidden.toLocaleString("en")} more{" "}
          <Button size="compact-xs" variant="default" onClick={() => setRows(rows + ROWS_MORE)}>
            Show {Math.min(hidden, ROWS_MORE).toLocaleString("en")} of them
          </Button>
        </p>
      )}
    </section>
  );
}
