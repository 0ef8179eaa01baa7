//! What one batch looks like in the journal; byte by byte in `docs/format/metrics-wal.md`.
//!
//! A series' labels are written once a generation: a record defines the series whose definition is not durable yet,
//! and its rows speak of series by id. Two records may both define a series, when they were under way at once; that
//! does no harm. Rows cost about six bytes: the difference of the ids, a byte that tells the value's exponent and
//! whether the time changes, and the scaled value.

use crate::codec::bits::{Reader, put_bytes, put_signed, put_varint};
use crate::codec::{CodecError, decimal};
use crate::head::{Head, Row, SeriesId};
use lgtm_model::Labels;
use std::collections::HashMap;

const FORMAT: u8 = 1;
const FLAG_RAW: u8 = 0b0001_0000;
const FLAG_TIME: u8 = 0b0010_0000;
const EXPONENT_MASK: u8 = 0b0000_1111;

/// Encodes a batch for the head of `generation`.
pub fn encode(generation: u64, definitions: &[(SeriesId, Labels)], rows: &[Row]) -> Vec<u8> {
    let mut out = Vec::with_capacity(32 + rows.len() * 8);
    out.push(FORMAT);
    out.extend_from_slice(&generation.to_le_bytes());
    put_varint(&mut out, definitions.len() as u64);
    for (id, labels) in definitions {
        put_varint(&mut out, id.0);
        put_bytes(&mut out, labels.as_packed());
    }
    put_varint(&mut out, rows.len() as u64);
    let (mut id, mut time) = (0_u64, 0_i64);
    let mut scaled = decimal::Scaled::default();
    for row in rows {
        put_signed(&mut out, row.id.0.wrapping_sub(id) as i64);
        let is_new_time = row.time != time;
        let flag = if is_new_time { FLAG_TIME } else { 0 };
        decimal::scale(&[row.value], &mut scaled);
        let is_scaled = scaled.exceptions.is_empty();
        out.push(flag | if is_scaled { scaled.exponent } else { FLAG_RAW });
        if is_new_time {
            put_signed(&mut out, row.time.wrapping_sub(time));
        }
        match scaled.numbers.first() {
            Some(&number) if is_scaled => put_signed(&mut out, number),
            _ => out.extend_from_slice(&row.value.to_bits().to_le_bytes()),
        }
        (id, time) = (row.id.0, row.time);
    }
    out
}

/// Applies the records of a journal to one head, whatever heads they were written for.
#[derive(Debug, Default)]
pub struct Replay {
    ids: HashMap<(u64, u64), SeriesId>,
}

impl Replay {
    /// Applies one record; the error says what is wrong with its bytes. Then nothing of its rows was applied.
    pub fn apply(&mut self, head: &Head, payload: &[u8]) -> Result<(), String> {
        let rows = self.read(head, payload).map_err(|error| error.to_string())?;
        head.append(&rows);
        Ok(())
    }

    fn read(&mut self, head: &Head, payload: &[u8]) -> Result<Vec<Row>, CodecError> {
        let mut reader = Reader::new(payload);
        if reader.byte()? != FORMAT {
            return Err(CodecError::Invalid("a record has an unknown format"));
        }
        let generation = reader.u64()?;
        for _ in 0..reader.count(payload.len())? {
            let id = reader.varint()?;
            let labels = Labels::from_packed(reader.counted_bytes()?).ok_or(CodecError::Invalid("broken labels"))?;
            // What was acknowledged is kept, even if the limit has been lowered since.
            let (here, _) = head.intern(&labels, usize::MAX).map_err(|_| CodecError::Invalid("too many series"))?;
            self.ids.insert((generation, id), here);
        }
        let count = reader.count(payload.len())?;
        let mut rows = Vec::with_capacity(count);
        let (mut id, mut time) = (0_u64, 0_i64);
        let mut values = Vec::with_capacity(1);
        for _ in 0..count {
            id = id.wrapping_add(reader.signed()? as u64);
            let flags = reader.byte()?;
            if flags & FLAG_TIME != 0 {
                time = time.wrapping_add(reader.signed()?);
            }
            let value = if flags & FLAG_RAW != 0 {
                f64::from_bits(reader.u64()?)
            } else {
                values.clear();
                decimal::unscale(flags & EXPONENT_MASK, &[reader.signed()?], &mut values);
                values[0]
            };
            let here = self.ids.get(&(generation, id)).ok_or(CodecError::Invalid("a series was never defined"))?;
            rows.push(Row { id: *here, time, value });
        }
        if reader.is_empty() { Ok(rows) } else { Err(CodecError::Invalid("bytes follow the last row")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_replayed(rows in prop::collection::vec((0..9_usize, any::<i64>(), any::<u64>()), 0..60)) {
            let (written, replayed) = (Head::new(7), Head::new(8));
            let series = |number: usize| Labels::from_pairs([("n", number.to_string())]);
            let rows: Vec<Row> = rows
                .into_iter()
                .map(|(number, time, bits)| {
                    let (id, _) = written.intern(&series(number), 100).unwrap();
                    Row { id, time, value: f64::from_bits(bits) }
                })
                .collect();
            let definitions: Vec<_> =
                (0..9).map(|number| (written.intern(&series(number), 100).unwrap().0, series(number))).collect();
            written.append(&rows);
            let mut replay = Replay::default();
            replay.apply(&replayed, &encode(7, &definitions, &[])).unwrap();
            replay.apply(&replayed, &encode(7, &[], &rows)).unwrap();
            let all = |head: &Head| -> Vec<_> {
                head.sorted_series()
                    .into_iter()
                    .map(|(labels, id)| {
                        let column = head.column(id, i64::MIN, i64::MAX);
                        (labels, column.times, column.values.into_iter().map(f64::to_bits).collect::<Vec<_>>())
                    })
                    .collect()
            };
            prop_assert_eq!(all(&written), all(&replayed));
            prop_assert!(rows.is_empty() || Replay::default().apply(&replayed, &encode(7, &[], &rows)).is_err());
        }

        #[test]
        fn corrupt_records_never_panic(noise in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut bytes = vec![FORMAT];
            bytes.extend(noise);
            let _error_or_not = Replay::default().apply(&Head::new(1), &bytes);
        }
    }
}
