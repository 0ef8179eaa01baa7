import type { ReactNode } from "react";
import { useTime } from "../../components/TimeContext";
import { type Alert, exprOf } from "../../lib/alerts/model";
import { formatDateTime } from "../../lib/time/format";
import { formatAge } from "../../lib/units";
import { useUrlState } from "../../lib/urlState";
import css from "./alerts.module.css";
import { useSilences } from "./useSilences";

/** Annotations that the row itself shows, or links to. */
const SHOWN_ABOVE = /^(?:summary|message|value|(?:panel|dashboard|runbook)(?:_?url)?)$/i;

function Pair({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function Labels({ labels }: { labels: Record<string, string> }) {
  const [params, change] = useUrlState();
  const add = (text: string) => {
    const words = (params.get("q") ?? "").split(/\s+/).filter(Boolean);
    change({ q: (words.includes(text) ? words.filter((word) => word !== text) : [...words, text]).join(" ") }, "replace");
  };
  return (
    <span className={css.labels}>
      {Object.entries(labels)
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, value]) => (
          <button key={name} type="button" className={css.label} title="Show only alerts with this label" onClick={() => add(`${name}=${value}`)}>
            {name}=<b>{value}</b>
          </button>
        ))}
    </span>
  );
}

function Silences({ ids }: { ids: readonly string[] }) {
  const { zone } = useTime();
  const { data } = useSilences();
  return ids.map((id) => {
    const silence = data?.find((candidate) => candidate.id === id);
    return <div key={id}>{silence === undefined ? id : `${silence.comment} (${silence.createdBy}, until ${formatDateTime(Date.parse(silence.endsAt), zone)})`}</div>;
  });
}

/** Everything that is known about an alert. */
export function AlertDetails({ alert, now, names }: { alert: Alert; now: number; names: ReadonlyMap<string | undefined, string> }) {
  const { zone } = useTime();
  const when = (ms: number) => `${formatDateTime(ms, zone)}, ${formatAge((now - ms) / 1000)} ago`;
  const expr = exprOf(alert.generatorUrl);
  const annotations = Object.entries(alert.annotations).filter(([name]) => !SHOWN_ABOVE.test(name));
  return (
    <dl className={css.details} data-testid="alert-details">
      {alert.annotations.summary !== undefined && <Pair name="summary">{alert.annotations.summary}</Pair>}
      <Pair name="labels">
        <Labels labels={alert.labels} />
      </Pair>
      {alert.value !== "" && <Pair name="value">{alert.value}</Pair>}
      {alert.since > 0 && <Pair name="true since">{when(alert.since)}</Pair>}
      {alert.firingSince !== undefined && <Pair name="firing since">{when(alert.firingSince)}</Pair>}
      {alert.kept && <Pair name="kept">the condition no longer holds; the rule keeps the alert firing for a while</Pair>}
      {alert.silencedBy.length > 0 && (
        <Pair name="silenced by">
          <Silences ids={alert.silencedBy} />
        </Pair>
      )}
      {alert.inhibitedBy.length > 0 && <Pair name="inhibited by">{alert.inhibitedBy.map((id) => names.get(id) ?? id).join(", ")}</Pair>}
      {alert.receivers.length > 0 && <Pair name="told to">{alert.receivers.join(", ")}</Pair>}
      {alert.state === "firing" && alert.fingerprint === undefined && <Pair name="told to">nobody yet: the notifier does not know this alert</Pair>}
      {annotations.map(([name, text]) => (
        <Pair key={name} name={name}>
          {text}
        </Pair>
      ))}
      {expr !== undefined && (
        <Pair name="expression">
          <code>{expr}</code>
        </Pair>
      )}
    </dl>
  );
}
