/** One series of an instant query. */
export interface VectorSample {
  metric: Record<string, string>;
  value: [number, string];
}

/** `data` of an instant query over a vector. */
export interface Vector {
  resultType: "vector";
  result: VectorSample[];
}
