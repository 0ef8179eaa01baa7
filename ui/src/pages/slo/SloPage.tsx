import { useQuery } from "@tanstack/react-query";
import { slos } from "../../api/lgtm/client";
import { InfoIcon } from "../../components/icons";
import { Empty, Failure, Loading } from "../../components/states";
import { usePresent } from "../../components/useAlerts";
import { inOrder, scaleNotice } from "../../lib/slo/text";
import { useUrlState } from "../../lib/urlState";
import { SloDetails } from "./SloDetails";
import { SloTable } from "./SloTable";
import css from "./slo.module.css";

/** The objectives, what is left of their budgets, and how fast they burn. */
export default function SloPage() {
  const [params, change] = useUrlState();
  const { data, error, refetch, dataUpdatedAt } = useQuery({ queryKey: ["slos"], queryFn: ({ signal }) => slos(signal), ...usePresent() });
  const list = inOrder(data?.slos ?? []);
  const wanted = params.get("slo");
  const chosen = list.find(({ name }) => name === wanted) ?? list[0];
  const notice = data === undefined ? undefined : scaleNotice(data.scale, data.slos);
  return (
    <div data-testid="page-slo">
      {notice !== undefined && (
        <div className={css.scaled} role="note" data-testid="slo-scale">
          <InfoIcon size={16} />
          <span>{notice}</span>
        </div>
      )}
      <div className="card">
        <div className={css.head}>
          <h1>Service level objectives</h1>
          {list.length > 0 && <span>{list.filter(({ state }) => state === "normal").length} of {list.length} within half of their budget</span>}
        </div>
        {data !== undefined && error !== null && (
          <div className={css.stale} role="alert">
            Not refreshed: {error.message}
          </div>
        )}
        {data === undefined && (error === null ? <Loading what="objectives" /> : <Failure what="objectives" error={error} retry={() => void refetch()} />)}
        {data !== undefined && list.length === 0 && <Empty title="No objectives">Describe them in OpenSLO files in the folder that slo.files names; they appear here with their budgets and burn rates.</Empty>}
        {chosen !== undefined && <SloTable slos={list} chosen={chosen.name} choose={(name) => change({ slo: name }, "replace")} />}
      </div>
      {wanted !== null && chosen !== undefined && chosen.name !== wanted && (
        <p className={css.missing} role="status">
          There is no objective {wanted}; this is {chosen.displayName ?? chosen.name}.
        </p>
      )}
      {chosen !== undefined && data !== undefined && <SloDetails key={chosen.name} slo={chosen} slos={data.slos} now={dataUpdatedAt} />}
    </div>
  );
}
