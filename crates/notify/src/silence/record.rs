//! A silence as bytes; see docs/format/state.md.

use super::Silence;
use crate::bytes::{Reader, Writer};
use crate::matching::{Matcher, Matchers};
use lgtm_model::MatchOp;

/// The table of silences.
pub(super) const TABLE: &str = "silences";
const FORMAT: u8 = 1;
const OPS: [MatchOp; 4] = [MatchOp::Equal, MatchOp::NotEqual, MatchOp::Regex, MatchOp::NotRegex];

pub(super) fn encode(silence: &Silence) -> Vec<u8> {
    let mut writer = Writer::new(FORMAT);
    writer.time(silence.starts_at);
    writer.time(silence.ends_at);
    writer.time(silence.updated_at);
    writer.text(&silence.created_by);
    writer.text(&silence.comment);
    writer.count(silence.matchers.0.len());
    for matcher in &silence.matchers.0 {
        writer.text(&matcher.name);
        writer.byte(OPS.iter().position(|op| *op == matcher.op).unwrap_or_default() as u8);
        writer.text(&matcher.value);
    }
    writer.pairs(silence.annotations.iter());
    writer.finish()
}

pub(super) fn decode(id: &str, bytes: &[u8]) -> Option<Silence> {
    let mut reader = Reader::new(bytes, FORMAT)?;
    let (starts_at, ends_at, updated_at) = (reader.time()?, reader.time()?, reader.time()?);
    let (created_by, comment) = (reader.text()?, reader.text()?);
    let count = reader.count()?;
    let matchers: Option<Vec<Matcher>> = (0..count)
        .map(|_| {
            let name = reader.text()?;
            let op = *OPS.get(usize::from(reader.byte()?))?;
            Matcher::new(name, op, reader.text()?).ok()
        })
        .collect();
    let annotations = reader.pairs()?;
    reader.finish()?;
    let matchers = Matchers(matchers?);
    Some(Silence { id: id.to_owned(), matchers, starts_at, ends_at, updated_at, created_by, comment, annotations })
}
