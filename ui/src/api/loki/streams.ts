/** One stream of a log query; values are `["<nanoseconds>", "line"]`, with structured metadata as an optional third. */
export interface LokiStream {
  stream: Record<string, string>;
  values: [string, string, Record<string, string>?][];
}

/** The answer of `/loki/api/v1/query_range` for a log query. */
export interface LokiStreams {
  status: string;
  data: { resultType: "streams"; result: LokiStream[] };
}
