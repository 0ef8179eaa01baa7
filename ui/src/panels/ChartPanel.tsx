import { ActionIcon, Tooltip } from "@mantine/core";
import { type ReactNode, useEffect, useState } from "react";
import { ChartIcon, TableIcon } from "../components/icons";
import { Empty, Failure, Loading } from "../components/states";
import { useTime } from "../components/TimeContext";
import { type Frame, isEmpty } from "../lib/chart/matrix";
import type { Window } from "../lib/time/range";
import type { Unit } from "../lib/units";
import { ChartTable } from "./ChartTable";
import { CursorStore } from "./cursor";
import { exposeChart } from "./exposed";
import { Legend } from "./Legend";
import type { Threshold } from "./options";
import css from "./panel.module.css";
import { Plot } from "./Plot";

/** The data of a panel and how far it is. */
export interface PanelData {
  frame: Frame | undefined;
  error: unknown;
  fetching: boolean;
  retry: () => void;
}

interface Props {
  id: string;
  title: string;
  hint: string;
  unit: Unit;
  data: PanelData;
  window: Window;
  thresholds: readonly Threshold[];
  top?: number | undefined;
  /** Why there may be no data. */
  empty: ReactNode;
}

const TABLE_HEIGHT_PX = 230;

/** Hides or shows a line; `alone` shows only it, or all when it is alone already. */
function toggled(hidden: ReadonlySet<string>, label: string, alone: boolean, all: readonly string[]): Set<string> {
  if (alone) {
    const others = all.filter((other) => other !== label);
    const isAlone = !hidden.has(label) && others.every((other) => hidden.has(other));
    return new Set(isAlone ? [] : others);
  }
  const next = new Set(hidden);
  if (!next.delete(label)) next.add(label);
  return next;
}

function Lines({ title, unit, window, thresholds, top, frame, asTable }: Props & { frame: Frame; asTable: boolean }) {
  const time = useTime();
  const [cursor] = useState(() => new CursorStore());
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [highlighted, setHighlighted] = useState<string>();
  if (asTable) return <ChartTable title={title} frame={frame} unit={unit} zone={time.zone} height={TABLE_HEIGHT_PX} />;
  return (
    <>
      <Plot
        title={title}
        frame={frame}
        window={window}
        unit={unit}
        zone={time.zone}
        thresholds={thresholds}
        top={top}
        hidden={hidden}
        highlighted={highlighted}
        cursor={cursor}
        onZoom={time.zoomTo}
        onZoomOut={time.zoomOut}
      />
      <Legend
        title={title}
        frame={frame}
        unit={unit}
        hidden={hidden}
        cursor={cursor}
        onHighlight={setHighlighted}
        onToggle={(label, alone) => setHidden(toggled(hidden, label, alone, frame.lines.map((line) => line.label)))}
      />
    </>
  );
}

function Content(props: Props & { asTable: boolean }) {
  const { frame, error, retry } = props.data;
  if (frame === undefined) return error ? <Failure what={props.title} error={error} retry={retry} /> : <Loading what={props.title} />;
  if (isEmpty(frame)) return error ? <Failure what={props.title} error={error} retry={retry} /> : <Empty title="No data in this time range">{props.empty}</Empty>;
  return (
    <>
      {error !== null && error !== undefined && (
        <div className={css.stale} role="alert">
          Not refreshed: {error instanceof Error ? error.message : String(error)}
        </div>
      )}
      <Lines {...props} frame={frame} />
    </>
  );
}

/** A chart with its title, its states, its legend and its table. */
export function ChartPanel(props: Props) {
  const { id, title, hint, data, unit } = props;
  const [asTable, setAsTable] = useState(false);
  useEffect(
    () => exposeChart(id, { title, unit, window: props.window, times: data.frame?.times ?? [], lines: data.frame?.lines ?? [] }),
    [id, title, unit, props.window, data.frame],
  );
  const label = asTable ? "View as chart" : "View as table";
  return (
    <section className={`card ${css.panel}`} aria-labelledby={`title-${id}`} data-testid={`chart-${id}`} data-fetching={data.fetching}>
      <div className={css.head}>
        <h2 id={`title-${id}`}>{title}</h2>
        <span className={css.hint}>{hint}</span>
        <Tooltip label={label}>
          <ActionIcon variant="subtle" color="gray" size="sm" aria-label={`${label}: ${title}`} aria-pressed={asTable} onClick={() => setAsTable(!asTable)} data-testid={`table-toggle-${id}`}>
            {asTable ? <ChartIcon size={15} /> : <TableIcon size={15} />}
          </ActionIcon>
        </Tooltip>
      </div>
      <div className={css.body}>
        <Content {...props} asTable={asTable} />
      </div>
    </section>
  );
}
