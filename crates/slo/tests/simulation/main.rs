//! The compiled rules at work under a simulated clock, against the exact arithmetic of the events themselves.

mod arithmetic;
mod evaluator;
mod memory;
mod model;
mod openslo;
mod promtool;
mod seed;
mod world;

/// The minute of the simulated clock.
const MINUTE_MS: i64 = 60_000;

/// An objective over probes.
const PROBES: &str = "apiVersion: lgtm/v1\nkind: SLO\nmetadata: {name: x}\nspec:\n  service: shop\n  target: 0.995\n  \
                      probes: probe_success\n";

/// An objective over requests.
const REQUESTS: &str = "apiVersion: lgtm/v1\nkind: SLO\nmetadata: {name: x}\nspec:\n  service: shop\n  target: 0.995\n  \
                        requests: {total: requests_total, bad: errors_total}\n";
