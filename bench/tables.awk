# Lines of JSON as the benchmarks print them, to the tables of docs/benchmarks.md.

function field(name,    rest) {
  if (!match($0, "\"" name "\":")) return ""
  rest = substr($0, RSTART + RLENGTH)
  if (substr(rest, 1, 1) == "\"") { rest = substr(rest, 2); return substr(rest, 1, index(rest, "\"") - 1) }
  sub(/[,}].*/, "", rest)
  return rest
}

# Three significant digits; groups of thousands in large numbers.
function shown(value,    text, grouped) {
  if (value == "") return "–"
  if (value + 0 < 1000) return value + 0 == 0 ? "0" : value + 0 < 100 ? sprintf("%.3g", value) : sprintf("%.0f", value)
  text = sprintf("%.0f", value)
  grouped = ""
  while (length(text) > 3) { grouped = "," substr(text, length(text) - 2) grouped; text = substr(text, 1, length(text) - 3) }
  return text grouped
}

function of(benchmark, figure) { return shown(values[benchmark, figure]) }

function row(what, metrics, logs, traces) { printf "| %s | %s | %s | %s |\n", what, metrics, logs, traces }

{
  benchmark = field("benchmark"); figure = field("figure")
  if (benchmark == "") next
  values[benchmark, figure] = field("value")
  if (!((benchmark) in seen)) { seen[benchmark] = 1; order[++benchmarks] = benchmark }
  lines[benchmark] = lines[benchmark] sprintf("| %s | %s | %s |\n", figure, shown(field("value")), field("unit"))
}

END {
  m = "metrics signal"; l = "logs signal"; t = "traces signal"
  print "| | metrics | logs | traces |"
  print "| --- | ---: | ---: | ---: |"
  row("an item is", "a sample", "a line", "a span")
  row("ingest with write-ahead log, items a CPU-second", of(m, "ingest, processor"), "", of(t, "ingest with its write-ahead log, processor"))
  row("ingest and flush, items a CPU-second", "", of(l, "ingest_lines_per_cpu_second"), of(t, "ingest and flush, processor"))
  row("bytes on disk an item", of(m, "blocks on disk, index included"), of(l, "parquet_bytes_per_row"), of(t, "Parquet on disk, as flushed"))
  row("bytes of token filters an item", "", of(l, "sidecar_bytes_per_row"), of(t, "token filters on disk"))
  row("a needle: one line or trace among all, ms", "", shown(values[l, "needle_seconds"] == "" ? "" : 1000 * values[l, "needle_seconds"]), of(t, "a trace by its id, no time given, best of 10"))
  row("a query that reads everything, ms", of(m, "1000 series, 6 h, from blocks"), shown(values[l, "rate_by_service_seconds"] == "" ? "" : 1000 * values[l, "rate_by_service_seconds"]), of(t, "search: an attribute over everything, best of 10"))
  row("bytes in memory an item, before the flush", of(m, "head"), "", of(t, "in memory before the first flush"))
  row("largest resident size of the benchmark, MiB", of("metrics", "largest resident size of the benchmark"), of("logs", "largest resident size of the benchmark"), of("traces", "largest resident size of the benchmark"))
  c = "metrics codec"
  if ((c, "total, chunks of 120") in values) {
    print "\n| codec, chunks of | ours, bytes/sample | Gorilla XOR, bytes/sample | ours, decode ns | Gorilla, decode ns |"
    print "| ---: | ---: | ---: | ---: | ---: |"
    for (chunk = 120; chunk <= 1200; chunk *= 10)
      printf "| %d | %s | %s | %s | %s |\n", chunk, of(c, "total, chunks of " chunk), of(c, "Gorilla total, chunks of " chunk), of(c, "decode, chunks of " chunk), of(c, "Gorilla decode, chunks of " chunk)
  }
  for (i = 1; i <= benchmarks; i++) {
    benchmark = order[i]
    if (benchmark ~ /^(codec|metrics|logs|traces)$/) continue
    printf "\n### %s\n\n| figure | value | unit |\n| --- | ---: | --- |\n%s", benchmark, lines[benchmark]
  }
}
