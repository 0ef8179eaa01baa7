//! Finds the first byte at which a protobuf message is broken.
//!
//! prost says that decoding failed but not where. This walker runs only after prost has refused the bytes: it follows
//! the message's [`Shape`] field by field and reports the first byte that cannot be what the shape wants. A message that
//! was cut off is followed down into its innermost open field, so that the report names that field.

use super::shapes::{Kind, Shape};

/// Nesting that prost accepts; deeper messages are refused with this as the reason.
const DEPTH_MAX: usize = 100;

/// Where and how a message is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// Offset of the first byte that is wrong, or the length of the data when it ends too early.
    pub offset: usize,
    /// What is wrong there.
    pub reason: String,
}

/// The first fault in `bytes`, read as a message of `shape`; `None` when there is none.
pub(super) fn find(bytes: &[u8], shape: &'static Shape) -> Option<Fault> {
    Walker { bytes, position: 0 }.message(shape, bytes.len(), 0).err()
}

struct Walker<'a> {
    bytes: &'a [u8],
    position: usize,
}

fn fault<T>(offset: usize, reason: String) -> Result<T, Fault> {
    Err(Fault { offset, reason })
}

impl Walker<'_> {
    /// Reads fields up to `end`, which lies behind the data when the message was cut off.
    fn message(&mut self, shape: &'static Shape, end: usize, depth: usize) -> Result<(), Fault> {
        if depth > DEPTH_MAX {
            return fault(self.position, format!("{} is nested more than {DEPTH_MAX} deep", shape.name));
        }
        while self.position < end {
            if self.position == self.bytes.len() {
                return fault(
                    self.position,
                    format!("the data ends {} bytes early, in {}", end - self.position, shape.name),
                );
            }
            self.field(shape, end, depth)?;
        }
        Ok(())
    }

    fn field(&mut self, shape: &'static Shape, end: usize, depth: usize) -> Result<(), Fault> {
        let start = self.position;
        let tag = self.varint(shape.name, "tag", end)?;
        let (number, wire_type) = (tag >> 3, tag & 7);
        if number == 0 || number > (1 << 29) - 1 {
            return fault(start, format!("{} has a field with the impossible number {number}", shape.name));
        }
        let known = shape.fields.iter().find(|field| u64::from(field.number) == number);
        let name = known.map_or("an unknown field", |field| field.name);
        if let Some(field) = known
            && !field.kind.accepts(wire_type)
        {
            return fault(start, format!("{}.{name} has wire type {wire_type}", shape.name));
        }
        match wire_type {
            0 => self.varint(shape.name, name, end).map(|_value| ()),
            1 => self.skip(8, shape.name, name, end),
            5 => self.skip(4, shape.name, name, end),
            2 => self.delimited(known.map(|field| &field.kind), shape.name, name, end, depth),
            _ => fault(start, format!("{} has a field with the unsupported wire type {wire_type}", shape.name)),
        }
    }

    fn delimited(
        &mut self,
        kind: Option<&'static Kind>,
        message: &str,
        name: &str,
        end: usize,
        depth: usize,
    ) -> Result<(), Fault> {
        let start = self.position;
        let length = usize::try_from(self.varint(message, name, end)?).unwrap_or(usize::MAX);
        let left = end - self.position;
        if length > left && end <= self.bytes.len() && end != self.bytes.len() {
            return fault(start, format!("{message}.{name} announces {length} bytes where {left} are left"));
        }
        let inner_end = self.position.saturating_add(length);
        match kind {
            Some(Kind::Message(shape)) => self.message(shape, inner_end, depth + 1),
            _ => {
                let from = self.position;
                self.skip(length, message, name, usize::MAX)?;
                match std::str::from_utf8(&self.bytes[from..self.position]) {
                    Err(error) if matches!(kind, Some(Kind::Text)) => {
                        fault(from + error.valid_up_to(), format!("{message}.{name} is not UTF-8"))
                    }
                    _ => Ok(()),
                }
            }
        }
    }

    fn varint(&mut self, message: &str, name: &str, end: usize) -> Result<u64, Fault> {
        let start = self.position;
        let mut value = 0_u64;
        for index in 0..10 {
            let Some(&byte) = self.bytes.get(self.position) else {
                return fault(
                    self.position,
                    format!("the data ends in {message}.{name}, which begins at byte {start}"),
                );
            };
            if self.position >= end {
                return fault(start, format!("{message}.{name} reaches past the end of its message"));
            }
            self.position += 1;
            value |= u64::from(byte & 0x7f) << (7 * index);
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        fault(start, format!("{message}.{name} is a number of more than ten bytes"))
    }

    fn skip(&mut self, length: usize, message: &str, name: &str, end: usize) -> Result<(), Fault> {
        let start = self.position;
        let after = start.saturating_add(length);
        if after > self.bytes.len() {
            self.position = self.bytes.len();
            let reason =
                format!("the data ends in {message}.{name}, which begins at byte {start} and has {length} bytes");
            return fault(self.bytes.len(), reason);
        }
        if after > end {
            return fault(start, format!("{message}.{name} reaches past the end of its message"));
        }
        self.position = after;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::shapes;
    use super::*;
    use crate::otlp::proto::collector::trace::v1::ExportTraceServiceRequest;
    use crate::otlp::proto::trace::v1::{ResourceSpans, ScopeSpans, Span};
    use prost::Message;

    fn encoded() -> Vec<u8> {
        let span = Span { trace_id: vec![1; 16], span_id: vec![2; 8], name: "GET /".to_owned(), ..Span::default() };
        let scope = ScopeSpans { spans: vec![span], ..ScopeSpans::default() };
        let resource = ResourceSpans { scope_spans: vec![scope], ..ResourceSpans::default() };
        ExportTraceServiceRequest { resource_spans: vec![resource] }.encode_to_vec()
    }

    #[test]
    fn whole_messages_have_no_fault() {
        assert_eq!(find(&encoded(), &shapes::TRACES_REQUEST), None);
    }

    #[test]
    fn a_cut_is_reported_at_the_cut_and_names_the_innermost_field() {
        let bytes = encoded();
        for cut in 1..bytes.len() {
            let fault = find(&bytes[..cut], &shapes::TRACES_REQUEST).unwrap();
            assert_eq!(fault.offset, cut, "{fault:?}");
        }
        let fault = find(&bytes[..bytes.len() - 2], &shapes::TRACES_REQUEST).unwrap();
        assert!(fault.reason.contains("Span.name"), "{fault:?}");
    }

    #[test]
    fn whatever_prost_refuses_has_a_fault() {
        let good = encoded();
        for index in 0..good.len() {
            for flip in 1..=255_u8 {
                let mut bytes = good.clone();
                bytes[index] ^= flip;
                if ExportTraceServiceRequest::decode(bytes.as_slice()).is_err() {
                    assert!(find(&bytes, &shapes::TRACES_REQUEST).is_some(), "byte {index} flipped by {flip}");
                }
            }
        }
    }

    #[test]
    fn text_that_is_not_utf8_is_reported_at_its_byte() {
        let mut bytes = encoded();
        let at = bytes.len() - 3;
        bytes[at] = 0xff;
        assert_eq!(find(&bytes, &shapes::TRACES_REQUEST).unwrap().offset, at);
    }
}
