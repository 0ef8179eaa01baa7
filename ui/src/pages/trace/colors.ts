import { useComputedColorScheme } from "@mantine/core";
import { useMemo } from "react";
import { lineColor } from "../../lib/palette";
import type { Trace } from "../../lib/trace/tree";

/** One colour a service, in the order in which they appear. */
export function useServiceColors(trace: Trace): Map<string, string> {
  const scheme = useComputedColorScheme("light");
  return useMemo(() => new Map(trace.services.map((service, index) => [service, lineColor(index, scheme)])), [trace, scheme]);
}
