#!/usr/bin/env bash
# Runs the browser tests against a demo of its own: $LGTM_BINARY (or `lgtm` on the PATH) on free ports and an empty folder.
# Whatever happens, the demo is stopped and the folder removed; the exit code is the tests'.
# With LGTM_KEEP_LOG=FILE the demo's log is kept there.
set -euo pipefail

READY_SECONDS_MAX=60
STOP_SECONDS_MAX=20

ui=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
lgtm=${LGTM_BINARY:-lgtm}
command -v "$lgtm" >/dev/null || { printf 'against-demo: there is no %s; set LGTM_BINARY\n' "$lgtm" >&2; exit 2; }
[ -d "$ui/node_modules" ] || (cd "$ui" && npm ci --silent --no-fund --no-audit)

data=$(mktemp -d)
demo=
running() { [ -n "$demo" ] && kill -0 "$demo" 2>/dev/null; }

stop() {
  local code=$?
  trap - EXIT INT TERM
  if running; then
    kill -TERM "$demo"
    for ((tenths = 0; tenths < STOP_SECONDS_MAX * 10; tenths++)); do running || break; sleep 0.1; done
    if running; then
      printf 'against-demo: the demo did not stop within %s s of SIGTERM\n' "$STOP_SECONDS_MAX" >&2
      kill -KILL "$demo"
      [ "$code" -ne 0 ] || code=1
    fi
  fi
  [ "$code" -eq 0 ] || { printf 'against-demo: the end of the demo'\''s log\n' >&2; tail -n 40 "$data/log" >&2 || true; }
  [ -z "${LGTM_KEEP_LOG:-}" ] || cp "$data/log" "$LGTM_KEEP_LOG" || true
  rm -rf "$data"
  exit "$code"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

mkdir "$data/demo"
"$lgtm" demo --data "$data/demo" --listen 127.0.0.1:0 >"$data/out" 2>"$data/log" &
demo=$!

for ((tenths = 0; tenths < READY_SECONDS_MAX * 10; tenths++)); do
  grep -q '^ready ' "$data/out" && break
  running || { printf 'against-demo: the demo ended before it was ready\n' >&2; exit 1; }
  sleep 0.1
done
grep -q '^ready ' "$data/out" || { printf 'against-demo: the demo was not ready within %s s\n' "$READY_SECONDS_MAX" >&2; exit 1; }

endpoint() { node -p 'JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8"))[process.argv[2]]' "$data/demo/endpoints.json" "$1"; }
LGTM_URL=$(endpoint ui)
LGTM_SHOP_URL=$(endpoint fake_service)
export LGTM_URL LGTM_SHOP_URL

cd "$ui"
npm run --silent e2e
