import type { NotifierAlert } from "./alert";

/** Alerts that one notification tells together. */
export interface NotifierGroup {
  labels: Record<string, string>;
  receiver: { name: string };
  alerts: NotifierAlert[];
}
