import { useQuery } from "@tanstack/react-query";
import { queryInstant } from "../../api/prometheus/client";
import { TimeLink } from "../../components/TimeLink";
import { useTime } from "../../components/TimeContext";
import { formatDateTime } from "../../lib/time/format";

/** Looks up when a metric was last seen and which targets are down, so that an empty chart explains itself. */
export function WhyEmpty({ metrics }: { metrics: readonly string[] }) {
  const { zone } = useTime();
  const metric = metrics[0] ?? "";
  const { data } = useQuery({
    queryKey: ["why-empty", metric],
    staleTime: 30_000,
    retry: false,
    queryFn: async ({ signal }) => {
      const [seen, down] = await Promise.all([
        queryInstant(`max(max_over_time(timestamp(${metric})[6h:1m]))`, Date.now(), signal),
        queryInstant("up == 0", Date.now(), signal),
      ]);
      const seconds = Number(seen.result[0]?.value[1]);
      return { seen: Number.isFinite(seconds) ? seconds * 1000 : undefined, down: down.result.map((target) => target.metric.job ?? target.metric.instance ?? "?") };
    },
  });
  return (
    <>
      <div>
        No series of <code>{metrics.join(", ")}</code> here.
        {data !== undefined && (data.seen === undefined ? " It was not seen in the last 6 hours." : ` It was last seen at ${formatDateTime(data.seen, zone)}.`)}
      </div>
      <div>
        {data !== undefined && data.down.length > 0 ? `Down: ${data.down.join(", ")}. ` : ""}
        <TimeLink to="/targets">Look at the targets</TimeLink>
      </div>
    </>
  );
}
