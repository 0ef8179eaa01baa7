import css from "./slo.module.css";

/** A mark on the scale. */
export interface Mark {
  value: number;
  title: string;
}

interface Props {
  id: string;
  title: string;
  /** What the needle shows; null when nothing was measured. */
  value: number | null;
  text: string;
  note: string;
  min: number;
  max: number;
  /** The ends of the scale in words. */
  ends: [string, string];
  marks: readonly Mark[];
  level: "ok" | "warn" | "bad" | "unknown";
}

const RADIUS = 70;
const STROKE = 13;
const CENTRE = { x: 90, y: 84 };

function point(share: number, radius: number): string {
  const angle = Math.PI * (1 - share);
  return `${(CENTRE.x + radius * Math.cos(angle)).toFixed(2)} ${(CENTRE.y - radius * Math.sin(angle)).toFixed(2)}`;
}

function arc(from: number, to: number): string {
  return `M ${point(from, RADIUS)} A ${RADIUS} ${RADIUS} 0 0 1 ${point(to, RADIUS)}`;
}

/** A half circle from `min` to `max`, with its value in words and the limits that matter marked. */
export function Gauge({ id, title, value, text, note, min, max, ends, marks, level }: Props) {
  const share = (of: number) => Math.min(Math.max((of - min) / (max - min), 0), 1);
  const filled = value === null ? 0 : share(value);
  return (
    <figure className={`card ${css.gauge}`} data-level={level} data-testid={`gauge-${id}`}>
      <figcaption>{title}</figcaption>
      <svg
        viewBox="0 0 180 96"
        role="meter"
        aria-label={title}
        aria-valuemin={min}
        aria-valuemax={max}
        aria-valuenow={value === null ? min : Math.min(Math.max(value, min), max)}
        aria-valuetext={`${text}, ${note}`}
      >
        <path d={arc(0, 1)} className={css.track} strokeWidth={STROKE} />
        {filled > 0.004 && <path d={arc(0, filled)} className={css.fill} strokeWidth={STROKE} />}
        {marks.map((mark) => (
          <line
            key={mark.title}
            className={css.mark}
            x1={point(share(mark.value), RADIUS - 9).split(" ")[0]}
            y1={point(share(mark.value), RADIUS - 9).split(" ")[1]}
            x2={point(share(mark.value), RADIUS + 9).split(" ")[0]}
            y2={point(share(mark.value), RADIUS + 9).split(" ")[1]}
          >
            <title>{mark.title}</title>
          </line>
        ))}
        <text x={CENTRE.x} y={CENTRE.y - 12} textAnchor="middle" className={css.gaugeText} data-long={text.length > 6}>
          {text}
        </text>
        <text x={CENTRE.x - RADIUS} y={95} textAnchor="middle" className={css.end}>
          {ends[0]}
        </text>
        <text x={CENTRE.x + RADIUS} y={95} textAnchor="middle" className={css.end}>
          {ends[1]}
        </text>
      </svg>
      <p>{note}</p>
    </figure>
  );
}
