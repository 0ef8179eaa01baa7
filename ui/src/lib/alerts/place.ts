import type { Alert } from "./model";

/** Where an alert is: its instance and service, else whatever tells it from others of its name. */
export function placeOf({ labels }: Alert): { main: string; rest: string } {
  const main = labels.instance ?? labels.host ?? labels.endpoint ?? labels.slo ?? "";
  const rest = labels.service ?? labels.service_name ?? labels.job ?? "";
  return main === "" ? { main: rest, rest: "" } : { main, rest: rest === main ? "" : rest };
}
