import { useDebouncedCallback } from "@mantine/hooks";
import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useEffect, useMemo, useState } from "react";
import { Empty, Failure, Loading } from "../../components/states";
import { useTime } from "../../components/TimeContext";
import type { Level } from "../../lib/logs/level";
import type { LogLine } from "../../lib/logs/line";
import { formatWindow } from "../../lib/time/format";
import type { Window } from "../../lib/time/range";
import { useUrlState } from "../../lib/urlState";
import { LogList } from "./LogList";
import css from "./logs.module.css";
import { LINES_FIRST, LINES_MAX, useLogs } from "./useLogs";

interface Props {
  window: Window;
  height: number;
  title?: string;
  /** Only lines that name this trace. */
  traceId?: string;
}

const TEXT_PAUSE_MS = 300;

const LEVEL_CHOICES = [
  { value: "", label: "All levels" },
  { value: "error", label: "Errors" },
  { value: "warn", label: "Warnings and errors" },
  { value: "info", label: "Info and above" },
];

const SHOWN: Record<string, readonly Level[]> = { error: ["error"], warn: ["error", "warn"], info: ["error", "warn", "info"] };

// Services that were seen stay selectable while the filter hides all others.
function useServices(lines: readonly LogLine[] | undefined, current: string): string[] {
  const [seen, setSeen] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => {
    // What was seen accumulates over answers, which no single render knows.
    // oxlint-disable-next-line react/set-state-in-effect
    setSeen((before) => {
      const fresh = (lines ?? []).map((line) => line.service).filter((service) => service !== "" && !before.has(service));
      return fresh.length === 0 ? before : new Set([...before, ...fresh]);
    });
  }, [lines]);
  return useMemo(() => [...new Set([...seen, ...(current === "" ? [] : [current])])].toSorted(), [seen, current]);
}

function Filters({ services }: { services: string[] }) {
  const [params, change] = useUrlState();
  const [text, setText] = useState(params.get("q") ?? "");
  const commit = useDebouncedCallback((value: string) => change({ q: value }, "replace"), TEXT_PAUSE_MS);
  const fromUrl = params.get("q") ?? "";
  // Back and "Clear the filters" change the URL from outside; a key would take the focus away while typing.
  // oxlint-disable-next-line react/set-state-in-effect
  useEffect(() => setText(fromUrl), [fromUrl]);
  return (
    <div className={css.filters}>
      <NativeSelect
        size="xs"
        aria-label="Service"
        data-testid="logs-service"
        value={params.get("service") ?? ""}
        data={[{ value: "", label: "All services" }, ...services]}
        onChange={(event) => change({ service: event.currentTarget.value }, "replace")}
      />
      <NativeSelect size="xs" aria-label="Level" data-testid="logs-level" value={params.get("level") ?? ""} data={LEVEL_CHOICES} onChange={(event) => change({ level: event.currentTarget.value }, "replace")} />
      <TextInput
        size="xs"
        type="search"
        aria-label="Text in the line"
        placeholder="Text in the line"
        data-testid="logs-text"
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          commit(event.currentTarget.value);
        }}
      />
    </div>
  );
}

function Counts({ lines, shown }: { lines: readonly LogLine[]; shown: number }) {
  const errors = lines.filter((line) => line.level === "error").length;
  return (
    <span className={css.counts} data-testid="logs-count">
      {shown === lines.length ? `${lines.length.toLocaleString("en")} lines` : `${shown.toLocaleString("en")} of ${lines.length.toLocaleString("en")} lines`}
      {errors > 0 && <b> · {errors.toLocaleString("en")} errors</b>}
    </span>
  );
}

function NoLines({ filter, traceId, query, window }: { filter: string; traceId: string | undefined; query: string; window: Window }) {
  const { zone } = useTime();
  const [, change] = useUrlState();
  if (filter !== "") {
    return (
      <Empty title="No line passes the filters">
        Between {formatWindow(window.from, window.to, zone)} nothing matches <code>{query}</code>.{" "}
        <Button size="compact-xs" variant="default" onClick={() => change({ service: "", level: "", q: "" }, "replace")}>
          Clear the filters
        </Button>
      </Empty>
    );
  }
  if (traceId !== undefined) return <Empty title="No log line names this trace">The services of this trace may write no trace id into their lines, or the lines are older than the retention.</Empty>;
  return (
    <Empty title="No log lines in this window">
      Nothing arrived between {formatWindow(window.from, window.to, zone)}. Choose a longer range, or check that your services send OTLP logs to port 4317 or 4318.
    </Empty>
  );
}

/** The log lines of a window with their filters; loading, failure and emptiness look different. */
export function LogsPanel({ window, height, title = "Log lines", traceId }: Props) {
  const [params] = useUrlState();
  const { live } = useTime();
  const [more, setMore] = useState(false);
  const service = params.get("service") ?? "";
  const level = params.get("level") ?? "";
  const text = params.get("q") ?? "";
  // A level is chosen among the loaded lines, so that there must be enough of them.
  const limit = more || level !== "" ? LINES_MAX : LINES_FIRST;
  const { data, error, isFetching, refetch, query } = useLogs(window, { service, text, ...(traceId === undefined ? {} : { traceId }) }, limit);
  const services = useServices(data, service);
  const shown = useMemo(() => {
    const levels = SHOWN[level];
    return levels === undefined ? data : data?.filter((line) => levels.includes(line.level));
  }, [data, level]);
  const full = data !== undefined && data.length >= limit;
  return (
    <section className={`card ${css.panel}`} aria-labelledby="logs-title" data-testid="logs-panel" data-fetching={isFetching}>
      <div className={css.head}>
        <h2 id="logs-title">{title}</h2>
        {data !== undefined && shown !== undefined && <Counts lines={data} shown={shown.length} />}
        <Filters services={services} />
      </div>
      {data === undefined && (error === null ? <Loading what="log lines" /> : <Failure what="log lines" error={error} retry={() => void refetch()} />)}
      {data !== undefined && error !== null && (
        <div className={css.stale} role="alert">
          Not refreshed: {error.message}
        </div>
      )}
      {shown !== undefined && shown.length === 0 && <NoLines filter={service + level + text} traceId={traceId} query={query} window={window} />}
      {shown !== undefined && shown.length > 0 && <LogList lines={shown} height={height} following={live && traceId === undefined} />}
      {full && (
        <div className={css.foot}>
          These are the newest {limit.toLocaleString("en")} lines; older ones exist.{" "}
          {limit < LINES_MAX ? (
            <Button size="compact-xs" variant="default" onClick={() => setMore(true)}>
              Load older lines
            </Button>
          ) : (
            "Choose a shorter window to see them."
          )}
        </div>
      )}
    </section>
  );
}
