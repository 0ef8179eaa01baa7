import { SeverityIcon, StateMark } from "../../components/AlertMarks";
import { TimeLink } from "../../components/TimeLink";
import { group } from "../../lib/alerts/filter";
import { runbookOf } from "../../lib/alerts/links";
import type { Alert } from "../../lib/alerts/model";
import { placeOf } from "../../lib/alerts/place";
import { formatAge } from "../../lib/units";
import css from "./runbooks.module.css";

interface Props {
  name: string;
  /** The alerts that the runbook is for. */
  names: readonly string[];
  alerts: readonly Alert[] | undefined;
  now: number;
}

/** Alerts that are listed; a storm has its own page. */
const LISTED_MAX = 20;

/** Whether an alert leads to this runbook. */
function belongs(alert: Alert, { name, names }: Props): boolean {
  const target = runbookOf(alert, window.location.origin, [{ name, title: name, alerts: [...names] }]);
  return target?.kind === "page" && target.to === `/runbooks/${encodeURIComponent(name)}`;
}

/** What fires of the runbook's alerts, with values, above its text. */
export function RunbookAlerts(props: Props) {
  const { alerts, names, now } = props;
  if (alerts === undefined) return null;
  const mine = group(alerts.filter((alert) => belongs(alert, props)), { states: [], severity: undefined, text: "", by: "severity" }).flatMap((found) => found.alerts);
  if (mine.length === 0) {
    return (
      <p className={css.calm} data-testid="runbook-calm">
        {names.length === 1 ? `${names[0]} is not firing now.` : `None of ${names.join(", ")} is firing now.`}
      </p>
    );
  }
  return (
    <section className={css.firing} aria-label="Alerts of this runbook" data-testid="runbook-alerts">
      <ul>
        {mine.slice(0, LISTED_MAX).map((alert) => (
          <li key={alert.key} data-severity={alert.severity} data-state={alert.state} data-testid="runbook-alert">
            <SeverityIcon severity={alert.severity} />
            <StateMark state={alert.state} severity={alert.severity} kept={alert.kept} />
            <TimeLink to="/alerts" params={{ q: alert.name }}>
              {alert.name}
            </TimeLink>
            <b>{alert.value}</b>
            <span>{placeOf(alert).main}</span>
            <span>{alert.since === 0 ? "" : `for ${formatAge((now - alert.since) / 1000)}`}</span>
            <span className={css.summary}>{alert.annotations.summary}</span>
          </li>
        ))}
      </ul>
      {mine.length > LISTED_MAX && <p>and {mine.length - LISTED_MAX} more</p>}
    </section>
  );
}
