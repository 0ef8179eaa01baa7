import { memo } from "react";
import type { Runbook } from "../../api/lgtm/runbooks";
import { StateMark } from "../../components/AlertMarks";
import { ChevronIcon } from "../../components/icons";
import { useTime } from "../../components/TimeContext";
import { logsOf, panelOf, runbookOf } from "../../lib/alerts/links";
import { formatMatchers, matchersOf } from "../../lib/alerts/matchers";
import type { Alert } from "../../lib/alerts/model";
import { placeOf } from "../../lib/alerts/place";
import { formatDateTime } from "../../lib/time/format";
import { formatAge } from "../../lib/units";
import { AlertDetails } from "./AlertDetails";
import css from "./alerts.module.css";
import { TargetLink } from "./TargetLink";

interface Props {
  alert: Alert;
  now: number;
  runbooks: readonly Runbook[];
  names: ReadonlyMap<string | undefined, string>;
  open: boolean;
  toggle: (key: string) => void;
  silence: (matchers: string) => void;
}

function Links({ alert, now, runbooks, silence }: Pick<Props, "alert" | "now" | "runbooks" | "silence">) {
  const { origin } = window.location;
  const runbook = runbookOf(alert, origin, runbooks);
  const logs = logsOf(alert, now);
  const about = `of ${alert.name} ${placeOf(alert).main}`;
  return (
    <span className={css.links}>
      <TargetLink target={panelOf(alert, origin, now)} about={about} testId="alert-panel">
        Panel
      </TargetLink>
      {logs !== undefined && (
        <TargetLink target={logs} about={about} testId="alert-logs">
          Logs
        </TargetLink>
      )}
      {runbook !== undefined && (
        <TargetLink target={runbook} about={about} testId="alert-runbook">
          Runbook
        </TargetLink>
      )}
      <button type="button" className={css.silence} onClick={() => silence(formatMatchers(matchersOf(alert.labels)))} data-testid="alert-silence">
        Silence <span className="visually-hidden">{about}</span>
      </button>
    </span>
  );
}

/** One alert on one line; it opens in place. */
export const AlertRow = memo(function AlertRow({ alert, now, runbooks, names, open, toggle, silence }: Props) {
  const { zone } = useTime();
  const { main, rest } = placeOf(alert);
  return (
    <li
      className={css.row}
      data-severity={alert.severity}
      data-state={alert.state}
      data-name={alert.name}
      data-alert={formatMatchers(matchersOf(alert.labels))}
      data-testid="alert-row"
    >
      <div className={css.line}>
        <StateMark state={alert.state} severity={alert.severity} kept={alert.kept} />
        <div className={css.what}>
          <button type="button" className={css.name} aria-expanded={open} onClick={() => toggle(alert.key)} data-alert-button>
            <span className={css.chevron} data-open={open}>
              <ChevronIcon size={11} />
            </span>
            {alert.name}
          </button>
          <span className={css.summary} title={alert.annotations.summary}>
            {alert.annotations.summary ?? alert.annotations.message ?? ""}
          </span>
        </div>
        <span className={css.value}>{alert.value}</span>
        <span className={css.since} title={formatDateTime(alert.since, zone)}>
          {alert.since === 0 ? "" : formatAge((now - alert.since) / 1000)}
        </span>
        <span className={css.where} title={`${main} ${rest}`.trim()}>
          {main}
          {rest !== "" && <small> {rest}</small>}
        </span>
        <Links alert={alert} now={now} runbooks={runbooks} silence={silence} />
      </div>
      {open && <AlertDetails alert={alert} now={now} names={names} />}
    </li>
  );
});
