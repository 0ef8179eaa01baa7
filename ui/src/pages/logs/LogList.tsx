import { Button } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef, useState } from "react";
import type { LogLine } from "../../lib/logs/line";
import { LogRow } from "./LogRow";
import css from "./logs.module.css";

interface Props {
  lines: readonly LogLine[];
  height: number;
  /** Whether new lines keep coming; scrolling down holds the list still. */
  following: boolean;
}

const ROW_PX = 25;

/** Below this many pixels the reader still looks at the newest lines. */
const TOP_PX = 8;

// While the reader has scrolled away from the top, the list stays as it was and the new lines wait.
function useHeld(lines: readonly LogLine[], following: boolean) {
  const [held, setHeld] = useState<readonly LogLine[]>();
  const shown = following && held !== undefined ? held : lines;
  const newest = shown[0]?.nanos ?? 0n;
  const waiting = shown === lines ? 0 : lines.filter((line) => line.nanos > newest).length;
  return { shown, waiting, held: held !== undefined, setHeld };
}

/** A list of lines that draws only what is in view; lines expand in place. */
export function LogList({ lines, height, following }: Props) {
  const scroller = useRef<HTMLDivElement | null>(null);
  const { shown, waiting, held, setHeld } = useHeld(lines, following);
  const [expanded, setExpanded] = useState<ReadonlySet<string>>(new Set());
  // The virtualiser hands out functions that must not be memoised; the app uses no compiler that would.
  const rows = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => shown[index]?.key ?? index,
    overscan: 12,
  });
  const toggle = (key: string) =>
    setExpanded((before) => {
      const next = new Set(before);
      if (!next.delete(key)) next.add(key);
      return next;
    });
  const onScroll = () => {
    const top = scroller.current?.scrollTop ?? 0;
    if (!following) return;
    if (top > TOP_PX && !held) setHeld(lines);
    if (top <= TOP_PX && held) setHeld(undefined);
  };
  const total = rows.getTotalSize();
  return (
    <div style={{ position: "relative" }}>
      {waiting > 0 && (
        <Button className={css.waiting} size="compact-sm" radius="xl" onClick={() => scroller.current?.scrollTo({ top: 0 })}>
          Paused · {waiting} new {waiting === 1 ? "line" : "lines"}
        </Button>
      )}
      {/* Scrolling needs the keyboard too. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <section ref={scroller} className={css.list} style={{ height: Math.min(height, total + 2) }} tabIndex={0} aria-label="Log lines, newest first" onScroll={onScroll}>
        <ul style={{ height: total }}>
          {rows.getVirtualItems().map((row) => {
            const line = shown[row.index];
            return line === undefined ? null : (
              <LogRow key={row.key} line={line} index={row.index} measure={rows.measureElement} top={row.start} expanded={expanded.has(line.key)} toggle={toggle} />
            );
          })}
        </ul>
      </section>
    </div>
  );
}
