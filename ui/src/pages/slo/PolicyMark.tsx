import type { PolicyState } from "../../api/lgtm/slos";
import { AlertIcon, CheckIcon, CriticalIcon, HelpIcon } from "../../components/icons";
import { POLICY } from "../../lib/slo/text";
import css from "./slo.module.css";

const ICONS = { ok: CheckIcon, warn: AlertIcon, bad: CriticalIcon, unknown: HelpIcon };

/** The state of the policy with its sign and its word. */
export function PolicyMark({ state }: { state: PolicyState }) {
  const { level, title } = POLICY[state];
  const Icon = ICONS[level];
  return (
    <span className={css.policy} data-level={level} data-testid="slo-state">
      <Icon size={13} />
      {title}
    </span>
  );
}
