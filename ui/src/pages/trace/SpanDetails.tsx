import { CloseButton } from "@mantine/core";
import type { ReactNode } from "react";
import { useUrlState } from "../../lib/urlState";
import { shareOf } from "../../lib/trace/insight";
import type { Attribute } from "../../lib/trace/model";
import type { Node, Trace } from "../../lib/trace/tree";
import { formatDuration, significant } from "../../lib/units";
import css from "./trace.module.css";

function Attributes({ list }: { list: readonly Attribute[] }) {
  if (list.length === 0) return <p className={css.note}>none</p>;
  return (
    <dl className={css.attributes}>
      {list.map(({ key, value }) => (
        <div key={key}>
          <dt>{key}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <>
      <h3>{title}</h3>
      {children}
    </>
  );
}

/** Everything known about one span. */
export function SpanDetails({ node, trace, close }: { node: Node; trace: Trace; close: () => void }) {
  const [, change] = useUrlState();
  const { span } = node;
  const facts: Attribute[] = [
    { key: "duration", value: `${formatDuration(node.duration / 1e9)} (${significant(shareOf(node, trace), 2)}% of the trace)` },
    { key: "own time", value: formatDuration(node.self / 1e9) },
    { key: "starts at", value: `+${formatDuration(node.offset / 1e9)}` },
    { key: "kind", value: span.kind },
    { key: "status", value: span.status + (span.statusMessage === "" ? "" : `: ${span.statusMessage}`) },
    { key: "span id", value: span.id },
  ];
  return (
    <aside className={`card ${css.details}`} aria-label={`Details of ${span.name}`} data-testid="span-details">
      <div className={css.detailsHead}>
        <div>
          <h2>{span.name}</h2>
          <span>{span.service}</span>
        </div>
        <CloseButton aria-label="Close the details" onClick={close} />
      </div>
      <Attributes list={facts} />
      <a className="link" href="#logs" onClick={() => change({ service: span.service }, "replace")}>
        Log lines of {span.service} in this trace
      </a>
      <Part title="Attributes">
        <Attributes list={span.attributes} />
      </Part>
      {span.events.length > 0 && (
        <Part title={`Events (${span.events.length})`}>
          {span.events.map((event) => (
            <div key={`${event.name} ${event.nanos}`} className={css.event}>
              <strong>{event.name}</strong> <span>at +{formatDuration(Number(event.nanos - trace.start) / 1e9)}</span>
              <Attributes list={event.attributes} />
            </div>
          ))}
        </Part>
      )}
      <Part title="Resource">
        <Attributes list={span.resource} />
      </Part>
      {span.scope !== "" && (
        <Part title="Scope">
          <p className={css.note}>{span.scope}</p>
        </Part>
      )}
    </aside>
  );
}
