import { useQuery } from "@tanstack/react-query";
import { ApiError } from "../../api/http";
import { runbookText } from "../../api/lgtm/client";
import { Empty, Failure, Loading } from "../../components/states";
import { BACKGROUND } from "../../components/TimeContext";
import { TimeLink } from "../../components/TimeLink";
import { useAlerts, useRunbooks } from "../../components/useAlerts";
import { RunbookAlerts } from "./RunbookAlerts";
import { Markdown } from "./Markdown";
import css from "./runbooks.module.css";

// Names come from the URL; the list knows the title before the text is here.
function titleOf(text: string | undefined, known: string | undefined, name: string): string {
  return known ?? /^#\s+(.+)$/m.exec(text ?? "")?.[1] ?? name;
}

/** One runbook, below the alerts that lead to it. */
export default function RunbookPage({ name }: { name: string }) {
  const list = useRunbooks();
  const { alerts, now } = useAlerts();
  const { data, error, refetch } = useQuery({ queryKey: ["runbook", name], queryFn: ({ signal }) => runbookText(name, signal), meta: BACKGROUND, staleTime: 60_000 });
  const known = list.data?.find((runbook) => runbook.name === name);
  const missing = error instanceof ApiError && error.status === 404;
  return (
    <div className="card" data-testid="page-runbook">
      <div className={css.head}>
        <TimeLink to="/runbooks">Runbooks</TimeLink>
        <h1>{titleOf(data, known?.title, name)}</h1>
      </div>
      <RunbookAlerts name={name} names={known === undefined || known.alerts.length === 0 ? [name] : known.alerts} alerts={alerts} now={now} />
      {data === undefined && error === null && <Loading what="runbook" />}
      {data === undefined && error !== null && !missing && <Failure what="runbook" error={error} retry={() => void refetch()} />}
      {missing && <Empty title="This runbook does not exist">No runbook is called {name}. It may have been renamed; the list has them all.</Empty>}
      {data !== undefined && <Markdown text={data} />}
    </div>
  );
}
