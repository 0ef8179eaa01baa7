import { Table } from "@mantine/core";
import type { Slo } from "../../api/lgtm/slos";
import { TimeLink } from "../../components/TimeLink";
import { formatBudget, formatBurn, formatShare, POLICY, worstBurn } from "../../lib/slo/text";
import { formatValue } from "../../lib/units";
import { PolicyMark } from "./PolicyMark";
import css from "./slo.module.css";

function Alerts({ slo }: { slo: Slo }) {
  const loud = slo.alerts.filter(({ state }) => state === "firing" || state === "pending");
  if (loud.length === 0) return <span className={css.quiet}>quiet</span>;
  return loud.map(({ name, state, instance }) => (
    <TimeLink key={`${name} ${instance ?? ""} ${state}`} to="/alerts" params={{ q: `${name} slo=${slo.name}` }} className={css.alert} testId="slo-alert">
      <span data-state={state}>
        {name} {instance} {state}
      </span>
    </TimeLink>
  ));
}

function Budget({ slo }: { slo: Slo }) {
  const left = Math.min(Math.max(slo.budgetRemaining ?? 0, 0), 1);
  return (
    <span className={css.budget} data-level={POLICY[slo.state].level}>
      <b>{formatBudget(slo.budgetRemaining)}</b>
      <span className={css.bar} aria-hidden="true">
        <span style={{ width: `${left * 100}%` }} />
      </span>
    </span>
  );
}

function Row({ slo, chosen, choose }: { slo: Slo; chosen: boolean; choose: (name: string) => void }) {
  const burn = worstBurn(slo.burnRates);
  const missed = slo.sli !== null && slo.sli < slo.objective;
  const burning = burn !== undefined && burn.rate !== null && burn.rate >= burn.threshold;
  return (
    <Table.Tr className={css.row} data-testid="slo-row" data-chosen={chosen} data-name={slo.name} data-state={slo.state}>
      <Table.Td>
        <button type="button" className={css.name} aria-pressed={chosen} onClick={() => choose(slo.name)}>
          {slo.displayName ?? slo.name}
        </button>
        <div className={css.service}>{slo.service}</div>
        {slo.alerts.some(({ state }) => state === "firing") && (
          <div className={css.narrow} aria-hidden="true">
            alert firing
          </div>
        )}
      </Table.Td>
      <Table.Td>{formatShare(slo.objective)}</Table.Td>
      <Table.Td className={missed ? css.bad : ""}>
        {formatShare(slo.sli)}
        {missed && <span className="visually-hidden"> (missed)</span>}
      </Table.Td>
      <Table.Td>
        <Budget slo={slo} />
      </Table.Td>
      <Table.Td className={burning ? css.bad : ""}>
        {burn === undefined ? "–" : formatBurn(burn.rate)}
        {burn !== undefined && (
          <div className={css.service}>
            {burn.window}, alert at {formatBurn(burn.threshold)}
          </div>
        )}
      </Table.Td>
      <Table.Td>{formatValue(slo.total, "count")}</Table.Td>
      <Table.Td>{formatValue(slo.total === null || slo.good === null ? null : slo.total - slo.good, "count")}</Table.Td>
      <Table.Td className={css.alerts}>
        <Alerts slo={slo} />
      </Table.Td>
      <Table.Td>
        <PolicyMark state={slo.state} />
      </Table.Td>
    </Table.Tr>
  );
}

/** All objectives: objective, availability, budget left, burn, requests, errors, alerts. */
export function SloTable({ slos, chosen, choose }: { slos: readonly Slo[]; chosen: string; choose: (name: string) => void }) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <section className={css.scroll} tabIndex={0} aria-label="Objectives">
      <Table className={css.table ?? ""}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Name</Table.Th>
            <Table.Th>Objective</Table.Th>
            <Table.Th>Availability</Table.Th>
            <Table.Th>Budget left</Table.Th>
            <Table.Th>Burn</Table.Th>
            <Table.Th>Requests</Table.Th>
            <Table.Th>Errors</Table.Th>
            <Table.Th>Alerts</Table.Th>
            <Table.Th>Policy</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {slos.map((slo) => (
            <Row key={slo.name} slo={slo} chosen={slo.name === chosen} choose={choose} />
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}
