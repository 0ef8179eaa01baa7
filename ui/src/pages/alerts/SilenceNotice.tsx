import { Button, CloseButton } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { expireSilence } from "../../api/alertmanager/client";
import { CheckIcon } from "../../components/icons";
import { useTime } from "../../components/TimeContext";
import { formatDateTime } from "../../lib/time/format";
import css from "./alerts.module.css";

/** A silence that was just set. */
export interface SetSilence {
  id: string;
  /** Milliseconds. */
  until: number;
  /** How many alerts it muted when it was set. */
  muted: number;
}

/** Says that a silence was set, and takes it back. */
export function SilenceNotice({ set, close }: { set: SetSilence; close: () => void }) {
  const { zone } = useTime();
  const queries = useQueryClient();
  const undo = useMutation({
    mutationFn: () => expireSilence(set.id),
    onSuccess: () => {
      close();
      void queries.invalidateQueries({ queryKey: ["silences"] });
      void queries.invalidateQueries({ queryKey: ["alerts"] });
    },
  });
  return (
    <div className={css.notice} role="status" data-testid="silence-set">
      <CheckIcon size={15} />
      <span>
        Silenced until {formatDateTime(set.until, zone)}: {set.muted === 1 ? "1 alert is" : `${set.muted} alerts are`} muted.
        {undo.error !== null && ` It cannot be taken back: ${undo.error.message}`}
      </span>
      <Button size="compact-xs" variant="default" loading={undo.isPending} onClick={() => undo.mutate()} data-testid="silence-undo">
        Undo
      </Button>
      <CloseButton size="sm" aria-label="Close this note" onClick={close} />
    </div>
  );
}
