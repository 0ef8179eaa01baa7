//! The way out: LogQL's source.

use crate::logs::Logs;
use async_trait::async_trait;
use lgtm_logql::{LogSelect, LogStream, QueryError, RangeSelect, RangeSeries, Source};
use lgtm_model::{Labels, Matcher, TimestampNs};
use std::collections::BTreeSet;

#[async_trait]
impl Source for Logs {
    async fn select_logs(&self, select: &LogSelect) -> Result<Vec<LogStream>, QueryError> {
        self.lines(select).await
    }

    async fn select_range(&self, select: &RangeSelect) -> Result<Vec<RangeSeries>, QueryError> {
        self.counts(select).await
    }

    async fn streams(
        &self,
        selectors: &[Vec<Matcher>],
        start: TimestampNs,
        end: TimestampNs,
    ) -> Result<Vec<Labels>, QueryError> {
        let everything = [Vec::new()];
        let selectors = if selectors.is_empty() { &everything[..] } else { selectors };
        let mut streams = BTreeSet::new();
        for matchers in selectors {
            streams.extend(self.resolve(matchers, start, end).await?.streams.values().cloned());
        }
        Ok(streams.into_iter().collect())
    }
}
