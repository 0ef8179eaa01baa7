import { Table } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { targets } from "../../api/prometheus/client";
import type { ActiveTarget } from "../../api/prometheus/targets";
import { AlertIcon, CheckIcon, HelpIcon } from "../../components/icons";
import { Empty, Failure, Loading } from "../../components/states";
import { useTime } from "../../components/TimeContext";
import { formatDuration } from "../../lib/units";
import css from "./targets.module.css";

/** Go's zero time, which Prometheus sends for a target that was never scraped. */
const NEVER = "0001-";

function State({ health }: { health: ActiveTarget["health"] }) {
  return (
    <span className={css.state} data-health={health}>
      {health === "up" && <CheckIcon size={13} />}
      {health === "down" && <AlertIcon size={13} />}
      {health === "unknown" && <HelpIcon size={13} />}
      {health}
    </span>
  );
}

function Row({ target, now }: { target: ActiveTarget; now: number }) {
  const scraped = target.lastScrape.startsWith(NEVER) ? undefined : Date.parse(target.lastScrape);
  return (
    <Table.Tr data-testid="target-row" data-health={target.health}>
      <Table.Td>
        <State health={target.health} />
      </Table.Td>
      <Table.Td>{target.scrapePool}</Table.Td>
      <Table.Td className={css.url}>
        {target.scrapeUrl}
        {target.lastError !== "" && <div className={css.error}>{target.lastError}</div>}
      </Table.Td>
      <Table.Td>{target.scrapeInterval ?? "–"}</Table.Td>
      <Table.Td>{scraped === undefined ? "never" : `${formatDuration(Math.max(0, Math.round((now - scraped) / 1000)))} ago`}</Table.Td>
      <Table.Td>{formatDuration(target.lastScrapeDuration)}</Table.Td>
    </Table.Tr>
  );
}

// What is down comes first, then by name.
function inOrder(list: readonly ActiveTarget[]): ActiveTarget[] {
  const rank = { down: 0, unknown: 1, up: 2 };
  return list.toSorted((a, b) => rank[a.health] - rank[b.health] || a.scrapePool.localeCompare(b.scrapePool) || a.scrapeUrl.localeCompare(b.scrapeUrl));
}

/** What is scraped and how that goes. */
export default function TargetsPage() {
  const { refreshMs } = useTime();
  const { data, error, refetch, dataUpdatedAt } = useQuery({
    queryKey: ["targets"],
    queryFn: ({ signal }) => targets(signal),
    refetchInterval: refreshMs === 0 ? false : refreshMs,
    staleTime: 0,
  });
  const list = data?.activeTargets ?? [];
  const down = list.filter((target) => target.health === "down").length;
  return (
    <div className="card" data-testid="page-targets">
      <div className={css.head}>
        <h1>Targets</h1>
        {data !== undefined && <span>{down === 0 ? `${list.length} targets, none down` : `${down} of ${list.length} targets down`}</span>}
      </div>
      {data === undefined && (error === null ? <Loading what="targets" /> : <Failure what="targets" error={error} retry={() => void refetch()} />)}
      {data !== undefined && list.length === 0 && <Empty title="No targets">Add scrape_configs to prometheus.yml; targets appear here as soon as they are discovered.</Empty>}
      {list.length > 0 && (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <section className={css.scroll} tabIndex={0} aria-label="Targets">
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>State</Table.Th>
                <Table.Th>Job</Table.Th>
                <Table.Th>Address</Table.Th>
                <Table.Th>Every</Table.Th>
                <Table.Th>Last scrape</Table.Th>
                <Table.Th>Took</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {inOrder(list).map((target) => (
                <Row key={`${target.scrapePool} ${target.scrapeUrl}`} target={target} now={dataUpdatedAt} />
              ))}
            </Table.Tbody>
          </Table>
        </section>
      )}
    </div>
  );
}
