//! Which tokens the wanted lines have, taken from the query's filters.

use lgtm_logql::{LabelFilter, LineOp, LinePattern, Pipeline};
use lgtm_model::{Labels, MatchOp, SpanId, TraceId};
use lgtm_store::table::{Clause, Needle, TextNeedle, hash_id, hash_pair};

/// The needle of a pipeline over these streams.
pub(super) fn needle<'a>(pipeline: &Pipeline, streams: impl Iterator<Item = &'a Labels> + Clone) -> Needle {
    let mut needle = Needle::default();
    for filter in pipeline.line_filters.iter().filter(|filter| filter.op == LineOp::Contains) {
        let alternatives = filter.alternatives.iter().map(|alternative| match alternative {
            LinePattern::Text(text) => TextNeedle::part(text),
            _ => TextNeedle::default(),
        });
        needle.and(Clause(alternatives.collect()));
    }
    for filter in &pipeline.label_filters {
        add(filter, &mut needle, streams.clone());
    }
    needle
}

fn add<'a>(filter: &LabelFilter, needle: &mut Needle, streams: impl Iterator<Item = &'a Labels> + Clone) {
    match filter {
        LabelFilter::And(left, right) => {
            add(left, needle, streams.clone());
            add(right, needle, streams);
        }
        LabelFilter::Matcher(matcher) if matcher.op() == MatchOp::Equal && !matcher.value().is_empty() => {
            let (name, value) = (matcher.name(), matcher.value());
            // A stream label of that name comes before structured metadata, and a level is no token.
            if name == "detected_level" || streams.clone().any(|stream| stream.get(name).is_some()) {
                return;
            }
            let mut alternatives = vec![TextNeedle::hash(hash_pair(name, value))];
            match name {
                "trace_id" => {
                    alternatives.extend(TraceId::from_hex(value).map(|id| TextNeedle::hash(hash_id(&id.0))));
                }
                "span_id" => alternatives.extend(SpanId::from_hex(value).map(|id| TextNeedle::hash(hash_id(&id.0)))),
                _ => {}
            }
            needle.and(Clause(alternatives));
        }
        _ => {}
    }
}
