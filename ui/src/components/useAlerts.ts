import { useQuery } from "@tanstack/react-query";
import type { NotifierAlert } from "../api/alertmanager/alert";
import { notifierAlerts } from "../api/alertmanager/client";
import { runbooks } from "../api/lgtm/client";
import type { RuleAlerts } from "../api/prometheus/alerts";
import { ruleAlerts, ruleGroups } from "../api/prometheus/client";
import { type Alert, mergeAlerts } from "../lib/alerts/model";
import { BACKGROUND, useTime } from "./TimeContext";

/** Alerts are asked for at most this often, however fast the charts refresh. */
const ALERTS_REFRESH_MS_MIN = 5000;

/** The rhythm of what shows the present. */
export function usePresent() {
  const { refreshMs } = useTime();
  return { refetchInterval: refreshMs === 0 ? (false as const) : Math.max(refreshMs, ALERTS_REFRESH_MS_MIN), staleTime: ALERTS_REFRESH_MS_MIN / 2, meta: BACKGROUND };
}

interface Merged {
  rules: RuleAlerts | undefined;
  notified: NotifierAlert[] | undefined;
  alerts: Alert[];
}

// The badge and the page want the same answer, so it is put together once.
let last: Merged | undefined;

function mergedOnce(rules: RuleAlerts | undefined, notified: NotifierAlert[] | undefined): Alert[] {
  if (last === undefined || last.rules !== rules || last.notified !== notified) last = { rules, notified, alerts: mergeAlerts(rules?.alerts ?? [], notified ?? []) };
  return last.alerts;
}

/**
 * What pends, fires or is suppressed now. Rules and notifier are asked apart, so that the one that answers is shown
 * when the other is away.
 */
export function useAlerts() {
  const present = usePresent();
  const rules = useQuery({ queryKey: ["alerts", "rules"], queryFn: ({ signal }) => ruleAlerts(signal), ...present });
  const notifier = useQuery({ queryKey: ["alerts", "notifier"], queryFn: ({ signal }) => notifierAlerts(signal), ...present });
  const known = !rules.isPending && !notifier.isPending && (rules.data !== undefined || notifier.data !== undefined);
  const alerts = known ? mergedOnce(rules.data, notifier.data) : undefined;
  return {
    alerts,
    rulesError: rules.error,
    notifierError: notifier.error,
    now: Math.max(rules.dataUpdatedAt, notifier.dataUpdatedAt),
    retry: () => {
      void rules.refetch();
      void notifier.refetch();
    },
  };
}

/** The rules and how their evaluation goes. */
export function useRules() {
  return useQuery({ queryKey: ["rules"], queryFn: ({ signal }) => ruleGroups(signal), ...usePresent() });
}

/** The runbooks there are; they change with the configuration only. */
export function useRunbooks() {
  return useQuery({ queryKey: ["runbooks"], queryFn: ({ signal }) => runbooks(signal), meta: BACKGROUND, staleTime: 300_000, gcTime: 3_600_000 });
}
