/** One series of a range query: `[seconds, "value"]` pairs in rising time. */
export interface MatrixSeries {
  metric: Record<string, string>;
  values?: [number, string][];
}

/** `data` of a range query. */
export interface Matrix {
  resultType: "matrix";
  result: MatrixSeries[];
}
