import type { Slo } from "../../api/lgtm/slos";
import { budgetTime, formatBudget, formatBurn, formatShare, gaugeFloor, POLICY, sibling, worstBurn } from "../../lib/slo/text";
import { Gauge } from "./Gauge";
import css from "./slo.module.css";

/** Where the policy changes, by what is used of the budget. */
const STEPS = [0.5, 0.75];

function SliGauge({ id, slo }: { id: string; slo: Slo }) {
  const min = gaugeFloor(slo);
  return (
    <Gauge
      id={id}
      title={`${slo.displayName ?? slo.name}: SLI`}
      value={slo.sli}
      text={formatShare(slo.sli)}
      note={slo.sli === null ? "nothing was measured" : `objective ${formatShare(slo.objective)}, ${slo.sli >= slo.objective ? "met" : "missed"}`}
      min={min}
      max={1}
      ends={[formatShare(min), "100%"]}
      marks={[{ value: slo.objective, title: `objective ${formatShare(slo.objective)}` }]}
      level={slo.sli === null ? "unknown" : slo.sli >= slo.objective ? "ok" : "bad"}
    />
  );
}

function BurnGauge({ slo }: { slo: Slo }) {
  const burn = worstBurn(slo.burnRates);
  if (burn === undefined) return null;
  const max = burn.threshold * 1.5;
  return (
    <Gauge
      id="burn"
      title={`Burn rate over ${burn.window}`}
      value={burn.rate}
      text={formatBurn(burn.rate)}
      note={`${burn.severity} from ${formatBurn(burn.threshold)} on`}
      min={0}
      max={max}
      ends={["0×", formatBurn(max)]}
      marks={[{ value: burn.threshold, title: `alert at ${formatBurn(burn.threshold)}` }]}
      level={burn.rate === null ? "unknown" : burn.rate >= burn.threshold ? "bad" : burn.rate > 1 ? "warn" : "ok"}
    />
  );
}

/** The four gauges: availability, budget left, the service's other objective (or the burn rate), budget used. */
export function Gauges({ slo, slos }: { slo: Slo; slos: readonly Slo[] }) {
  const other = sibling(slo, slos);
  const { level, title } = POLICY[slo.state];
  return (
    <div className={css.gauges}>
      <SliGauge id="sli" slo={slo} />
      <Gauge
        id="left"
        title="Error budget left"
        value={slo.budgetRemaining}
        text={formatBudget(slo.budgetRemaining)}
        note={budgetTime(slo)}
        min={0}
        max={1}
        ends={["0%", "100%"]}
        marks={STEPS.map((step) => ({ value: 1 - step, title: `policy changes at ${(1 - step) * 100}% left` }))}
        level={level}
      />
      {other === undefined ? <BurnGauge slo={slo} /> : <SliGauge id="other" slo={other} />}
      <Gauge
        id="used"
        title="Error budget used"
        value={slo.budgetConsumed}
        text={formatBudget(slo.budgetConsumed)}
        note={`policy: ${title.toLowerCase()}`}
        min={0}
        max={1}
        ends={["0%", "100%"]}
        marks={STEPS.map((step) => ({ value: step, title: `policy changes at ${step * 100}% used` }))}
        level={level}
      />
    </div>
  );
}
