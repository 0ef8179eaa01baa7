import { lineColor, lineDash, type Scheme } from "../lib/palette";

/** A piece of the line itself, dashes included. */
export function Swatch({ index, scheme }: { index: number; scheme: Scheme }) {
  return (
    <svg width="20" height="8" aria-hidden="true" focusable="false" style={{ flex: "none" }}>
      <line x1="0" x2="20" y1="4" y2="4" stroke={lineColor(index, scheme)} strokeWidth="2.5" strokeDasharray={lineDash(index)?.join(" ")} />
    </svg>
  );
}
