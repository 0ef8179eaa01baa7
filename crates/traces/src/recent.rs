//! One in-memory generation: the spans as they came, and where each trace's are.

use lgtm_model::{Attributes, Span, TimestampNs, TraceId};
use parking_lot::RwLock;
use std::collections::HashMap;
use std::sync::Arc;

/// Bytes of a span besides its texts and attributes, a rounded guess for the limits.
const SPAN_BYTES: usize = 320;
/// Bytes of an attribute besides its text.
const ATTRIBUTE_BYTES: usize = 64;

/// Spans that are not in files yet.
#[derive(Debug, Default)]
pub struct Recent {
    spans: RwLock<Spans>,
}

#[derive(Debug, Default)]
struct Spans {
    all: Vec<Arc<Span>>,
    by_trace: HashMap<TraceId, Vec<u32>>,
    bytes: usize,
}

impl Recent {
    /// Adds spans; they are seen by every later read.
    pub fn add(&self, spans: Vec<Span>) {
        let mut recent = self.spans.write();
        for span in spans {
            recent.bytes += size_bytes(&span);
            let index = u32::try_from(recent.all.len()).unwrap_or(u32::MAX);
            recent.by_trace.entry(span.trace_id).or_default().push(index);
            recent.all.push(Arc::new(span));
        }
    }

    /// Memory held, roughly.
    pub fn bytes(&self) -> usize {
        self.spans.read().bytes
    }

    /// All spans, in the order in which they came.
    pub fn all(&self) -> Vec<Arc<Span>> {
        self.spans.read().all.clone()
    }

    /// The spans of one trace.
    pub fn of_trace(&self, trace_id: TraceId) -> Vec<Arc<Span>> {
        let recent = self.spans.read();
        let indices = recent.by_trace.get(&trace_id).map(Vec::as_slice).unwrap_or_default();
        indices.iter().filter_map(|index| recent.all.get(*index as usize).cloned()).collect()
    }

    /// The spans that start in a time range, both ends included.
    pub fn between(&self, (start, end): (TimestampNs, TimestampNs)) -> Vec<Arc<Span>> {
        let recent = self.spans.read();
        recent.all.iter().filter(|span| span.start >= start && span.start <= end).cloned().collect()
    }
}

fn size_bytes(span: &Span) -> usize {
    let texts = span.name.len() + span.status.message.len() + span.trace_state.len();
    let events: usize = span.events.iter().map(|event| event.name.len() + attributes_bytes(&event.attributes)).sum();
    let links: usize = span.links.iter().map(|link| attributes_bytes(&link.attributes)).sum();
    SPAN_BYTES + texts + attributes_bytes(&span.attributes) + events + links
}

fn attributes_bytes(attributes: &Attributes) -> usize {
    let texts = |value: &lgtm_model::AttributeValue| value.as_text().map_or(16, str::len);
    attributes.iter().map(|(name, value)| ATTRIBUTE_BYTES + name.len() + texts(value)).sum()
}
