import { type KeyboardEvent, useMemo, useState } from "react";
import { culprit } from "../../lib/trace/insight";
import type { Node, Trace } from "../../lib/trace/tree";
import { formatDuration } from "../../lib/units";
import { useServiceColors } from "./colors";
import { SpanRow } from "./SpanRow";
import css from "./trace.module.css";

interface Props {
  trace: Trace;
  selected: Node | undefined;
  select: (node: Node | undefined) => void;
  collapsed: ReadonlySet<string>;
  setCollapsed: (next: ReadonlySet<string>) => void;
}

const TICKS = [0, 0.25, 0.5, 0.75, 1];

function hiddenByAncestor(node: Node, collapsed: ReadonlySet<string>): boolean {
  for (let at = node.parent; at !== undefined; at = at.parent) if (collapsed.has(at.span.id)) return true;
  return false;
}

function useTreeKeys({ select, collapsed, setCollapsed }: Props, visible: readonly Node[], toggle: (node: Node) => void) {
  return (event: KeyboardEvent, node: Node) => {
    const at = visible.indexOf(node);
    const closed = collapsed.has(node.span.id);
    const focus = (target: Node | undefined) => {
      if (target !== undefined) document.getElementById(`span-${target.span.id}`)?.focus();
    };
    switch (event.key) {
      case "ArrowDown":
        focus(visible[at + 1]);
        break;
      case "ArrowUp":
        focus(visible[at - 1]);
        break;
      case "Home":
        focus(visible[0]);
        break;
      case "End":
        focus(visible.at(-1));
        break;
      case "ArrowRight":
        if (closed) toggle(node);
        else focus(node.children[0]);
        break;
      case "ArrowLeft":
        if (!closed && node.children.length > 0) setCollapsed(new Set([...collapsed, node.span.id]));
        else focus(node.parent);
        break;
      case "Enter":
      case " ":
        select(node);
        break;
      case "Escape":
        select(undefined);
        break;
      default:
        return;
    }
    event.preventDefault();
  };
}

/** The spans of a trace, nested, on one time axis. */
export function Waterfall(props: Props) {
  const { trace, selected, select, collapsed, setCollapsed } = props;
  const colors = useServiceColors(trace);
  const visible = useMemo(() => trace.nodes.filter((node) => !hiddenByAncestor(node, collapsed)), [trace, collapsed]);
  const slowest = useMemo(() => culprit(trace), [trace]);
  // One row is in the tab order: the selected one, else the one focused last, else the first.
  const [lastFocused, setLastFocused] = useState<string>();
  const toggle = (node: Node) => {
    const next = new Set(collapsed);
    if (!next.delete(node.span.id)) next.add(node.span.id);
    setCollapsed(next);
  };
  const onKey = useTreeKeys(props, visible, toggle);
  const stop = selected?.span.id ?? lastFocused ?? visible[0]?.span.id;
  return (
    <section className={`card ${css.waterfall}`} aria-label="Waterfall" data-testid="waterfall">
      <div className={css.ruler} aria-hidden="true">
        <span>Span</span>
        <div>
          {TICKS.map((tick) => (
            <span key={tick} style={{ left: `${tick * 100}%` }}>
              {tick === 0 ? "0" : formatDuration((trace.duration * tick) / 1e9)}
            </span>
          ))}
        </div>
      </div>
      <div role="tree" aria-label="Spans">
        {visible.map((node) => (
          <SpanRow
            key={node.span.id}
            node={node}
            trace={trace}
            color={colors.get(node.span.service) ?? "#888"}
            slowest={node === slowest}
            selected={node === selected}
            collapsed={collapsed.has(node.span.id)}
            tabbable={node.span.id === stop}
            select={select}
            toggle={toggle}
            onKey={onKey}
            onFocus={setLastFocused}
          />
        ))}
      </div>
    </section>
  );
}
