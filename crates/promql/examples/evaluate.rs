//! Times the evaluation of common queries over made-up series, without any storage: `cargo run --release --example
//! evaluate -p lgtm-promql`. Prints milliseconds and samples per second, the best of five runs.

use async_trait::async_trait;
use futures::executor::block_on;
use lgtm_model::{Labels, METRIC_NAME, Matcher, Metadata, TimestampMs};
use lgtm_promql::{Engine, QueryTime, Select, SeriesColumns, Source, SourceError};
use std::sync::Arc;

const SERIES: usize = 1_000;
const HOUR_MS: i64 = 3_600_000;
const SCRAPE_MS: i64 = 15_000;

struct MadeUp(Vec<SeriesColumns>);

#[async_trait]
impl Source for MadeUp {
    async fn select(&self, request: &Select) -> Result<Vec<SeriesColumns>, SourceError> {
        let fits = |series: &&SeriesColumns| {
            let value = |matcher: &Matcher| series.labels.get(matcher.name()).unwrap_or_default().to_owned();
            request.matchers.iter().all(|matcher| matcher.matches(&value(matcher)))
        };
        Ok(self.0.iter().filter(fits).cloned().collect())
    }

    async fn series(
        &self,
        _: &[Vec<Matcher>],
        _: (TimestampMs, TimestampMs),
        _: usize,
    ) -> Result<Vec<Labels>, SourceError> {
        Ok(Vec::new())
    }

    async fn label_names(&self, _: &[Vec<Matcher>], _: (TimestampMs, TimestampMs)) -> Result<Vec<String>, SourceError> {
        Ok(Vec::new())
    }

    async fn label_values(
        &self,
        _: &str,
        _: &[Vec<Matcher>],
        _: (TimestampMs, TimestampMs),
    ) -> Result<Vec<String>, SourceError> {
        Ok(Vec::new())
    }

    async fn metadata(&self, _: Option<&str>) -> Result<Vec<(String, Metadata)>, SourceError> {
        Ok(Vec::new())
    }
}

fn made_up() -> MadeUp {
    let times: Arc<[i64]> = (0..7 * HOUR_MS / SCRAPE_MS).map(|sample| sample * SCRAPE_MS).collect();
    let series = |index: usize| SeriesColumns {
        labels: Labels::from_pairs([
            (METRIC_NAME, "requests_total".to_owned()),
            ("instance", (index / 10).to_string()),
            ("le", ["0.1", "0.2", "0.4", "0.8", "1.6", "3.2", "6.4", "12.8", "25.6", "+Inf"][index % 10].to_owned()),
        ]),
        timestamps_ms: times.clone(),
        values: (0..times.len()).map(|sample| (sample * (1 + index % 10)) as f64).collect(),
    };
    MadeUp((0..SERIES).map(series).collect())
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
fn main() {
    let (source, engine) = (made_up(), Engine::default());
    let (start, end) = (TimestampMs(HOUR_MS), TimestampMs(7 * HOUR_MS - SCRAPE_MS));
    for query in [
        "requests_total",
        "sum(requests_total)",
        "rate(requests_total[5m])",
        "sum by (le) (rate(requests_total[5m]))",
        "sum_over_time(requests_total[1h])",
        "max_over_time(requests_total[1h])",
        "requests_total / on (instance, le) requests_total",
        "topk(5, requests_total)",
        "histogram_quantile(0.9, sum by (le) (rate(requests_total[5m])))",
    ] {
        let run = || {
            let time = QueryTime::Range { start, end, step_ms: 60_000 };
            let fetched = block_on(engine.prepare(query, time).ok()?.fetch(&source)).ok()?;
            let begun = std::time::Instant::now();
            let result = fetched.evaluate(&|| false).ok()?;
            Some((begun.elapsed().as_secs_f64(), result.stats.samples_loaded))
        };
        let best = (0..5).filter_map(|_| run()).min_by(|left, right| left.0.total_cmp(&right.0));
        if let Some((seconds, samples)) = best {
            let rate = samples as f64 / seconds / 1e6;
            println!("{:>8.1} ms {rate:>8.1} M samples/s  {query}", seconds * 1e3);
        }
    }
}
