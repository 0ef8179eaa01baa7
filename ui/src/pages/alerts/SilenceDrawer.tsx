import { ActionIcon, Button, Drawer, NativeSelect, Textarea, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { putSilence } from "../../api/alertmanager/client";
import type { Matcher } from "../../api/alertmanager/silence";
import { CloseIcon, PlusIcon } from "../../components/icons";
import { Failure } from "../../components/states";
import { useTime } from "../../components/TimeContext";
import { flagsOf, matcherProblem, OPERATORS, type Operator, operatorOf, parseMatchers } from "../../lib/alerts/matchers";
import { formatDateTime } from "../../lib/time/format";
import { parseSpan } from "../../lib/time/range";
import css from "./silence.module.css";
import type { SetSilence } from "./SilenceNotice";
import { SilencePreview, usePreview } from "./SilencePreview";

interface Props {
  /** The matchers of the URL; null when no silence is being written. */
  draft: string | null;
  close: () => void;
  onSet: (set: SetSilence) => void;
}

const SPANS = ["30m", "1h", "2h", "8h", "1d", "7d"];

/** Typing is followed by a preview after this pause. */
const PREVIEW_PAUSE_MS = 300;

const AUTHOR_KEY = "lgtm-author";

// Storage may be forbidden; the name is then asked for each time.
function storedAuthor(): string {
  try {
    return localStorage.getItem(AUTHOR_KEY) ?? "";
  } catch {
    return "";
  }
}

function storeAuthor(author: string): void {
  try {
    localStorage.setItem(AUTHOR_KEY, author);
  } catch {
    // See above.
  }
}

interface Row extends Matcher {
  id: number;
}

function MatcherRow({ row, change, remove }: { row: Row; change: (row: Row) => void; remove: () => void }) {
  return (
    <div className={css.matcher} data-testid="silence-matcher">
      <TextInput size="xs" aria-label="Label" value={row.name} onChange={(event) => change({ ...row, name: event.currentTarget.value })} />
      <NativeSelect
        size="xs"
        aria-label={`How ${row.name} compares`}
        value={operatorOf(row)}
        data={[...OPERATORS]}
        onChange={(event) => change({ ...row, ...flagsOf(event.currentTarget.value as Operator) })}
      />
      <TextInput size="xs" aria-label={`Value of ${row.name}`} value={row.value} onChange={(event) => change({ ...row, value: event.currentTarget.value })} />
      <ActionIcon variant="subtle" color="gray" aria-label={`Remove ${row.name}`} onClick={remove} data-testid="matcher-remove">
        <CloseIcon size={14} />
      </ActionIcon>
    </div>
  );
}

function useRows(draft: string) {
  const [rows, setRows] = useState<Row[]>(() => {
    const parsed = parseMatchers(draft) ?? [];
    const matchers = parsed.length > 0 ? parsed : [{ name: "alertname", value: "", isRegex: false, isEqual: true }];
    return matchers.map((matcher, id) => ({ ...matcher, id }));
  });
  return {
    rows,
    change: (row: Row) => setRows(rows.map((old) => (old.id === row.id ? row : old))),
    remove: (id: number) => setRows(rows.filter((row) => row.id !== id)),
    add: () => setRows([...rows, { id: Math.max(-1, ...rows.map((row) => row.id)) + 1, name: "", value: "", isRegex: false, isEqual: true }]),
  };
}

function Matchers({ rows, change, remove, add }: ReturnType<typeof useRows>) {
  return (
    <fieldset className={css.fieldset}>
      <legend>Alerts whose labels match all of these</legend>
      {rows.map((row) => (
        <MatcherRow key={row.id} row={row} change={change} remove={() => remove(row.id)} />
      ))}
      <Button size="compact-xs" variant="default" leftSection={<PlusIcon size={12} />} onClick={add} data-testid="matcher-add">
        Add a matcher
      </Button>
    </fieldset>
  );
}

function Duration({ span, setSpan, problem, now }: { span: string; setSpan: (span: string) => void; problem: string | undefined; now: number }) {
  const { zone } = useTime();
  const ms = parseSpan(span);
  return (
    <fieldset className={css.fieldset}>
      <legend>For</legend>
      <div className={css.spans}>
        {SPANS.map((choice) => (
          <button key={choice} type="button" className={css.span} aria-pressed={choice === span} onClick={() => setSpan(choice)}>
            {choice}
          </button>
        ))}
        <TextInput size="xs" w={84} aria-label="Duration" value={span} error={problem !== undefined} onChange={(event) => setSpan(event.currentTarget.value)} data-testid="silence-duration" />
      </div>
      <small>{ms === undefined ? problem : `until ${formatDateTime(now + ms, zone)}`}</small>
    </fieldset>
  );
}

function Form({ draft, close, onSet }: Props & { draft: string }) {
  const queries = useQueryClient();
  const matchers = useRows(draft);
  const [span, setSpan] = useState("2h");
  const [stored] = useState(storedAuthor);
  const [author, setAuthor] = useState(stored);
  const [comment, setComment] = useState("");
  const [tried, setTried] = useState(false);
  const [opened] = useState(() => Date.now());
  const plain: Matcher[] = matchers.rows.map(({ name, value, isRegex, isEqual }) => ({ name: name.trim(), value, isRegex, isEqual }));
  const [settled] = useDebouncedValue(JSON.stringify(plain), PREVIEW_PAUSE_MS);
  const preview = usePreview(JSON.parse(settled) as Matcher[]);
  const problem = matcherProblem(plain);
  const muted = preview.data?.alerts.length ?? 0;
  const spanProblem = parseSpan(span) === undefined ? "Write 30m, 2h or 1d12h" : undefined;
  const put = useMutation({
    mutationFn: async () => {
      const from = Date.now();
      const until = from + (parseSpan(span) ?? 0);
      const id = await putSilence({ matchers: plain, startsAt: new Date(from).toISOString(), endsAt: new Date(until).toISOString(), createdBy: author.trim(), comment: comment.trim() });
      return { id, until, muted };
    },
    onSuccess: (set) => {
      storeAuthor(author.trim());
      onSet(set);
      close();
      void queries.invalidateQueries({ queryKey: ["silences"] });
      void queries.invalidateQueries({ queryKey: ["alerts"] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (problem === undefined && spanProblem === undefined && author.trim() !== "" && comment.trim() !== "") put.mutate();
  };
  return (
    <form className={css.form} onSubmit={submit} data-testid="silence-form">
      <Matchers {...matchers} />
      <SilencePreview preview={preview} problem={problem} />
      <Duration span={span} setSpan={setSpan} problem={spanProblem} now={opened} />
      <TextInput label="Who" size="sm" data-autofocus={stored === "" || undefined} autoComplete="name" value={author} error={tried && author.trim() === "" ? "Others will want to ask you" : undefined} onChange={(event) => setAuthor(event.currentTarget.value)} data-testid="silence-author" />
      <Textarea label="Why" size="sm" data-autofocus={stored !== "" || undefined} rows={2} value={comment} error={tried && comment.trim() === "" ? "Say why, for whoever looks at it at night" : undefined} onChange={(event) => setComment(event.currentTarget.value)} data-testid="silence-comment" />
      {put.error !== null && <Failure what="the silence into the notifier" error={put.error} />}
      <div className={css.buttons}>
        <Button type="submit" loading={put.isPending} data-testid="silence-submit">
          {muted === 0 ? "Silence" : `Silence ${muted === 1 ? "1 alert" : `${muted} alerts`}`}
        </Button>
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
      </div>
    </form>
  );
}

/** Writes a silence beside the alerts, and shows what it would mute before it is set. */
export function SilenceDrawer(props: Props) {
  const { draft, close } = props;
  return (
    <Drawer opened={draft !== null} onClose={close} position="right" size="lg" title="New silence" closeButtonProps={{ "aria-label": "Close" }} classNames={{ title: css.title ?? "" }}>
      {draft !== null && <Form {...props} draft={draft} />}
    </Drawer>
  );
}
