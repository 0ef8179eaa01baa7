import { useComputedColorScheme } from "@mantine/core";
import { type Frame, lastValue, maxValue } from "../lib/chart/matrix";
import { formatValue, type Unit } from "../lib/units";
import { type CursorStore, useCursor } from "./cursor";
import css from "./panel.module.css";
import { Swatch } from "./Swatch";

interface Props {
  title: string;
  frame: Frame;
  unit: Unit;
  hidden: ReadonlySet<string>;
  cursor: CursorStore;
  onToggle: (label: string, alone: boolean) => void;
  onHighlight: (label: string | undefined) => void;
}

/** One row a line: the value at the crosshair (else the last), and the greatest. A click hides, with Ctrl shows alone. */
export function Legend({ title, frame, unit, hidden, cursor, onToggle, onHighlight }: Props) {
  const { index } = useCursor(cursor);
  const scheme = useComputedColorScheme("light");
  return (
    <table className={css.legend} aria-label={`Legend of ${title}`}>
      <thead>
        <tr>
          <th scope="col">
            <span className="visually-hidden">Line</span>
          </th>
          <th scope="col">{index === null ? "last" : "here"}</th>
          <th scope="col">max</th>
        </tr>
      </thead>
      <tbody>
        {frame.lines.map((line, at) => (
          <tr key={line.label} data-hidden={hidden.has(line.label)} onPointerEnter={() => onHighlight(line.label)} onPointerLeave={() => onHighlight(undefined)}>
            <th scope="row">
              <button
                type="button"
                className={css.legendName}
                aria-pressed={!hidden.has(line.label)}
                title="Click hides or shows this line; Ctrl+click shows it alone"
                onClick={(event) => onToggle(line.label, event.ctrlKey || event.metaKey)}
              >
                <Swatch index={at} scheme={scheme} />
                <span>{line.label}</span>
              </button>
            </th>
            <td>{formatValue(index === null ? lastValue(line.values) : line.values[index], unit)}</td>
            <td>{formatValue(maxValue(line.values)?.value, unit)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
