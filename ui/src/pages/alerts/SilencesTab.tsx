import { Button } from "@mantine/core";
import { useMutation, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { expireSilence } from "../../api/alertmanager/client";
import type { Silence } from "../../api/alertmanager/silence";
import { Empty, Failure, Loading } from "../../components/states";
import { useTime } from "../../components/TimeContext";
import { formatMatcher, formatMatchers } from "../../lib/alerts/matchers";
import type { Alert } from "../../lib/alerts/model";
import { formatDateTime } from "../../lib/time/format";
import { formatDuration } from "../../lib/units";
import { useUrlState } from "../../lib/urlState";
import css from "./alerts.module.css";

/** Expired silences that are listed; the newest. */
const EXPIRED_MAX = 50;

/** How long the second click may take. */
const CONFIRM_MS = 4000;

const RANK = { active: 0, pending: 1, expired: 2 };

function Expire({ id }: { id: string }) {
  const [sure, setSure] = useState(false);
  const queries = useQueryClient();
  const expire = useMutation({
    mutationFn: () => expireSilence(id),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ["silences"] });
      void queries.invalidateQueries({ queryKey: ["alerts"] });
    },
  });
  useEffect(() => {
    if (!sure) return undefined;
    const timer = setTimeout(() => setSure(false), CONFIRM_MS);
    return () => clearTimeout(timer);
  }, [sure]);
  return (
    <>
      <Button size="compact-xs" variant="default" {...(sure ? { className: css.sure ?? "" } : {})} loading={expire.isPending} onClick={() => (sure ? expire.mutate() : setSure(true))} data-testid="silence-expire">
        {sure ? "Expire now?" : "Expire"}
      </Button>
      {expire.error !== null && <span className={css.bad}>{expire.error.message}</span>}
    </>
  );
}

// A pending silence says when it begins, an active one when it ends, an expired one when it ended.
function timing({ status, startsAt, endsAt }: Silence, now: number): string {
  const span = (time: string) => formatDuration(Math.abs(Math.round((Date.parse(time) - now) / 1000)));
  if (status.state === "pending") return `begins in ${span(startsAt)}`;
  return status.state === "active" ? `${span(endsAt)} left` : `ended ${span(endsAt)} ago`;
}

function Row({ silence, now, muted }: { silence: Silence; now: number; muted: number }) {
  const { zone } = useTime();
  const [, change] = useUrlState();
  const { state } = silence.status;
  return (
    <li className={css.silenceRow} data-testid="silence-row" data-state={state} data-id={silence.id}>
      <span className={css.silenceState} data-state={state}>
        {state}
      </span>
      <span className={css.labels}>
        {silence.matchers.map((matcher) => (
          <code key={formatMatcher(matcher)} className={css.label}>
            {formatMatcher(matcher)}
          </code>
        ))}
      </span>
      <span className={css.comment}>
        {silence.comment} <small>{silence.createdBy}</small>
      </span>
      <span className={css.since} title={`${formatDateTime(Date.parse(silence.startsAt), zone)} – ${formatDateTime(Date.parse(silence.endsAt), zone)}`}>
        {timing(silence, now)}
        {state === "active" && <small>{muted === 1 ? "mutes 1 alert" : `mutes ${muted === 0 ? "nothing" : `${muted} alerts`}`}</small>}
      </span>
      <span className={css.links}>
        <Button size="compact-xs" variant="default" onClick={() => change({ silence: formatMatchers(silence.matchers) }, "push")}>
          {state === "expired" ? "Again" : "Copy"}
        </Button>
        {state !== "expired" && <Expire id={silence.id} />}
      </span>
    </li>
  );
}

/** The silences: what they mute, who set them and until when. */
export function SilencesTab({ silences, alerts }: { silences: UseQueryResult<Silence[]>; alerts: readonly Alert[] }) {
  const [params, change] = useUrlState();
  const { data, error, dataUpdatedAt, refetch } = silences;
  if (data === undefined) return error === null ? <Loading what="silences" /> : <Failure what="silences: the notifier cannot be reached" error={error} retry={() => void refetch()} />;
  const current = data.filter(({ status }) => status.state !== "expired").toSorted((a, b) => RANK[a.status.state] - RANK[b.status.state] || Date.parse(a.endsAt) - Date.parse(b.endsAt));
  const expired = data.filter(({ status }) => status.state === "expired").toSorted((a, b) => Date.parse(b.endsAt) - Date.parse(a.endsAt));
  const withExpired = params.get("expired") === "1";
  const shown = withExpired ? [...current, ...expired.slice(0, EXPIRED_MAX)] : current;
  return (
    <>
      <div className={css.filters}>
        <span className={css.sum}>
          {current.length === 1 ? "1 silence" : `${current.length} silences`}, {expired.length} expired
        </span>
        <button type="button" className={css.chip} aria-pressed={withExpired} onClick={() => change({ expired: withExpired ? "" : "1" }, "replace")} data-testid="silences-expired">
          Expired <b>{expired.length}</b>
        </button>
      </div>
      {error !== null && (
        <div className={css.problem} role="alert">
          The notifier cannot be reached: {error.message}
        </div>
      )}
      {shown.length === 0 && (
        <Empty title="Nothing is silenced">
          Silence an alert from its row, or{" "}
          <Button size="compact-xs" variant="default" onClick={() => change({ silence: "{}" }, "push")}>
            write matchers
          </Button>{" "}
          for what will come. You see what a silence would mute before it is set.
        </Empty>
      )}
      <ul className={css.silences}>
        {shown.map((silence) => (
          <Row key={silence.id} silence={silence} now={dataUpdatedAt} muted={alerts.filter(({ silencedBy }) => silencedBy.includes(silence.id)).length} />
        ))}
      </ul>
    </>
  );
}
