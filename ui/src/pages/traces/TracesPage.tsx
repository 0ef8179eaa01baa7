import { Button, Table, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { search } from "../../api/tempo/client";
import type { FoundTrace } from "../../api/tempo/search";
import { Empty, Failure, Loading } from "../../components/states";
import { TimeLink } from "../../components/TimeLink";
import { useTime } from "../../components/TimeContext";
import { traceIdHex } from "../../lib/ids";
import { formatDateTime, formatWindow } from "../../lib/time/format";
import { formatDuration } from "../../lib/units";
import { useUrlState } from "../../lib/urlState";
import css from "./traces.module.css";

const LIMIT = 50;

/** Go's durations, which Tempo takes: `200ms`, `1.5s`, `1m30s`. */
const DURATION = /^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/;

function SearchForm() {
  const [params, change] = useUrlState();
  const [service, setService] = useState(params.get("service") ?? "");
  const [least, setLeast] = useState(params.get("min") ?? "");
  const wrong = least !== "" && !DURATION.test(least) ? "Write 200ms, 1.5s or 2m" : undefined;
  return (
    <form
      className={css.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (wrong === undefined) change({ service: service.trim(), min: least.trim() }, "push");
      }}
    >
      <TextInput size="sm" label="Service" placeholder="any service" value={service} onChange={(event) => setService(event.currentTarget.value)} data-testid="traces-service" />
      <TextInput size="sm" label="Took at least" placeholder="200ms" value={least} error={wrong} onChange={(event) => setLeast(event.currentTarget.value)} data-testid="traces-min" />
      <Button type="submit" disabled={wrong !== undefined} data-testid="traces-search">
        Search
      </Button>
    </form>
  );
}

// The root may not have arrived yet; the link must be readable all the same.
function rootName(name: string | undefined, id: string): string {
  return name === undefined || name === "" ? id.slice(0, 8) : name;
}

function Row({ trace, longest }: { trace: FoundTrace; longest: number }) {
  const { zone } = useTime();
  const [date, time] = formatDateTime(Number(BigInt(trace.startTimeUnixNano ?? "0") / 1_000_000n), zone).split(" ");
  const id = traceIdHex(trace.traceID);
  const duration = trace.durationMs ?? 0;
  return (
    <Table.Tr data-testid="trace-row">
      <Table.Td className={css.time}>
        <span className={css.date}>{date} </span>
        {time}
      </Table.Td>
      <Table.Td className={css.service}>{trace.rootServiceName ?? "root not received yet"}</Table.Td>
      <Table.Td>
        <TimeLink to={`/trace/${id}`}>{rootName(trace.rootTraceName, id)}</TimeLink>
      </Table.Td>
      <Table.Td className={css.duration}>
        <span style={{ width: `${(duration / longest) * 100}%` }} aria-hidden="true" />
        <b>{duration < 1 ? "< 1 ms" : formatDuration(duration / 1000)}</b>
      </Table.Td>
      <Table.Td className={css.id}>{id.slice(0, 16)}…</Table.Td>
    </Table.Tr>
  );
}

function Results({ traces }: { traces: readonly FoundTrace[] }) {
  const longest = Math.max(1, ...traces.map((trace) => trace.durationMs ?? 0));
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <section className={css.scroll} tabIndex={0} aria-label="Traces found">
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Start</Table.Th>
            <Table.Th className={css.service}>Service</Table.Th>
            <Table.Th>Name</Table.Th>
            <Table.Th w="24%">Duration</Table.Th>
            <Table.Th className={css.id}>Trace id</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {traces.map((trace) => (
            <Row key={trace.traceID} trace={trace} longest={longest} />
          ))}
        </Table.Tbody>
      </Table>
      <p className={css.foot}>{traces.length >= LIMIT ? `The first ${LIMIT} traces; narrow the range or raise the duration for others.` : `${traces.length} traces`}</p>
    </section>
  );
}

/** Finds traces by service and duration. */
export default function TracesPage() {
  const { window, zone } = useTime();
  const [params] = useUrlState();
  const service = params.get("service") ?? "";
  const minDuration = params.get("min") ?? "";
  const { data, error, refetch } = useQuery({
    queryKey: ["traces", service, minDuration, window.from, window.to],
    queryFn: ({ signal }) => search({ service, minDuration, from: window.from, to: window.to, limit: LIMIT }, signal),
    placeholderData: (previous, previousQuery) => (previousQuery?.queryKey[1] === service && previousQuery.queryKey[2] === minDuration ? previous : undefined),
    gcTime: 10_000,
  });
  return (
    <div className="card" data-testid="page-traces">
      <div className={css.head}>
        <h1>Traces</h1>
        <SearchForm key={`${service} ${minDuration}`} />
      </div>
      {data === undefined && (error === null ? <Loading what="traces" /> : <Failure what="traces" error={error} retry={() => void refetch()} />)}
      {data !== undefined && data.length === 0 && (
        <Empty title="No trace found">
          Between {formatWindow(window.from, window.to, zone)} no trace{service === "" ? "" : ` of ${service}`}
          {minDuration === "" ? " arrived" : ` took ${minDuration} or longer`}. Try a longer range{minDuration === "" ? "" : " or a shorter duration"}.
        </Empty>
      )}
      {data !== undefined && data.length > 0 && <Results traces={data} />}
    </div>
  );
}
