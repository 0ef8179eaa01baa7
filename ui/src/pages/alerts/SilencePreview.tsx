import { keepPreviousData, useQuery, type UseQueryResult } from "@tanstack/react-query";
import { previewSilence } from "../../api/alertmanager/client";
import type { NotifierAlert } from "../../api/alertmanager/alert";
import type { Matcher, SilencePreview as Preview } from "../../api/alertmanager/silence";
import { SeverityIcon } from "../../components/AlertMarks";
import { BACKGROUND } from "../../components/TimeContext";
import { matcherProblem } from "../../lib/alerts/matchers";
import { severityOf } from "../../lib/alerts/severity";
import css from "./silence.module.css";

/** Alerts that the preview lists; the rest is counted. */
const LISTED_MAX = 50;

/** What a silence with these matchers would mute now. */
export function usePreview(matchers: readonly Matcher[]): UseQueryResult<Preview> {
  return useQuery({
    queryKey: ["silence-preview", matchers],
    queryFn: ({ signal }) => previewSilence(matchers, signal),
    enabled: matcherProblem(matchers) === undefined,
    placeholderData: keepPreviousData,
    staleTime: 0,
    gcTime: 0,
    meta: BACKGROUND,
  });
}

function Line({ alert }: { alert: NotifierAlert }) {
  const { alertname, severity, instance, service, ...rest } = alert.labels;
  const others = Object.entries(rest).map(([name, value]) => `${name}=${value}`);
  return (
    <li data-testid="preview-alert">
      <SeverityIcon severity={severityOf(severity)} size={14} />
      <span>
        <b>{alertname}</b> {[instance, service].filter(Boolean).join(" · ")} <small>{others.join(" ")}</small>
        {alert.status.silencedBy.length > 0 && <small> (already silenced)</small>}
      </span>
    </li>
  );
}

/** Says what would be muted now. */
export function SilencePreview({ preview, problem }: { preview: UseQueryResult<Preview>; problem: string | undefined }) {
  const { data, error, isFetching } = preview;
  const words = () => {
    if (problem !== undefined) return problem;
    if (error !== null) return `The preview is not available: ${error.message}`;
    if (data === undefined) return "Looking for what it would mute…";
    const { alerts, firing } = data;
    if (alerts.length === 0) return "It would mute nothing now; alerts that come later and match will be muted.";
    if (firing !== undefined && firing > alerts.length) return `It would mute ${alerts.length} of the ${firing} alerts that fire now:`;
    return `It would mute ${alerts.length === 1 ? "1 alert" : `${alerts.length} alerts`} now:`;
  };
  const listed = problem === undefined && error === null ? (data?.alerts ?? []) : [];
  return (
    <section className={css.preview} aria-label="Preview" aria-busy={isFetching} data-testid="silence-preview" data-problem={problem !== undefined || error !== null}>
      <p role="status">{words()}</p>
      {listed.length > 0 && (
        <ul>
          {listed.slice(0, LISTED_MAX).map((alert) => (
            <Line key={alert.fingerprint} alert={alert} />
          ))}
        </ul>
      )}
      {listed.length > LISTED_MAX && <p>and {listed.length - LISTED_MAX} more</p>}
    </section>
  );
}
