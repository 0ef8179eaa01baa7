//! Finds for a chunk's times a column that some series of the same target has stored already.
//!
//! Series of one target have the same times while they live, but some begin later or end earlier: their times are a
//! stretch of another's. A target is what `job` and `instance` name; of each, the newest few columns are compared.

use crate::codec::integers;
use lgtm_model::Labels;
use std::collections::HashMap;

/// Columns of one target that are compared with: the chunks of a day, more or less.
const COLUMNS_COMPARED: usize = 16;

/// Where a chunk finds its times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The column's number in the block.
    pub column: u32,
    /// Times of the column before the chunk's first.
    pub skip: u32,
}

#[derive(Debug, Default)]
struct Target {
    columns: Vec<(u32, Vec<i64>)>,
}

/// The columns of times of a block under construction.
#[derive(Debug, Default)]
pub struct SharedTimes {
    targets: HashMap<(String, String), Target>,
    scratch: integers::Scratch,
    /// The encoded columns, one behind the other.
    pub encoded: Vec<u8>,
    /// Length in bytes and number of times of each column.
    pub columns: Vec<(u32, u32)>,
}

impl SharedTimes {
    /// The stretch that holds `times`; a new column when there is none.
    pub fn place(&mut self, labels: &Labels, times: &[i64]) -> Stretch {
        let label = |name| labels.get(name).unwrap_or_default().to_owned();
        let target = self.targets.entry((label("job"), label("instance"))).or_default();
        for (column, known) in target.columns.iter().rev() {
            let skip = known.partition_point(|time| Some(time) < times.first());
            if known.get(skip..skip + times.len()) == Some(times) {
                return Stretch { column: *column, skip: skip as u32 };
            }
        }
        let column = self.columns.len() as u32;
        let before = self.encoded.len();
        integers::encode(times, &mut self.scratch, &mut self.encoded);
        self.columns.push(((self.encoded.len() - before) as u32, times.len() as u32));
        if target.columns.len() >= COLUMNS_COMPARED {
            target.columns.remove(0);
        }
        target.columns.push((column, times.to_vec()));
        Stretch { column, skip: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_series_of_the_target_is_a_stretch_of_its_column() {
        let mut shared = SharedTimes::default();
        let labels = Labels::from_pairs([("instance", "a"), ("job", "b")]);
        assert_eq!(shared.place(&labels, &[1, 2, 3, 4]), Stretch { column: 0, skip: 0 });
        assert_eq!(shared.place(&labels, &[3, 4]), Stretch { column: 0, skip: 2 });
        assert_eq!(shared.place(&labels, &[2, 4]), Stretch { column: 1, skip: 0 });
        assert_eq!(shared.place(&labels, &[4, 5]), Stretch { column: 2, skip: 0 });
        let other = Labels::from_pairs([("instance", "z")]);
        assert_eq!(shared.place(&other, &[1, 2, 3, 4]), Stretch { column: 3, skip: 0 });
        assert_eq!(shared.columns.len(), 4);
    }
}
