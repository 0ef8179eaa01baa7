import { Button } from "@mantine/core";
import { useMemo } from "react";
import { DownloadIcon } from "../components/icons";
import type { Frame } from "../lib/chart/matrix";
import { csvRow } from "../lib/csv";
import { formatDateTime, type Zone } from "../lib/time/format";
import { formatValue, type Unit } from "../lib/units";
import css from "./panel.module.css";

interface Props {
  title: string;
  frame: Frame;
  unit: Unit;
  zone: Zone;
  height: number;
}

function download(title: string, frame: Frame): void {
  const head = csvRow(["time", ...frame.lines.map((line) => line.label)]);
  const rows = frame.times.map((time, index) => csvRow([new Date(time * 1000).toISOString(), ...frame.lines.map((line) => line.values[index] ?? null)]));
  const url = URL.createObjectURL(new Blob([[head, ...rows].join("\r\n")], { type: "text/csv" }));
  const anchor = document.createElement("a");
  anchor.href = url;
  anchor.download = `${title.toLowerCase().replaceAll(/\W+/g, "-")}.csv`;
  anchor.click();
  URL.revokeObjectURL(url);
}

/** The chart's data as a table, newest first. */
export function ChartTable({ title, frame, unit, zone, height }: Props) {
  const order = useMemo(() => frame.times.map((_, index) => index).toReversed(), [frame]);
  return (
    <div>
      {/* Scrolling needs the keyboard too. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <section className={css.table} style={{ height }} tabIndex={0} aria-label={`${title} as a table`} data-testid="chart-table">
        <table>
          <thead>
            <tr>
              <th scope="col">Time</th>
              {frame.lines.map((line) => (
                <th scope="col" key={line.label}>
                  {line.label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {order.map((index) => (
              <tr key={frame.times[index]}>
                <th scope="row">{formatDateTime((frame.times[index] ?? 0) * 1000, zone)}</th>
                {frame.lines.map((line) => (
                  <td key={line.label}>{formatValue(line.values[index], unit)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <Button size="compact-xs" variant="subtle" leftSection={<DownloadIcon size={13} />} onClick={() => download(title, frame)}>
        CSV
      </Button>
    </div>
  );
}
