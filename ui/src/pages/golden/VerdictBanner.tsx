import type { ReactElement } from "react";
import { AlertIcon, CheckIcon, HelpIcon } from "../../components/icons";
import { useTime } from "../../components/TimeContext";
import { formatTime } from "../../lib/time/format";
import css from "./golden.module.css";
import { type Health, sinceText, type Verdict } from "./verdict";

const WORD: Record<Health, string> = { unknown: "No data", healthy: "Healthy", degraded: "Degraded", critical: "Unhealthy" };
const ICON: Record<Health, ReactElement> = { unknown: <HelpIcon size={22} />, healthy: <CheckIcon size={22} />, degraded: <AlertIcon size={22} />, critical: <AlertIcon size={22} /> };

/** The page's answer in one line, and the four signals as numbers. */
export function VerdictBanner({ found, loading }: { found: Verdict; loading: boolean }) {
  const { zone, window } = useTime();
  return (
    <section className={css.summary} aria-label="Health">
      <div className={css.verdict} data-health={loading ? "unknown" : found.health} data-testid="verdict" aria-live="polite">
        {loading ? <HelpIcon size={22} /> : ICON[found.health]}
        <div>
          <h1>{loading ? "Looking…" : WORD[found.health]}</h1>
          <p>
            {loading ? "Asking for the four golden signals" : found.headline}
            {!loading && found.since !== undefined && <span className={css.since}> · {sinceText(found.since, window.to, formatTime(found.since, zone))}</span>}
          </p>
        </div>
      </div>
      {found.findings.map(({ signal, health, value, note }) => (
        <div key={signal} className={css.tile} data-health={health} data-testid={`tile-${signal.toLowerCase()}`}>
          <span className={css.tileName}>
            {signal}
            {(health === "degraded" || health === "critical") && (
              <b>
                <AlertIcon size={12} /> {health === "critical" ? "critical" : "high"}
              </b>
            )}
          </span>
          <span className={css.tileValue}>{loading ? "–" : value}</span>
          <span className={css.tileNote}>{loading ? " " : note}</span>
        </div>
      ))}
    </section>
  );
}
