import { TextInput } from "@mantine/core";
import type { Runbook } from "../../api/lgtm/runbooks";
import { BookIcon } from "../../components/icons";
import { Empty, Failure, Loading } from "../../components/states";
import { TimeLink } from "../../components/TimeLink";
import { useAlerts, useRunbooks } from "../../components/useAlerts";
import { isCalling } from "../../lib/alerts/model";
import { useUrlState } from "../../lib/urlState";
import css from "./runbooks.module.css";

function Entry({ runbook, firing }: { runbook: Runbook; firing: ReadonlySet<string> }) {
  return (
    <li className={css.entry} data-testid="runbook-row" data-name={runbook.name}>
      <BookIcon size={16} />
      <TimeLink to={`/runbooks/${encodeURIComponent(runbook.name)}`}>{runbook.title === "" ? runbook.name : runbook.title}</TimeLink>
      <span className={css.names}>
        {runbook.alerts.filter((name) => name !== runbook.title || firing.has(name)).map((name) => (
          <span key={name} className={css.alertName} data-firing={firing.has(name)}>
            {name}
            {firing.has(name) && <b> firing</b>}
          </span>
        ))}
      </span>
    </li>
  );
}

/** Every runbook; those of alerts that fire now come first. */
export default function RunbooksPage() {
  const [params, change] = useUrlState();
  const { data, error, refetch } = useRunbooks();
  const { alerts } = useAlerts();
  const firing = new Set((alerts ?? []).filter(isCalling).map(({ name }) => name));
  const text = (params.get("q") ?? "").toLowerCase();
  const fires = ({ alerts: names }: Runbook) => names.some((name) => firing.has(name));
  const shown = (data ?? [])
    .filter(({ name, title, alerts: names }) => [name, title, ...names].some((part) => part.toLowerCase().includes(text)))
    .toSorted((a, b) => Number(fires(b)) - Number(fires(a)) || (a.title < b.title ? -1 : 1));
  return (
    <div className="card" data-testid="page-runbooks">
      <div className={css.head}>
        <h1>Runbooks</h1>
        {data !== undefined && <span>{data.length === 1 ? "1 runbook" : `${data.length} runbooks`}</span>}
        <TextInput className={css.search} size="xs" type="search" aria-label="Text in title or alert" placeholder="title or alert" value={params.get("q") ?? ""} onChange={(event) => change({ q: event.currentTarget.value }, "replace")} data-testid="runbooks-text" />
      </div>
      {data === undefined && (error === null ? <Loading what="runbooks" /> : <Failure what="runbooks" error={error} retry={() => void refetch()} />)}
      {data !== undefined && data.length === 0 && <Empty title="No runbooks">Write one Markdown file an alert into content/runbooks; `lgtm check content` says which are missing.</Empty>}
      {data !== undefined && data.length > 0 && shown.length === 0 && <Empty title="No runbook has this text">{data.length} are hidden by the search.</Empty>}
      <ul className={css.entries}>
        {shown.map((runbook) => (
          <Entry key={runbook.name} runbook={runbook} firing={firing} />
        ))}
      </ul>
    </div>
  );
}
