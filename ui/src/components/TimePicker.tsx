import { Button, Popover, SegmentedControl, TextInput } from "@mantine/core";
import { useState } from "react";
import { formatWindow, fromInputValue, toInputValue, type Zone } from "../lib/time/format";
import { formatSpan, lastSpan, parseTyped, pinned, type TimeRange } from "../lib/time/range";
import { ClockIcon } from "./icons";
import { useTime } from "./TimeContext";
import css from "./TimePicker.module.css";

const QUICK: [string, string][] = [
  ["5m", "5 minutes"],
  ["15m", "15 minutes"],
  ["30m", "30 minutes"],
  ["1h", "1 hour"],
  ["3h", "3 hours"],
  ["6h", "6 hours"],
  ["12h", "12 hours"],
  ["1d", "1 day"],
  ["2d", "2 days"],
  ["7d", "7 days"],
];

function rangeLabel(range: TimeRange, zone: Zone): string {
  const { from, to } = range;
  if (from.kind === "relative" && to.kind === "relative") {
    const span = formatSpan(from.backMs);
    const quick = QUICK.find(([text]) => text === span)?.[1];
    return to.backMs === 0 ? `Last ${quick ?? span}` : `${span} ago to ${formatSpan(to.backMs)} ago`;
  }
  if (from.kind === "absolute" && to.kind === "absolute") return formatWindow(from.ms, to.ms, zone);
  return from.kind === "absolute" ? `Since ${toInputValue(from.ms, zone).replace("T", " ")}` : "Custom range";
}

function Absolute({ done }: { done: () => void }) {
  const { window, zone, setRange } = useTime();
  const [from, setFrom] = useState(() => toInputValue(window.from, zone));
  const [to, setTo] = useState(() => toInputValue(window.to, zone));
  const start = fromInputValue(from, zone);
  const end = fromInputValue(to, zone);
  const wrong = start === undefined || end === undefined ? "Both times are needed" : start >= end ? "The end must be after the start" : undefined;
  const apply = () => {
    if (start === undefined || end === undefined || wrong !== undefined) return;
    setRange(pinned({ from: start, to: end }));
    done();
  };
  return (
    <div className={css.absolute}>
      <TextInput size="xs" type="datetime-local" step={1} label={`From (${zone === "utc" ? "UTC" : "local"})`} value={from} onChange={(event) => setFrom(event.currentTarget.value)} />
      <TextInput size="xs" type="datetime-local" step={1} label="To" value={to} error={wrong} onChange={(event) => setTo(event.currentTarget.value)} />
      <Button size="xs" onClick={apply} disabled={wrong !== undefined}>
        Apply
      </Button>
    </div>
  );
}

function Typed({ done }: { done: () => void }) {
  const { setRange } = useTime();
  const [text, setText] = useState("");
  const [wrong, setWrong] = useState(false);
  const apply = () => {
    const range = parseTyped(text);
    setWrong(range === undefined);
    if (range === undefined) return;
    setRange(range);
    done();
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        apply();
      }}
    >
      <TextInput
        size="sm"
        label="Range"
        data-testid="time-typed"
        placeholder="6h, 90m, now-2h to now-1h"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        error={wrong ? "Write 6h, 1h30m, 7d or now-2h to now-1h" : undefined}
      />
    </form>
  );
}

/** Chooses the window that all pages look at, and the zone times are written in. */
export function TimePicker() {
  const { range, zone, setRange, setZone } = useTime();
  const [opened, setOpened] = useState(false);
  const close = () => setOpened(false);
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" shadow="md" trapFocus withinPortal>
      <Popover.Target>
        <Button variant="default" leftSection={<ClockIcon />} rightSection={<span className={css.zone}>{zone === "utc" ? "UTC" : "local"}</span>} onClick={() => setOpened((was) => !was)} data-testid="time-picker" className={css.button}>
          {rangeLabel(range, zone)}
        </Button>
      </Popover.Target>
      <Popover.Dropdown className={css.dropdown} aria-label="Time range">
        <Typed done={close} />
        <div className={css.quick}>
          {QUICK.map(([text, label]) => (
            <Button
              key={text}
              size="compact-sm"
              variant="subtle"
              color="gray"
              c="var(--mantine-color-text)"
              justify="flex-start"
              onClick={() => {
                setRange(parseTyped(text) ?? lastSpan(900_000));
                close();
              }}
            >
              {label}
            </Button>
          ))}
        </div>
        <Absolute key={zone} done={close} />
        <SegmentedControl
          fullWidth
          size="xs"
          aria-label="Time zone"
          value={zone}
          onChange={(value) => setZone(value === "utc" ? "utc" : "local")}
          data={[
            { value: "local", label: "Local time" },
            { value: "utc", label: "UTC" },
          ]}
        />
      </Popover.Dropdown>
    </Popover>
  );
}
