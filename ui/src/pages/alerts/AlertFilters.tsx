import { NativeSelect, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useEffect, useState } from "react";
import { STATE_TEXT } from "../../components/AlertMarks";
import { type AlertFilter, GROUPINGS, toggledState } from "../../lib/alerts/filter";
import { type AlertState, STATES } from "../../lib/alerts/model";
import { SEVERITIES } from "../../lib/alerts/severity";
import { useUrlState } from "../../lib/urlState";
import css from "./alerts.module.css";

const TEXT_PAUSE_MS = 250;

/** Text that is sought, kept in the URL. */
export function TextFilter({ label, placeholder }: { label: string; placeholder: string }) {
  const [params, change] = useUrlState();
  const fromUrl = params.get("q") ?? "";
  const [text, setText] = useState(fromUrl);
  const commit = useDebouncedCallback((value: string) => change({ q: value }, "replace"), TEXT_PAUSE_MS);
  // Back and a click on a label change the URL from outside; a key would take the focus away while typing.
  // oxlint-disable-next-line react/set-state-in-effect
  useEffect(() => setText(fromUrl), [fromUrl]);
  return (
    <TextInput
      className={css.text}
      size="xs"
      type="search"
      aria-label={label}
      placeholder={placeholder}
      data-testid="alerts-text"
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        commit(event.currentTarget.value);
      }}
    />
  );
}

/** Which states, severities and words are shown, and in what groups. */
export function AlertFilters({ counts, filter }: { counts: Record<AlertState, number>; filter: AlertFilter }) {
  const [, change] = useUrlState();
  return (
    <div className={css.filters}>
      <fieldset className={css.chips} aria-label="States">
        {STATES.map((state) => (
          <button
            key={state}
            type="button"
            className={css.chip}
            data-state={state}
            aria-pressed={filter.states.includes(state)}
            // A state that nothing is in, and that nobody chose, only takes room.
            hidden={counts[state] === 0 && !filter.states.includes(state) && state !== "firing" && state !== "pending"}
            onClick={() => change({ state: toggledState(filter.states, state) }, "replace")}
            data-testid={`state-${state}`}
          >
            {STATE_TEXT[state]} <b>{counts[state]}</b>
          </button>
        ))}
      </fieldset>
      <NativeSelect
        size="xs"
        aria-label="Severity"
        data-testid="alerts-severity"
        value={filter.severity ?? ""}
        data={[{ value: "", label: "Every severity" }, ...SEVERITIES]}
        onChange={(event) => change({ severity: event.currentTarget.value }, "replace")}
      />
      <NativeSelect
        size="xs"
        aria-label="Grouped by"
        data-testid="alerts-by"
        value={filter.by}
        data={GROUPINGS.map((value) => ({ value, label: `By ${value === "alertname" ? "name" : value}` }))}
        onChange={(event) => change({ by: event.currentTarget.value === "severity" ? "" : event.currentTarget.value }, "replace")}
      />
      <TextFilter label="Text in name, labels or summary" placeholder="name, label=value, words" />
    </div>
  );
}
