import { useComputedColorScheme } from "@mantine/core";
import { type KeyboardEvent, type RefObject, useEffect, useMemo, useRef, useState } from "react";
import uPlot from "uplot";
import type { Frame } from "../lib/chart/matrix";
import { formatDateTime, type Zone } from "../lib/time/format";
import type { Window } from "../lib/time/range";
import { formatValue, type Unit } from "../lib/units";
import type { CursorStore } from "./cursor";
import { useCursor } from "./cursor";
import { type Look, plotOptions, type Threshold } from "./options";
import css from "./panel.module.css";
import { PlotTooltip } from "./PlotTooltip";

/** What a chart of lines over time needs. */
export interface PlotProps {
  title: string;
  frame: Frame;
  window: Window;
  unit: Unit;
  zone: Zone;
  thresholds: readonly Threshold[];
  top?: number | undefined;
  hidden: ReadonlySet<string>;
  highlighted: string | undefined;
  cursor: CursorStore;
  onZoom: (window: Window) => void;
  onZoomOut: () => void;
}

// The panels of a row are as tall as the tallest; a chart with a short legend takes the room that is left.
function useSize(ref: RefObject<HTMLDivElement | null>): { width: number; height: number } {
  const [size, setSize] = useState({ width: 0, height: 0 });
  useEffect(() => {
    const element = ref.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(([entry]) => {
      const { width = 0, height = 0 } = entry?.contentRect ?? {};
      setSize({ width: Math.floor(width), height: Math.floor(height) });
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [ref]);
  return size;
}

function columns(frame: Frame): uPlot.AlignedData {
  return [frame.times, ...frame.lines.map((line) => line.values)] as uPlot.AlignedData;
}

// Makes the uPlot anew when its shape changes, and feeds it when only the data does.
function usePlot(host: RefObject<HTMLDivElement | null>, props: PlotProps): RefObject<uPlot | null> {
  const plot = useRef<uPlot | null>(null);
  const latest = useRef(props);
  const { width, height } = useSize(host);
  const scheme = useComputedColorScheme("light");
  const { unit, zone, thresholds, top, frame, window: shown, hidden, highlighted, cursor } = props;
  const look: Look = useMemo(() => ({ unit, scheme, zone, thresholds, top }), [unit, scheme, zone, thresholds, top]);
  const shape = frame.lines.map((line) => line.label).join("\u0000");

  useEffect(() => {
    latest.current = props;
  });

  useEffect(() => {
    const element = host.current;
    if (element === null || width === 0 || height === 0) return undefined;
    let nearest: number | null = null;
    const move = (made: uPlot) => {
      const { idx, left = -1, top: y = 0 } = made.cursor;
      cursor.set({ index: idx === undefined || left < 0 ? null : idx, left: left + made.bbox.left / devicePixelRatio, top: y, nearest });
    };
    const made = new uPlot(
      plotOptions(width, height, latest.current.frame.lines, look, {
        window: () => latest.current.window,
        lines: () => latest.current.frame.lines,
        hidden: () => latest.current.hidden,
        select: (selected) => latest.current.onZoom(selected),
        zoomOut: () => latest.current.onZoomOut(),
        move,
        focus: (index) => {
          nearest = index;
        },
      }),
      columns(latest.current.frame),
      element,
    );
    plot.current = made;
    return () => {
      plot.current = null;
      made.destroy();
    };
    // `shape` stands for the lines: their labels decide the series, their values come through setData.
  }, [host, width, height, look, shape, cursor]);

  useEffect(() => {
    plot.current?.setData(columns(frame), true);
  }, [frame, shown.from, shown.to]);

  useEffect(() => {
    const made = plot.current;
    if (made === null) return;
    made.batch(() => {
      frame.lines.forEach((line, index) => {
        const show = !hidden.has(line.label);
        if (made.series[index + 1]?.show !== show) made.setSeries(index + 1, { show });
      });
      const focused = frame.lines.findIndex((line) => line.label === highlighted);
      made.setSeries(focused < 0 ? null : focused + 1, { focus: true });
    });
  }, [hidden, highlighted, frame, look, width, height]);
  return plot;
}

/** Arrow keys move the crosshair, Shift extends a selection, Enter zooms into it. */
function useKeys(plot: RefObject<uPlot | null>, props: PlotProps) {
  const anchor = useRef<number | null>(null);
  return (event: KeyboardEvent) => {
    const made = plot.current;
    const { times } = props.frame;
    if (made === null || times.length === 0) return;
    const at = props.cursor.get().index ?? times.length - 1;
    const moves: Record<string, number> = { ArrowLeft: at - 1, ArrowRight: at + 1, PageUp: at + 10, PageDown: at - 10, Home: 0, End: times.length - 1 };
    const target = moves[event.key];
    const position = (index: number) => made.valToPos(times[index] ?? 0, "x");
    if (target !== undefined) {
      const next = Math.min(Math.max(target, 0), times.length - 1);
      anchor.current = event.shiftKey ? (anchor.current ?? at) : null;
      made.setCursor({ left: position(next), top: made.over.clientHeight / 3 });
      const from = position(Math.min(anchor.current ?? next, next));
      const to = position(Math.max(anchor.current ?? next, next));
      made.setSelect({ left: from, width: to - from, top: 0, height: made.over.clientHeight }, false);
    } else if (event.key === "Enter" && anchor.current !== null && anchor.current !== at) {
      const [from, to] = [Math.min(anchor.current, at), Math.max(anchor.current, at)];
      anchor.current = null;
      made.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
      props.onZoom({ from: (times[from] ?? 0) * 1000, to: (times[to] ?? 0) * 1000 });
    } else if (event.key === "Escape") {
      anchor.current = null;
      made.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
    } else return;
    event.preventDefault();
  };
}

function Spoken({ frame, unit, zone, cursor }: PlotProps) {
  const { index } = useCursor(cursor);
  const time = index === null ? undefined : frame.times[index];
  if (index === null || time === undefined) return null;
  const values = frame.lines.map((line) => `${line.label} ${formatValue(line.values[index], unit)}`).join(", ");
  return <>{`${formatDateTime(time * 1000, zone)}: ${values}`}</>;
}

/** A chart of lines over time with crosshair, selection by pointer and keyboard, and a tooltip. */
export function Plot(props: PlotProps) {
  const host = useRef<HTMLDivElement | null>(null);
  const plot = usePlot(host, props);
  const onKeyDown = useKeys(plot, props);
  const [hovered, setHovered] = useState(false);
  const [focused, setFocused] = useState(false);
  // A tooltip over the window being selected would hide it.
  const [pressed, setPressed] = useState(false);
  return (
    // The chart is a widget with keys of its own, which the rules cannot see.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div
      className={css.plot}
      role="group"
      aria-roledescription="chart"
      aria-label={`${props.title}. Arrow keys move the crosshair, Shift and arrow keys select, Enter zooms.`}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      onKeyDown={onKeyDown}
      onFocus={() => setFocused(true)}
      onBlur={() => setFocused(false)}
      onPointerEnter={(event) => {
        setHovered(true);
        // The button may have been released outside.
        setPressed(event.buttons !== 0);
      }}
      onPointerLeave={() => setHovered(false)}
      onPointerDown={() => setPressed(true)}
      onPointerUp={() => setPressed(false)}
      onPointerCancel={() => setPressed(false)}
    >
      <div ref={host} className={css.canvas} data-testid="plot" />
      {(hovered || focused) && !pressed && <PlotTooltip {...props} />}
      <div className="visually-hidden" aria-live="polite">
        {focused && <Spoken {...props} />}
      </div>
    </div>
  );
}
