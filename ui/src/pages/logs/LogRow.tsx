import { memo, type Ref } from "react";
import { ChevronIcon } from "../../components/icons";
import { TimeLink } from "../../components/TimeLink";
import { useTime } from "../../components/TimeContext";
import type { LogLine } from "../../lib/logs/line";
import { segments } from "../../lib/logs/segments";
import { formatDateTime, formatTimeMillis } from "../../lib/time/format";
import css from "./logs.module.css";

interface Props {
  line: LogLine;
  index: number;
  top: number;
  measure: Ref<HTMLLIElement>;
  expanded: boolean;
  toggle: (key: string) => void;
}

const LEVEL_TEXT = { error: "ERROR", warn: "WARN", info: "INFO", debug: "DEBUG", unknown: "–" };

/** A label that holds a trace id, for lines whose text has none. */
function traceLabel(line: LogLine): string | undefined {
  const id = line.labels.trace_id ?? line.labels.traceID ?? line.labels.traceId;
  return id !== undefined && /^[0-9a-f]{32}$/i.test(id) && !line.text.toLowerCase().includes(id.toLowerCase()) ? id.toLowerCase() : undefined;
}

function Text({ line }: { line: LogLine }) {
  const label = traceLabel(line);
  return (
    <>
      {segments(line.text).map((part, index) =>
        part.kind === "text" ? (
          // A line never changes, so the place of a part is its identity.
          // oxlint-disable-next-line react/no-array-index-key
          <span key={index}>{part.text}</span>
        ) : (
          // oxlint-disable-next-line react/no-array-index-key
          <TimeLink key={index} to={`/trace/${part.traceId}`} testId="log-trace-link" title="Open the trace">
            {part.text}
          </TimeLink>
        ),
      )}
      {label !== undefined && (
        <>
          {" "}
          <TimeLink to={`/trace/${label}`} testId="log-trace-link" title="Open the trace">
            trace {label.slice(0, 8)}…
          </TimeLink>
        </>
      )}
    </>
  );
}

function Details({ line }: { line: LogLine }) {
  const { zone } = useTime();
  const pairs = Object.entries(line.labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return (
    <dl className={css.details}>
      <dt>time</dt>
      <dd>
        {formatDateTime(line.ms, zone)}.{String(line.nanos % 1_000_000_000n).padStart(9, "0")}
      </dd>
      {pairs.map(([name, value]) => (
        <div key={name} style={{ display: "contents" }}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** One line: when, how bad, who, what; it opens in place. */
export const LogRow = memo(function LogRow({ line, index, top, measure, expanded, toggle }: Props) {
  const { zone } = useTime();
  return (
    <li ref={measure} data-index={index} data-level={line.level} data-service={line.service} data-testid="log-row" className={css.row} style={{ transform: `translateY(${top}px)` }}>
      <div className={css.line} data-expanded={expanded}>
        <button type="button" className={css.time} aria-expanded={expanded} onClick={() => toggle(line.key)} title={formatDateTime(line.ms, zone)}>
          <span className={css.chevron}>
            <ChevronIcon size={11} />
          </span>
          {formatTimeMillis(line.ms, zone)}
        </button>
        <span className={css.level}>{LEVEL_TEXT[line.level]}</span>
        <span className={css.service}>{line.service}</span>
        <span className={css.text}>
          <Text line={line} />
        </span>
      </div>
      {expanded && <Details line={line} />}
    </li>
  );
});
