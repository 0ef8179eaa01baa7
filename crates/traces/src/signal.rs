//! The signal as others see it: a sink for spans and a source for TraceQL.

use crate::config::Config;
use crate::error::{TracesError, sink_error, too_many_recent};
use crate::flush::{RESOURCE_NAMES, SERVICES, SPAN_NAMES, property};
use crate::read::Reader;
use crate::recent::Recent;
use crate::{flush, record, table};
use async_trait::async_trait;
use futures::future::BoxFuture;
use lgtm_flow::{SinkError, SpanSink};
use lgtm_model::{Attributes, Span, SpanId, TimestampNs, TraceId};
use lgtm_runtime::metrics::Counter;
use lgtm_runtime::{Shutdown, Tasks};
use lgtm_store::disk::SharedDisk;
use lgtm_store::table::TableEngine;
use lgtm_store::{Catalog, FileEntry, Journal, JournalPlace, JournalSettings, Signal, StoreDeps};
use lgtm_traceql::{Search, SearchError, Source, TraceSummary};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;
use tokio::sync::Notify;

/// How far before and after its matching span a trace is looked for.
const TRACE_SPREAD_NS: i64 = 3_600_000_000_000;
/// Growth of the number of candidates while too many of them drop out.
const CANDIDATES_GROWTH: usize = 4;
/// Candidates after which a search answers with what it found.
const CANDIDATES_MAX: usize = 20_000;
/// Traces that are read together.
const TRACES_AT_ONCE: usize = 500;

/// Collaborators of the signal.
pub struct Deps {
    /// Time, chance and counters.
    pub store: StoreDeps,
    /// The disk that the write-ahead log is on.
    pub disk: SharedDisk,
    /// Lists the files.
    pub catalog: Arc<Catalog>,
    /// Runs queries over files.
    pub engine: Arc<TableEngine>,
}

/// The traces signal. Share it in an `Arc`.
pub struct Traces {
    config: Config,
    deps: StoreDeps,
    journal: Journal<Recent>,
    reader: Reader,
    full: Notify,
    received: Counter,
    refused: Counter,
}

impl Traces {
    /// Opens the signal, replaying what is not in files yet, and starts the flush task. `dir` is the log's folder.
    pub async fn open(
        config: Config,
        deps: Deps,
        dir: &Path,
        tasks: &Tasks,
        shutdown: Shutdown,
    ) -> Result<Arc<Self>, TracesError> {
        let Deps { store, disk, catalog, engine } = deps;
        let place = JournalPlace { signal: Signal::Spans, dir, disk, catalog };
        let replay = |recent: &Recent, _, payload: &[u8]| record::decode(payload).map(|spans| recent.add(spans));
        let (journal, report) = Journal::open(place, JournalSettings::default(), &store, Recent::default(), replay)?;
        tracing::info!(?report, "traces recovered");
        let traces = Arc::new(Self {
            config,
            journal,
            reader: Reader { engine, spec: table::spec() },
            full: Notify::new(),
            received: store.registry.counter("lgtm_traces_spans_received_total", "Spans acknowledged.", &[]),
            refused: store.registry.counter("lgtm_traces_spans_refused_total", "Spans refused by a limit.", &[]),
            deps: store,
        });
        let flusher = Arc::clone(&traces);
        tasks.spawn(flusher.flush_until(shutdown));
        Ok(traces)
    }

    async fn flush_until(self: Arc<Self>, shutdown: Shutdown) {
        while !shutdown.is_requested() {
            tokio::select! {
                () = shutdown.requested() => {}
                () = self.full.notified() => {}
                () = self.deps.clock.sleep(self.config.flush_interval) => {}
            }
            if let Err(error) = self.flush().await {
                tracing::error!(%error, "spans could not be flushed; they stay in the log and in memory");
            }
        }
    }

    /// Writes what is in memory to files and commits them. What was frozen by an earlier failed attempt goes first.
    ///
    /// Boxed: the compiler cannot prove a future that nests this one to be `Send` for every lifetime.
    pub fn flush(&self) -> BoxFuture<'_, Result<(), TracesError>> {
        Box::pin(async move {
            self.journal.rotate(Recent::default()).await?;
            while let Some(rotated) = self.journal.oldest_frozen() {
                let files = self.journal.catalog().files();
                let entries = flush::write(&rotated.frozen, &self.reader.spec, files, &self.deps.random).await?;
                self.journal.commit(&rotated, entries).await?;
            }
            Ok(())
        })
    }

    /// The spans of some traces, from memory and from files, each once, by start. Senders repeat what was not
    /// acknowledged in time; a span is known by its id and start.
    async fn spans_of(
        &self,
        ids: &[TraceId],
        range: Option<(TimestampNs, TimestampNs)>,
    ) -> Result<BTreeMap<TraceId, Vec<Span>>, TracesError> {
        let view = self.journal.view();
        let (from, to) = range.unwrap_or((TimestampNs::MIN, TimestampNs::MAX));
        let files: Vec<Arc<FileEntry>> = view.snapshot.files_between(Signal::Spans, from, to).cloned().collect();
        let mut spans = self.reader.traces(ids, &files, self.config.trace_spans_max * ids.len().max(1)).await?;
        for recent in view.frozen.iter().chain([&view.active]) {
            spans.extend(ids.iter().flat_map(|id| recent.of_trace(*id)).map(|span| Span::clone(&span)));
        }
        let mut traces: BTreeMap<TraceId, Vec<Span>> = BTreeMap::new();
        let mut seen: HashSet<(TraceId, SpanId, TimestampNs)> = HashSet::new();
        for span in spans {
            if seen.insert((span.trace_id, span.span_id, span.start)) {
                traces.entry(span.trace_id).or_default().push(span);
            }
        }
        for spans in traces.values_mut() {
            spans.sort_by_key(|span| (span.start, span.span_id));
            spans.truncate(self.config.trace_spans_max);
        }
        Ok(traces)
    }

    /// The latest traces with a matching span, at most `wanted`, latest first.
    async fn candidates(&self, search: &Search, wanted: usize) -> Result<Vec<TraceId>, TracesError> {
        let view = self.journal.view();
        let range = (search.start, search.end);
        let mut found: HashMap<TraceId, TimestampNs> = HashMap::new();
        for recent in view.frozen.iter().chain([&view.active]) {
            for span in recent.between(range).iter().filter(|span| search.filter.matches(span)) {
                let latest = found.entry(span.trace_id).or_insert(span.start);
                *latest = span.start.max(*latest);
            }
        }
        let mut files: Vec<_> = view.snapshot.files_between(Signal::Spans, range.0, range.1).cloned().collect();
        files.sort_by_key(|file| std::cmp::Reverse(file.time_max));
        let mut rows = 0;
        for file in files {
            // Files come latest first: once enough is found, a file that ends earlier can add nothing later.
            if rows > self.config.search_rows_max || nth_latest(&found, wanted).is_some_and(|at| at > file.time_max) {
                break;
            }
            rows += self.reader.candidates(&file, &search.filter, range, &mut found).await?;
        }
        let mut latest: Vec<(TimestampNs, TraceId)> = found.into_iter().map(|(id, start)| (start, id)).collect();
        latest.sort_unstable_by(|a, b| b.cmp(a));
        latest.truncate(wanted);
        Ok(latest.into_iter().map(|(_, id)| id).collect())
    }
}

fn nth_latest(found: &HashMap<TraceId, TimestampNs>, wanted: usize) -> Option<TimestampNs> {
    let mut starts: Vec<TimestampNs> = found.values().copied().collect();
    starts.sort_unstable_by(|a, b| b.cmp(a));
    starts.get(wanted.checked_sub(1)?).copied()
}

#[async_trait]
impl SpanSink for Traces {
    async fn write_spans(&self, spans: Vec<Span>) -> Result<(), SinkError> {
        if spans.is_empty() {
            return Ok(());
        }
        let count = spans.len() as u64;
        let bytes = self.journal.active().bytes();
        if bytes > self.config.recent_bytes_max {
            self.refused.add(count);
            self.full.notify_one();
            return Err(too_many_recent(bytes, self.config.recent_bytes_max));
        }
        let payload = record::encode(&spans);
        let bytes = self.journal.write(payload, |recent, _| {
            recent.add(spans);
            recent.bytes()
        });
        let bytes = bytes.await.map_err(|error| {
            self.refused.add(count);
            sink_error(error)
        })?;
        self.received.add(count);
        if bytes >= self.config.flush_bytes {
            self.full.notify_one();
        }
        Ok(())
    }
}

#[async_trait]
impl Source for Traces {
    async fn trace(
        &self,
        trace_id: TraceId,
        range: Option<(TimestampNs, TimestampNs)>,
    ) -> Result<Vec<Span>, SearchError> {
        let range = range.map(|(from, to)| (from.add_ns(-TRACE_SPREAD_NS), to.add_ns(TRACE_SPREAD_NS)));
        let mut traces = self.spans_of(&[trace_id], range).await?;
        Ok(traces.remove(&trace_id).unwrap_or_default())
    }

    async fn search(&self, search: &Search) -> Result<Vec<TraceSummary>, SearchError> {
        let range = (search.start.add_ns(-TRACE_SPREAD_NS), search.end.add_ns(TRACE_SPREAD_NS));
        let mut found: Vec<TraceSummary> = Vec::new();
        let (mut looked_at, mut wanted) = (0, search.limit);
        loop {
            let ids = self.candidates(search, wanted).await?;
            for ids in ids.get(looked_at..).unwrap_or_default().chunks(TRACES_AT_ONCE) {
                let traces = self.spans_of(ids, Some(range)).await?;
                found.extend(traces.values().filter_map(|spans| TraceSummary::of(spans, search)));
            }
            // A candidate drops out by the duration of the whole trace: then older ones take its place.
            if found.len() >= search.limit || ids.len() < wanted || wanted >= CANDIDATES_MAX {
                break;
            }
            (looked_at, wanted) = (ids.len(), wanted * CANDIDATES_GROWTH);
        }
        found.sort_by_key(|trace| std::cmp::Reverse(trace.start));
        found.truncate(search.limit);
        Ok(found)
    }

    async fn attribute_names(
        &self,
        range: (TimestampNs, TimestampNs),
    ) -> Result<(Vec<String>, Vec<String>), SearchError> {
        let view = self.journal.view();
        let (mut resource, mut own) = (BTreeSet::new(), BTreeSet::new());
        for file in view.snapshot.files_between(Signal::Spans, range.0, range.1) {
            resource.extend(property(file, RESOURCE_NAMES));
            own.extend(property(file, SPAN_NAMES));
        }
        let names = |attributes: &Attributes, into: &mut BTreeSet<String>| {
            into.extend(attributes.iter().map(|(name, _)| name.to_owned()));
        };
        for span in view.frozen.iter().chain([&view.active]).flat_map(|recent| recent.between(range)) {
            names(&span.resource.attributes, &mut resource);
            names(&span.attributes, &mut own);
        }
        Ok((resource.into_iter().collect(), own.into_iter().collect()))
    }

    async fn attribute_values(
        &self,
        name: &str,
        range: (TimestampNs, TimestampNs),
        limit: usize,
    ) -> Result<Vec<String>, SearchError> {
        let view = self.journal.view();
        let files: Vec<_> = view.snapshot.files_between(Signal::Spans, range.0, range.1).cloned().collect();
        let mut values = BTreeSet::new();
        for span in view.frozen.iter().chain([&view.active]).flat_map(|recent| recent.between(range)) {
            values.extend(value_of(&span, name));
        }
        if name == "service.name" {
            values.extend(files.iter().flat_map(|file| property(file, SERVICES)));
        } else {
            let take = |spans: Vec<Span>| {
                let inside = spans.iter().filter(|span| span.start >= range.0 && span.start <= range.1);
                values.extend(inside.filter_map(|span| value_of(span, name)));
                values.len() < limit
            };
            self.reader.scan_all(&files, take).await.map_err(SearchError::from)?;
        }
        Ok(values.into_iter().take(limit).collect())
    }
}

fn value_of(span: &Span, name: &str) -> Option<String> {
    match name {
        "name" => Some(span.name.clone()),
        "service.name" => Some(span.resource.service.clone()),
        _ => span.attributes.get(name).or_else(|| span.resource.attributes.get(name)).map(ToString::to_string),
    }
}
