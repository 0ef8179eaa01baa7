import { useViewportSize } from "@mantine/hooks";
import { useTime } from "../../components/TimeContext";
import { LogsPanel } from "./LogsPanel";

/** What the frame of the page takes of the screen's height. */
const FRAME_PX = 200;

/** All log lines of the chosen time. */
export default function LogsPage() {
  const { window } = useTime();
  const { height } = useViewportSize();
  return (
    <div data-testid="page-logs">
      <h1 className="visually-hidden">Logs</h1>
      <LogsPanel window={window} height={Math.max(height - FRAME_PX, 360)} />
    </div>
  );
}
