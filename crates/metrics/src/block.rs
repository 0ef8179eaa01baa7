//! Immutable blocks: the samples of one day, or a part of it, in one file; `docs/format/metrics-block.md` draws it.
//!
//! Series lie sorted by their labels, the metric's name first, so that what a query reads together lies together.
//! Each series has chunks of at most [`CHUNK_SAMPLES`] samples with a [`Summary`]; the times of a chunk are a part of a
//! shared column, stored once for all series of a target. All strings are in one sorted table; postings point into it.
//! Every section has a CRC, checked when the block is opened, so that damage is found before it is believed.

mod postings;
mod reader;
mod series;
mod shared_times;
mod summary;
mod symbols;
mod writer;

pub use reader::{Block, ChunkCache};
pub use summary::Summary;
pub use writer::BlockWriter;

/// Samples of one chunk, at most: ten hours at thirty seconds.
pub const CHUNK_SAMPLES: usize = 1_200;

/// The file's first and last bytes.
const MAGIC: &[u8; 8] = b"LGTMMET1";

/// The sections, in the order in which they lie in the file.
const SECTIONS: usize = 6;
const SECTION_TIMES: usize = 0;
const SECTION_VALUES: usize = 1;
const SECTION_COLUMNS: usize = 2;
const SECTION_SYMBOLS: usize = 3;
const SECTION_SERIES: usize = 4;
const SECTION_POSTINGS: usize = 5;

/// Offset, length and CRC of each section, times, counts, its own CRC, and the magic.
const FOOTER_BYTES: usize = SECTIONS * 20 + 8 * 4 + 4 + 8;

#[cfg(test)]
mod tests;
