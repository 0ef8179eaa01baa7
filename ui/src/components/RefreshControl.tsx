import { ActionIcon, NativeSelect, Tooltip } from "@mantine/core";
import { useTime } from "./TimeContext";
import { RefreshIcon } from "./icons";

const CHOICES = [
  { value: "0", label: "Off" },
  { value: "5000", label: "5 s" },
  { value: "10000", label: "10 s" },
  { value: "30000", label: "30 s" },
  { value: "60000", label: "1 min" },
];

/** How often a live page asks again, and a button to ask now. */
export function RefreshControl() {
  const { refreshMs, setRefresh, refresh, live } = useTime();
  const known = CHOICES.some(({ value }) => value === String(refreshMs));
  const choices = known ? CHOICES : [...CHOICES, { value: String(refreshMs), label: `${refreshMs / 1000} s` }];
  return (
    <div style={{ display: "flex", gap: 4 }}>
      <Tooltip label="Refresh now (r)">
        <ActionIcon variant="default" size="lg" onClick={refresh} aria-label="Refresh now" data-testid="refresh-now">
          <RefreshIcon />
        </ActionIcon>
      </Tooltip>
      <NativeSelect
        size="sm"
        w={72}
        aria-label="Refresh interval"
        data-testid="refresh-interval"
        disabled={!live}
        value={String(refreshMs)}
        data={choices}
        onChange={(event) => setRefresh(Number(event.currentTarget.value))}
      />
    </div>
  );
}
