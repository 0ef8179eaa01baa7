import type uPlot from "uplot";
import { type Line, maxValue } from "../lib/chart/matrix";
import { lineColor, lineDash, type Scheme, THRESHOLD } from "../lib/palette";
import { formatTick, type Zone } from "../lib/time/format";
import type { Window } from "../lib/time/range";
import { formatValue, type Unit } from "../lib/units";

/** A level that means trouble, drawn as a line across the chart. */
export interface Threshold {
  value: number;
  severity: "warning" | "critical";
}

/** What the options of one chart depend on. */
export interface Look {
  unit: Unit;
  scheme: Scheme;
  zone: Zone;
  thresholds: readonly Threshold[];
  /** The least top of the value axis; without it the data decides. */
  top: number | undefined;
}

/** What uPlot calls back. */
export interface Callbacks {
  window: () => Window;
  lines: () => readonly Line[];
  hidden: () => ReadonlySet<string>;
  select: (window: Window) => void;
  zoomOut: () => void;
  move: (plot: uPlot) => void;
  focus: (index: number | null) => void;
}

/** Space above the highest point. */
const HEADROOM = 1.12;

/** The top of the value axis: above every visible point, and at least what the chart asks for. */
export function topOf(lines: readonly Line[], hidden: ReadonlySet<string>, least: number | undefined): number {
  const most = lines.reduce((top, line) => (hidden.has(line.label) ? top : Math.max(top, maxValue(line.values)?.value ?? 0)), 0);
  return Math.max(most * HEADROOM, least ?? 0) || 1;
}

/** The bottom of the value axis: zero, unless something visible lies below. */
export function bottomOf(lines: readonly Line[], hidden: ReadonlySet<string>): number {
  let least = 0;
  for (const { label, values } of lines) if (!hidden.has(label)) for (const value of values) if (value !== null && value < least) least = value;
  return least * HEADROOM;
}

function themeColor(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim() || "#888";
}

/** uPlot's own list has nothing between one minute and five, which leaves a five-minute window with a single tick. */
const TICK_SECONDS = [
  1,
  2,
  5,
  10,
  15,
  30,
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * 60),
  ...[1, 2, 3, 6, 12].map((hours) => hours * 3600),
  ...[1, 2, 5, 10, 30, 90, 365].map((days) => days * 86_400),
];

function axes(look: Look): uPlot.Axis[] {
  const font = '11px system-ui, "DejaVu Sans", sans-serif';
  const stroke = () => themeColor("--lgtm-axis");
  const grid = { stroke: () => themeColor("--lgtm-grid"), width: 1 };
  return [
    {
      font,
      stroke,
      grid: { show: false },
      ticks: { stroke: () => themeColor("--lgtm-border"), width: 1, size: 4 },
      space: 72,
      incrs: TICK_SECONDS,
      size: 26,
      gap: 4,
      values: (_plot, splits, _axis, _space, incr) => splits.map((time) => formatTick(time * 1000, incr * 1000, look.zone)),
    },
    {
      font,
      stroke,
      grid,
      ticks: { show: false },
      space: 34,
      gap: 6,
      size: 56,
      values: (_plot, splits) => splits.map((value) => formatValue(value, look.unit)),
    },
  ];
}

function drawThresholds(plot: uPlot, look: Look): void {
  const { ctx, bbox } = plot;
  const ratio = window.devicePixelRatio;
  for (const { value, severity } of look.thresholds) {
    const y = Math.round(plot.valToPos(value, "y", true));
    if (y < bbox.top || y > bbox.top + bbox.height) continue;
    ctx.save();
    ctx.strokeStyle = THRESHOLD[look.scheme][severity];
    ctx.lineWidth = ratio;
    ctx.globalAlpha = 0.75;
    ctx.setLineDash([3 * ratio, 4 * ratio]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.restore();
  }
}

function series(lines: readonly Line[], look: Look): uPlot.Series[] {
  return lines.map((line, index) => {
    const color = lineColor(index, look.scheme);
    const dash = lineDash(index);
    return {
      label: line.label,
      stroke: color,
      width: 1.75,
      ...(dash === undefined ? {} : { dash }),
      // A single line has room for a shade below it; more would hide each other.
      ...(lines.length === 1 ? { fill: `${color}22` } : {}),
      spanGaps: false,
      points: { show: false },
    };
  });
}

/** The options of a chart of lines over time. */
export function plotOptions(width: number, height: number, lines: readonly Line[], look: Look, on: Callbacks): uPlot.Options {
  return {
    width,
    height,
    padding: [10, 18, 0, 0],
    legend: { show: false },
    scales: {
      x: { time: true, range: () => [on.window().from / 1000, on.window().to / 1000] },
      y: { range: () => [bottomOf(on.lines(), on.hidden()), topOf(on.lines(), on.hidden(), look.top)] },
    },
    axes: axes(look),
    series: [{}, ...series(lines, look)],
    tzDate: (seconds) => shiftedDate(seconds, look.zone),
    focus: { alpha: 0.25 },
    cursor: {
      y: false,
      points: { size: 7 },
      focus: { prox: 24 },
      drag: { x: true, y: false, setScale: false, dist: 6 },
      bind: {
        dblclick: () => () => {
          on.zoomOut();
          return null;
        },
      },
      // The crosshair is shared; pressing and releasing are not, or every chart would select.
      sync: {
        key: "lgtm",
        setSeries: false,
        scales: ["x", null],
        filters: { pub: (type) => type === "mousemove" || type === "mouseleave", sub: () => true },
      },
    },
    hooks: {
      draw: [(plot) => drawThresholds(plot, look)],
      setCursor: [on.move],
      setSeries: [(_plot, index) => on.focus(index === null ? null : index - 1)],
      setSelect: [
        (plot) => {
          const { left, width: selected } = plot.select;
          if (selected <= 0) return;
          on.select({ from: plot.posToVal(left, "x") * 1000, to: plot.posToVal(left + selected, "x") * 1000 });
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
    },
  };
}

// uPlot places its ticks by the fields of a local date; for UTC the date is shifted so that its local fields read UTC.
function shiftedDate(seconds: number, zone: Zone): Date {
  const date = new Date(seconds * 1000);
  return zone === "local" ? date : new Date(date.getTime() + date.getTimezoneOffset() * 60_000);
}
