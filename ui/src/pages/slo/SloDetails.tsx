import type { Slo } from "../../api/lgtm/slos";
import { useTime } from "../../components/TimeContext";
import { exhaustionText, formatBurn, formatShare, POLICY } from "../../lib/slo/text";
import { formatDateTime } from "../../lib/time/format";
import { formatAge, formatDuration } from "../../lib/units";
import { Gauges } from "./Gauges";
import { PolicyMark } from "./PolicyMark";
import { SloCharts } from "./SloCharts";
import css from "./slo.module.css";

/** Below this share of measured time the page says so. */
const MEASURED_MIN = 0.999;

function Policy({ slo, now }: { slo: Slo; now: number }) {
  const { zone } = useTime();
  const since = Date.parse(slo.stateSince ?? "");
  const resumes = Date.parse(slo.resumesAt ?? "");
  return (
    <section className={`card ${css.policyCard}`} data-level={POLICY[slo.state].level} aria-label="Error budget policy" data-testid="slo-policy">
      <h3>
        <PolicyMark state={slo.state} />
        {!Number.isNaN(since) && (
          <small>
            since {formatDateTime(since, zone)}, for {formatAge((now - since) / 1000)}
          </small>
        )}
      </h3>
      <p>{POLICY[slo.state].advice}</p>
      <p>
        Exhaustion: <b data-testid="slo-exhaustion">{exhaustionText(slo)}</b>.
      </p>
      {!Number.isNaN(resumes) && <p>Deployments may go on from {formatDateTime(resumes, zone)} if nothing more fails.</p>}
      {slo.measuredFraction !== null && slo.measuredFraction < MEASURED_MIN && (
        <p className={css.quiet}>Measured for {formatShare(slo.measuredFraction)} of the window; the rest counts neither as good nor as bad.</p>
      )}
    </section>
  );
}

function Burns({ slo }: { slo: Slo }) {
  return (
    <section className={`card ${css.burns}`} aria-label="Burn rates" data-testid="slo-burns">
      <table>
        <thead>
          <tr>
            <th scope="col">Burn over</th>
            <th scope="col">Measured over</th>
            <th scope="col">Rate</th>
            <th scope="col">Alert at</th>
            <th scope="col">Severity</th>
          </tr>
        </thead>
        <tbody>
          {slo.burnRates.map((burn) => {
            const burning = burn.rate !== null && burn.rate >= burn.threshold;
            return (
              <tr key={`${burn.window} ${burn.severity}`} data-burning={burning}>
                <th scope="row">
                  {burn.window} and {burn.shortWindow}
                </th>
                <td>{burn.effectiveWindow}</td>
                <td>
                  <b>{formatBurn(burn.rate)}</b>
                  {burning && <span className="visually-hidden"> beyond the threshold</span>}
                </td>
                <td>{formatBurn(burn.threshold)}</td>
                <td>{burn.severity}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

/** One objective: gauges, policy, burn rates, charts. */
export function SloDetails({ slo, slos, now }: { slo: Slo; slos: readonly Slo[]; now: number }) {
  return (
    <section aria-labelledby="slo-title" data-testid="slo-details" data-name={slo.name}>
      <div className={css.detailsHead}>
        <h2 id="slo-title">{slo.displayName ?? slo.name}</h2>
        <span>
          {formatShare(slo.objective)} over {formatDuration(slo.windowSeconds)}, {slo.service}
          {slo.description !== undefined && slo.description !== "" && `. ${slo.description}`}
        </span>
      </div>
      <Gauges slo={slo} slos={slos} />
      <div className={css.pair}>
        <Policy slo={slo} now={now} />
        <Burns slo={slo} />
      </div>
      <SloCharts slo={slo} />
    </section>
  );
}
