/** A runbook and the alerts that lead to it. */
export interface Runbook {
  name: string;
  title: string;
  alerts: string[];
}
