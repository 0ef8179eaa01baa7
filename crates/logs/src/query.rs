//! From LogQL to DataFusion: streams, tokens, filters, then rows or counts.

mod filter;
mod lists;
mod needle;
mod range;
mod scan;
mod select;
mod window;

pub use scan::QueryCounts;

pub(crate) use lists::StreamLists;
