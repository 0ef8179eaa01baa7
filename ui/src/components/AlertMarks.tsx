import { CriticalIcon, FireIcon, HeartbeatIcon, HourglassIcon, InfoIcon, MutedIcon, ShieldIcon, AlertIcon } from "./icons";
import type { AlertState } from "../lib/alerts/model";
import type { Severity } from "../lib/alerts/severity";
import css from "./AlertMarks.module.css";

/** The states in words. */
export const STATE_TEXT: Record<AlertState, string> = { firing: "Firing", pending: "Pending", silenced: "Silenced", inhibited: "Inhibited", muted: "Muted" };

const STATE_TITLE: Record<AlertState, string> = {
  firing: "The condition held for as long as the rule asks; receivers are told.",
  pending: "The condition holds, but not yet for as long as the rule asks; nobody is told.",
  silenced: "A person silenced it; nobody is told.",
  inhibited: "Another alert explains it; nobody is told.",
  muted: "It is outside of the hours of its route; nobody is told.",
};

const STATE_ICON = { firing: FireIcon, pending: HourglassIcon, silenced: MutedIcon, inhibited: ShieldIcon, muted: MutedIcon };

const SEVERITY_ICON = { critical: CriticalIcon, warning: AlertIcon, info: InfoIcon, none: HeartbeatIcon };

/** A state with its sign and its word. */
export function StateMark({ state, severity, kept }: { state: AlertState; severity: Severity; kept: boolean }) {
  const Icon = STATE_ICON[state];
  return (
    <span className={css.state} data-state={state} data-severity={severity} title={kept ? "The condition no longer holds; the rule keeps the alert firing for a while." : STATE_TITLE[state]}>
      <Icon size={13} />
      {STATE_TEXT[state]}
      {kept && "*"}
    </span>
  );
}

/** The sign of a severity. */
export function SeverityIcon({ severity, size = 16 }: { severity: Severity; size?: number }) {
  const Icon = SEVERITY_ICON[severity];
  return (
    <span className={css.severity} data-severity={severity}>
      <Icon size={size} />
    </span>
  );
}
