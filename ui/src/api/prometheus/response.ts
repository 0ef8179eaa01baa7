/** The envelope of every Prometheus answer. */
export interface PromResponse<T> {
  status: "success" | "error";
  data: T;
  errorType?: string;
  error?: string;
  warnings?: string[];
  infos?: string[];
}
