import { AlertIcon, DatabaseIcon } from "../../components/icons";
import { useTime } from "../../components/TimeContext";
import { formatDateTime } from "../../lib/time/format";
import { culprit, shareOf } from "../../lib/trace/insight";
import { isDatabase, type Node, type Trace } from "../../lib/trace/tree";
import { formatDuration, significant } from "../../lib/units";
import { useServiceColors } from "./colors";
import css from "./trace.module.css";

function Insight({ trace, select }: { trace: Trace; select: (node: Node) => void }) {
  const node = culprit(trace);
  if (node === undefined || trace.nodes.length < 2) return null;
  const share = significant(shareOf(node, trace), 2);
  return (
    <button type="button" className={css.insight} onClick={() => select(node)} data-testid="trace-insight">
      {isDatabase(node.span) ? <DatabaseIcon size={18} /> : <AlertIcon size={18} />}
      <span>
        <b>{node.span.name}</b> in <b>{node.span.service}</b> took <b>{formatDuration(node.duration / 1e9)}</b>, {share}% of this trace
        {node.span.status === "error" && <>, and failed{node.span.statusMessage === "" ? "" : `: ${node.span.statusMessage}`}</>}
      </span>
    </button>
  );
}

/** The head of a trace: what it was, how long, and where the time went. */
export function Summary({ trace, id, select }: { trace: Trace; id: string; select: (node: Node) => void }) {
  const { zone } = useTime();
  const colors = useServiceColors(trace);
  const root = trace.roots[0]?.span;
  const facts: [string, string][] = [
    ["Duration", formatDuration(trace.duration / 1e9)],
    ["Start", formatDateTime(Number(trace.start / 1_000_000n), zone)],
    ["Spans", String(trace.nodes.length)],
    ["Services", String(trace.services.length)],
    ["Failed spans", String(trace.errors)],
  ];
  return (
    <section className={`card ${css.summary}`} aria-label="Summary">
      <div className={css.title}>
        <h1>
          {root?.service}: {root?.name}
        </h1>
        <code>{id}</code>
        <a className="link" href="#logs">
          Logs of this trace
        </a>
      </div>
      <dl className={css.facts}>
        {facts.map(([name, value]) => (
          <div key={name} data-bad={name === "Failed spans" && trace.errors > 0}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Insight trace={trace} select={select} />
      {trace.orphans > 0 && <p className={css.note}>{trace.orphans} spans name a parent that is not here; the trace may be incomplete.</p>}
      <ul className={css.services} aria-label="Services">
        {trace.services.map((service) => (
          <li key={service}>
            <i style={{ background: colors.get(service) }} />
            {service}
          </li>
        ))}
        <li>
          <i className={css.criticalMark} /> critical path
        </li>
      </ul>
    </section>
  );
}
