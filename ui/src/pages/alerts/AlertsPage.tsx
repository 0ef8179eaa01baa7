import { Button, Tabs } from "@mantine/core";
import { useState } from "react";
import { PlusIcon } from "../../components/icons";
import { useAlerts, useRules } from "../../components/useAlerts";
import { countStates, worstOf } from "../../lib/alerts/filter";
import { isCalling } from "../../lib/alerts/model";
import { summarise } from "../../lib/alerts/rules";
import { useUrlState } from "../../lib/urlState";
import { AlertsTab } from "./AlertsTab";
import css from "./alerts.module.css";
import { RulesTab } from "./RulesTab";
import { SilenceDrawer } from "./SilenceDrawer";
import { SilencesTab } from "./SilencesTab";
import { type SetSilence, SilenceNotice } from "./SilenceNotice";
import { useSilences } from "./useSilences";

const TABS = ["alerts", "rules", "silences"];

function headline(calling: number, pending: number, quiet: number): string {
  const parts = [calling === 0 ? "Nothing needs you" : `${calling} firing`];
  if (pending > 0) parts.push(`${pending} pending`);
  if (quiet > 0) parts.push(`${quiet} suppressed`);
  return parts.join(" · ");
}

function Headline({ alerts }: { alerts: ReturnType<typeof useAlerts>["alerts"] }) {
  if (alerts === undefined) return null;
  const calling = alerts.filter(isCalling);
  const { pending, silenced, inhibited, muted } = countStates(alerts);
  return (
    <span className={css.headline} data-severity={worstOf(calling)} data-testid="alerts-headline">
      {headline(calling.length, pending, silenced + inhibited + muted)}
    </span>
  );
}

/** What fires and why, the rules behind it, and what is silenced. */
export default function AlertsPage() {
  const [params, change] = useUrlState();
  const known = useAlerts();
  const rules = useRules();
  const silences = useSilences();
  const [set, setSet] = useState<SetSilence>();
  const tab = TABS.find((name) => name === params.get("tab")) ?? "alerts";
  const draft = params.get("silence");
  const summary = rules.data === undefined ? undefined : summarise(rules.data);
  const active = silences.data?.filter(({ status }) => status.state !== "expired").length;
  return (
    <div className="card" data-testid="page-alerts">
      <Tabs value={tab} onChange={(next) => change({ tab: next === "alerts" ? undefined : (next ?? undefined), q: undefined }, "push")} keepMounted={false} classNames={{ list: css.tabs ?? "", tab: css.tab ?? "" }}>
        <div className={css.head}>
          <h1>Alerts</h1>
          <Headline alerts={known.alerts} />
          <Tabs.List aria-label="Alerts, rules, silences">
            <Tabs.Tab value="alerts" data-testid="tab-alerts">
              Alerts{known.alerts === undefined ? "" : ` ${known.alerts.length}`}
            </Tabs.Tab>
            <Tabs.Tab value="rules" data-testid="tab-rules">
              Rules{summary === undefined ? "" : ` ${summary.alerting + summary.recording}`}
              {summary !== undefined && summary.failing > 0 && <b className={css.bad}> {summary.failing} failing</b>}
            </Tabs.Tab>
            <Tabs.Tab value="silences" data-testid="tab-silences">
              Silences{active === undefined ? "" : ` ${active}`}
            </Tabs.Tab>
          </Tabs.List>
          <Button size="compact-sm" variant="default" leftSection={<PlusIcon size={14} />} onClick={() => change({ silence: "{}" }, "push")} data-testid="new-silence">
            New silence
          </Button>
        </div>
        {set !== undefined && <SilenceNotice set={set} close={() => setSet(undefined)} />}
        <Tabs.Panel value="alerts">
          <AlertsTab known={known} rules={rules} />
        </Tabs.Panel>
        <Tabs.Panel value="rules">
          <RulesTab rules={rules} />
        </Tabs.Panel>
        <Tabs.Panel value="silences">
          <SilencesTab silences={silences} alerts={known.alerts ?? []} />
        </Tabs.Panel>
      </Tabs>
      <SilenceDrawer key={draft} draft={draft} close={() => change({ silence: undefined }, "replace")} onSet={setSet} />
    </div>
  );
}
