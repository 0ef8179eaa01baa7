import type { KeyboardEvent } from "react";
import { AlertIcon, ChevronIcon, DatabaseIcon } from "../../components/icons";
import { shareOf } from "../../lib/trace/insight";
import { isDatabase, type Node, type Trace } from "../../lib/trace/tree";
import { formatDuration, significant } from "../../lib/units";
import css from "./trace.module.css";

interface Props {
  node: Node;
  trace: Trace;
  color: string;
  slowest: boolean;
  selected: boolean;
  collapsed: boolean;
  tabbable: boolean;
  select: (node: Node) => void;
  toggle: (node: Node) => void;
  onKey: (event: KeyboardEvent, node: Node) => void;
  onFocus: (id: string) => void;
}

/** The label stands inside the bar's right side when the bar reaches so far that nothing fits behind it. */
const LABEL_INSIDE_FROM = 72;

function Bar({ node, trace, color, slowest }: Pick<Props, "node" | "trace" | "color" | "slowest">) {
  const percent = (nanos: number) => (trace.duration === 0 ? 0 : (nanos / trace.duration) * 100);
  const end = percent(node.offset + node.duration);
  const database = isDatabase(node.span);
  const share = shareOf(node, trace);
  const shareText = database || slowest ? ` · ${significant(share, 2)}%` : "";
  const label = end > LABEL_INSIDE_FROM ? { right: `${100 - percent(node.offset)}%` } : { left: `${end}%` };
  const inside = end > LABEL_INSIDE_FROM && percent(node.offset) < 100 - LABEL_INSIDE_FROM;
  return (
    <div className={css.track}>
      <div className={css.bar} data-slowest={slowest} style={{ left: `${percent(node.offset)}%`, width: `${percent(node.duration)}%`, background: color }} />
      {node.critical.map(([from, to]) => (
        <i key={from} className={css.criticalPart} style={{ left: `${percent(from)}%`, width: `${percent(to - from)}%` }} />
      ))}
      <span className={css.barLabel} data-inside={inside} style={inside ? { left: `${percent(node.offset)}%` } : label}>
        {formatDuration(node.duration / 1e9)}
        {shareText}
      </span>
    </div>
  );
}

/** One span of the waterfall. */
export function SpanRow({ node, trace, color, slowest, selected, collapsed, tabbable, select, toggle, onKey, onFocus }: Props) {
  const { span, depth, children } = node;
  const database = isDatabase(span);
  return (
    <div
      id={`span-${span.id}`}
      role="treeitem"
      aria-level={depth + 1}
      aria-selected={selected}
      aria-expanded={children.length === 0 ? undefined : !collapsed}
      tabIndex={tabbable ? 0 : -1}
      className={css.row}
      data-testid="span-row"
      data-span-name={span.name}
      data-service={span.service}
      data-duration-ms={(node.duration / 1e6).toFixed(3)}
      data-database={database}
      data-slowest={slowest}
      onClick={() => select(node)}
      onKeyDown={(event) => onKey(event, node)}
      onFocus={() => onFocus(span.id)}
    >
      <div className={css.name} style={{ paddingLeft: 8 + depth * 16, borderLeftColor: color }}>
        {children.length > 0 ? (
          // The arrow keys do the same for the keyboard; a second tab stop a row would only be in the way.
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions
          <span
            className={css.twisty}
            data-open={!collapsed}
            onClick={(event) => {
              event.stopPropagation();
              toggle(node);
            }}
          >
            <ChevronIcon size={12} />
          </span>
        ) : (
          <span className={css.twisty} />
        )}
        {database && (
          <span className={css.database}>
            <DatabaseIcon size={13} />
          </span>
        )}
        {span.status === "error" && (
          <span className={css.failed} title="This span failed">
            <AlertIcon size={13} />
            <span className="visually-hidden">failed: </span>
          </span>
        )}
        <b>{span.name}</b>
        <span className={css.service}>{span.service}</span>
        {slowest && <span className={css.badge}>slowest</span>}
      </div>
      <Bar node={node} trace={trace} color={color} slowest={slowest} />
    </div>
  );
}
