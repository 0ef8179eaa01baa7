import { Kbd, Modal, Table } from "@mantine/core";
import { useEffect, useRef } from "react";
import { useLocation } from "wouter";
import { timeSearch } from "../lib/urlState";
import { useTime } from "./TimeContext";

const GO: Record<string, string> = { g: "/", a: "/alerts", s: "/slo", l: "/logs", t: "/traces", e: "/targets", b: "/runbooks" };

const ROWS: [string[], string][] = [
  [["g", "g"], "Golden signals"],
  [["g", "a"], "Alerts"],
  [["g", "s"], "SLOs"],
  [["g", "l"], "Logs"],
  [["g", "t"], "Traces"],
  [["g", "e"], "Targets"],
  [["g", "b"], "Runbooks"],
  [["r"], "Refresh now"],
  [["z"], "Zoom out in time"],
  [["?"], "This list"],
  [["←", "→"], "In a chart: move the crosshair"],
  [["Shift", "←/→"], "In a chart: select a window"],
  [["Enter"], "In a chart: zoom into the selection"],
  [["↑", "↓"], "In a trace: move between spans"],
  [["←", "→"], "In a trace: close or open a span"],
  [["↑", "↓"], "In the alerts: move between alerts"],
  [["Enter"], "In the alerts: show everything about one"],
  [["s"], "In the alerts: silence the one in focus"],
];

/** How long the second key of a pair may take. */
const PAIR_MS = 1200;

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/** Listens for the shortcuts and lists them. */
export function Shortcuts({ opened, open, close }: { opened: boolean; open: () => void; close: () => void }) {
  const [, navigate] = useLocation();
  const time = useTime();
  const pendingSince = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const isPair = performance.now() - pendingSince.current < PAIR_MS;
      pendingSince.current = Number.NEGATIVE_INFINITY;
      const page = isPair ? GO[event.key] : undefined;
      if (page !== undefined) navigate(page + timeSearch(window.location.search));
      else if (event.key === "g") pendingSince.current = performance.now();
      else if (event.key === "r") time.refresh();
      else if (event.key === "z") time.zoomOut();
      else if (event.key === "?") open();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [navigate, open, time]);
  return (
    <Modal opened={opened} onClose={close} title="Keyboard shortcuts" closeButtonProps={{ "aria-label": "Close" }}>
      <Table>
        <Table.Tbody>
          {ROWS.map(([keys, what]) => (
            <Table.Tr key={what}>
              <Table.Td w={130}>
                {keys.map((key, index) => (
                  <span key={`${what}${index === 0 ? "first" : "second"}`}>
                    {index > 0 && " "}
                    <Kbd>{key}</Kbd>
                  </span>
                ))}
              </Table.Td>
              <Table.Td>{what}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  );
}
