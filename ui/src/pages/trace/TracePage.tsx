import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { ApiError } from "../../api/http";
import { trace as fetchTrace } from "../../api/tempo/client";
import { Empty, Failure, Loading } from "../../components/states";
import { TimeLink } from "../../components/TimeLink";
import { isTraceId } from "../../lib/ids";
import { readSpans } from "../../lib/trace/model";
import { buildTrace, type Node, type Trace } from "../../lib/trace/tree";
import { useUrlState } from "../../lib/urlState";
import { LogsPanel } from "../logs/LogsPanel";
import { SpanDetails } from "./SpanDetails";
import { Summary } from "./Summary";
import css from "./trace.module.css";
import { Waterfall } from "./Waterfall";

/** Lines of a trace may be written a little before its first and after its last span. */
const LOG_MARGIN_MS = 60_000;

/** A trace may still be on its way from the services: a missing one is asked for again a few times. */
const MISSING_RETRIES = 3;

function TraceView({ trace, id }: { trace: Trace; id: string }) {
  const [params, change] = useUrlState();
  const wanted = params.get("span");
  const selected = trace.nodes.find((node) => node.span.id === wanted);
  const [collapsed, setCollapsed] = useState<ReadonlySet<string>>(new Set());
  const select = (node: Node | undefined) => change({ span: node?.span.id }, "replace");
  const start = Number(trace.start / 1_000_000n);
  const logWindow = useMemo(() => ({ from: start - LOG_MARGIN_MS, to: start + trace.duration / 1e6 + LOG_MARGIN_MS }), [start, trace.duration]);
  return (
    <>
      <Summary trace={trace} id={id} select={select} />
      <div className={css.main} data-open={selected !== undefined}>
        <Waterfall trace={trace} selected={selected} select={select} collapsed={collapsed} setCollapsed={setCollapsed} />
        {selected !== undefined && <SpanDetails node={selected} trace={trace} close={() => select(undefined)} />}
      </div>
      <div id="logs" style={{ marginTop: 12 }}>
        <LogsPanel window={logWindow} height={360} title="Logs of this trace" traceId={id} />
      </div>
    </>
  );
}

/** One trace: where its time went. */
export default function TracePage({ id }: { id: string }) {
  const valid = isTraceId(id);
  const { data, error, refetch } = useQuery({
    queryKey: ["trace", id],
    enabled: valid,
    queryFn: async ({ signal }) => buildTrace(readSpans(await fetchTrace(id.toLowerCase(), signal))),
    retry: (count, failure) => failure instanceof ApiError && (failure.status === 404 || failure.status === 0) && count < MISSING_RETRIES,
    retryDelay: 1500,
  });
  const missing = (error instanceof ApiError && error.status === 404) || data?.nodes.length === 0;
  return (
    <div data-testid="page-trace">
      {!valid && (
        <div className="card">
          <Empty title="This is no trace id">A trace id has 32 hexadecimal digits; “{id}” has not.</Empty>
        </div>
      )}
      {valid && missing && (
        <div className="card">
          <Empty title="This trace is not here">
            No span of {id} is stored: it may not have arrived yet, was not sampled, or is older than the retention. <TimeLink to="/traces">Search other traces</TimeLink>
          </Empty>
        </div>
      )}
      {valid && !missing && data === undefined && (error === null ? <Loading what="trace" /> : <Failure what="this trace" error={error} retry={() => void refetch()} />)}
      {!missing && data !== undefined && <TraceView trace={data} id={id.toLowerCase()} />}
    </div>
  );
}
