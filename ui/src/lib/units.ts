/** How a number is written on an axis, in a legend or in a sentence. */
export type Unit = "seconds" | "percent" | "per-second" | "count" | "times";

/** Three significant digits, without the trailing zeros that suggest a precision nobody has. */
export function significant(value: number, digits = 3): string {
  if (value === 0) return "0";
  const magnitude = Math.floor(Math.log10(Math.abs(value)));
  const decimals = Math.min(Math.max(digits - 1 - magnitude, 0), 6);
  const fixed = value.toFixed(decimals);
  return fixed.includes(".") ? fixed.replace(/\.?0+$/, "") : fixed;
}

/** A duration in the unit a person would choose: `850 µs`, `182 ms`, `1.42 s`, `3 min 5 s`. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "–";
  const absolute = Math.abs(seconds);
  if (absolute === 0) return "0 s";
  if (absolute < 0.000_001) return `${significant(seconds * 1e9)} ns`;
  if (absolute < 0.001) return `${significant(seconds * 1e6)} µs`;
  if (absolute < 0.9995) return `${significant(seconds * 1e3)} ms`;
  if (absolute < 60) return `${significant(seconds)} s`;
  const parts: [number, string][] = [
    [86_400, "d"],
    [3600, "h"],
    [60, "min"],
    [1, "s"],
  ];
  const sign = seconds < 0 ? "-" : "";
  let rest = Math.round(absolute);
  const words: string[] = [];
  for (const [size, name] of parts) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0 && words.length < 2) words.push(`${count} ${name}`);
    else if (words.length > 0) break;
  }
  return sign + words.join(" ");
}

/** How long ago, or for how long: seconds matter in the first ten minutes only. */
export function formatAge(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return formatDuration(whole < 600 ? whole : whole < 86_400 ? whole - (whole % 60) : whole - (whole % 3600));
}

function formatCount(value: number): string {
  const absolute = Math.abs(value);
  if (absolute >= 1e9) return `${significant(value / 1e9)} G`;
  if (absolute >= 1e6) return `${significant(value / 1e6)} M`;
  if (absolute >= 1e4) return `${significant(value / 1e3)} k`;
  return significant(value);
}

/** A value with its unit; `–` when there is none. */
export function formatValue(value: number | null | undefined, unit: Unit): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  switch (unit) {
    case "seconds":
      return formatDuration(value);
    case "percent":
      return `${significant(value, value >= 100 ? 3 : 2 + Number(Math.abs(value) >= 10))}%`;
    case "per-second":
      return `${formatCount(value)} /s`;
    case "count":
      return formatCount(value);
    case "times":
      return `${significant(value, value >= 100 ? 3 : 2 + Number(value >= 10))}×`;
  }
}
