import { useQuery } from "@tanstack/react-query";
import { silences } from "../../api/alertmanager/client";
import { usePresent } from "../../components/useAlerts";

/** The silences of every state. */
export function useSilences() {
  return useQuery({ queryKey: ["silences"], queryFn: ({ signal }) => silences(signal), ...usePresent() });
}
