import { useComputedColorScheme } from "@mantine/core";
import type { Frame } from "../lib/chart/matrix";
import { formatDateTime, type Zone } from "../lib/time/format";
import { formatValue, type Unit } from "../lib/units";
import { type CursorStore, useCursor } from "./cursor";
import css from "./panel.module.css";
import { Swatch } from "./Swatch";

interface Props {
  frame: Frame;
  unit: Unit;
  zone: Zone;
  hidden: ReadonlySet<string>;
  cursor: CursorStore;
}

/** Lines listed at most; the legend has them all. */
const ROWS_MAX = 10;

/** The values under the crosshair, greatest first, the nearest line in bold. */
export function PlotTooltip({ frame, unit, zone, hidden, cursor }: Props) {
  const { index, left, nearest } = useCursor(cursor);
  const scheme = useComputedColorScheme("light");
  const time = index === null ? undefined : frame.times[index];
  if (index === null || time === undefined) return null;
  const rows = frame.lines
    .map((line, at) => ({ line, at, value: line.values[index] ?? null }))
    .filter(({ line }) => !hidden.has(line.label))
    .toSorted((a, b) => (b.value ?? -1) - (a.value ?? -1))
    .slice(0, ROWS_MAX);
  // Beyond the middle it hangs to the left, so that it never covers what comes next.
  const side = `translateX(clamp(-100% - 14px, (50cqw - ${left}px) * 9999, 14px))`;
  return (
    <div className={css.tooltip} style={{ left, transform: side }} aria-hidden="true">
      <div className={css.tooltipTime}>{formatDateTime(time * 1000, zone)}</div>
      {rows.map(({ line, at, value }) => (
        <div key={line.label} className={css.tooltipRow} data-nearest={nearest === at}>
          <Swatch index={at} scheme={scheme} />
          <span>{line.label}</span>
          <b>{formatValue(value, unit)}</b>
        </div>
      ))}
    </div>
  );
}
