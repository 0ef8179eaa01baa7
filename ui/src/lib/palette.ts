/** The colour schemes of the app. */
export type Scheme = "light" | "dark";

/**
 * Line colours, ordered so that neighbours differ in lightness as well as hue: they stay apart for the three common
 * kinds of colour blindness, and each has at least 3:1 against its background.
 */
const LINES: Record<Scheme, readonly string[]> = {
  light: ["#0b62b8", "#c04a00", "#00806a", "#8e3a96", "#7a6200", "#0086a8", "#4b4fc4", "#96403f"],
  dark: ["#5aa9ff", "#ff9d57", "#35d0a8", "#e49be0", "#e8d25c", "#63d8f2", "#aaa6ff", "#f0938f"],
};

/** Dash patterns, so that a line is never told by its colour alone; `undefined` is solid. */
const DASHES: readonly (number[] | undefined)[] = [undefined, [8, 3], [3, 2], [10, 3, 2, 3], [5, 2]];

/** The colour of the line at an index. */
export function lineColor(index: number, scheme: Scheme): string {
  const lines = LINES[scheme];
  return lines[index % lines.length] ?? "#888";
}

/** The dash pattern of the line at an index. */
export function lineDash(index: number): number[] | undefined {
  return DASHES[index % DASHES.length];
}

/** The colour of a threshold and of what lies beyond it. */
export const THRESHOLD: Record<Scheme, { warning: string; critical: string }> = {
  light: { warning: "#9a6700", critical: "#c4162a" },
  dark: { warning: "#e8b339", critical: "#ff7b85" },
};
