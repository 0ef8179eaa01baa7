import { Button } from "@mantine/core";
import { useMemo } from "react";
import { ZoomOutIcon } from "../../components/icons";
import { TimeLink } from "../../components/TimeLink";
import { useTime } from "../../components/TimeContext";
import { formatWindow } from "../../lib/time/format";
import { DEFAULT_RANGE } from "../../lib/time/range";
import { formatDuration } from "../../lib/units";
import { ChartPanel } from "../../panels/ChartPanel";
import { LogsPanel } from "../logs/LogsPanel";
import css from "./golden.module.css";
import { SIGNALS } from "./signals";
import { useSignals } from "./useSignals";
import { verdict } from "./verdict";
import { VerdictBanner } from "./VerdictBanner";
import { WhyEmpty } from "./WhyEmpty";

function WindowBar() {
  const { window, zone, zoomOut, setRange } = useTime();
  return (
    <div className={`card ${css.window}`} data-testid="selected-window">
      <span>
        Looking at <strong>{formatWindow(window.from, window.to, zone)}</strong> ({formatDuration(Math.round((window.to - window.from) / 1000))})
      </span>
      <a className="link" href="#logs">
        Log lines of this window
      </a>
      <span style={{ display: "flex", gap: 8 }}>
        <Button size="compact-sm" variant="default" leftSection={<ZoomOutIcon size={14} />} onClick={zoomOut}>
          Zoom out
        </Button>
        <Button size="compact-sm" onClick={() => setRange(DEFAULT_RANGE)} data-testid="back-to-live">
          Back to live
        </Button>
      </span>
    </div>
  );
}

/** The four golden signals; dragging over a chart looks into that window and shows its log lines. */
export default function GoldenPage() {
  const { window, live } = useTime();
  const data = useSignals(window);
  const found = useMemo(() => {
    const frame = (id: string) => data.get(id)?.frame;
    return verdict(
      { latency: frame("latency"), traffic: frame("traffic"), errors: frame("errors"), errorsByEndpoint: frame("errors-by-endpoint"), saturation: [frame("saturation-service"), frame("saturation-host")] },
      live,
    );
  }, [data, live]);
  const loading = [...data.values()].every(({ frame, error }) => frame === undefined && !error);
  return (
    <div data-testid="page-golden">
      <VerdictBanner found={found} loading={loading} />
      {!live && <WindowBar />}
      <div className={css.charts}>
        {SIGNALS.map((signal) => {
          const panel = data.get(signal.id);
          return panel === undefined ? null : (
            <ChartPanel key={signal.id} {...signal} data={panel} window={window} empty={<WhyEmpty metrics={signal.metrics} />} />
          );
        })}
      </div>
      {live ? (
        <p className={css.invite}>
          <strong>See a spike?</strong> Drag over it in any chart: all charts look into that window, and its log lines appear here. Back undoes it. Or open the{" "}
          <TimeLink to="/logs">log lines of the whole range</TimeLink>.
        </p>
      ) : (
        <div id="logs" style={{ marginTop: 12 }}>
          <LogsPanel window={window} height={460} />
        </div>
      )}
    </div>
  );
}
