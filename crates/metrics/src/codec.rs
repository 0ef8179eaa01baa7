//! Columns of numbers as few bytes.
//!
//! A chunk holds at most [`CHUNK_SAMPLES_MAX`] samples of one series. Its values and its timestamps are encoded apart,
//! because all series of one scrape target have the same timestamps: those are stored once and pointed to.
//!
//! - [`bits`]: variable-length integers, fixed-width packing, and the reader that never runs past the end;
//! - [`integers`]: a column of whole numbers: delta of order 0, 1 or 2, frame of reference, outliers apart;
//! - [`decimal`]: values that are short decimals as whole numbers times a power of ten;
//! - [`xor`]: values that are not, each against its predecessor;
//! - [`values`]: the smaller of the two.
//!
//! Decoding trusts nothing: any bytes give either as many numbers as the caller asked for or an error.

pub mod bits;
pub mod decimal;
pub mod integers;
pub mod values;
pub mod xor;

use thiserror::Error;

/// Samples that one chunk may hold. Decoders refuse to produce more, so that no corrupt count can exhaust the memory.
pub const CHUNK_SAMPLES_MAX: usize = 4_096;

/// Why bytes are no column.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum CodecError {
    /// The bytes end too early.
    #[error("the bytes end too early")]
    Truncated,
    /// The bytes cannot have been written by the encoder.
    #[error("{0}")]
    Invalid(&'static str),
}
