//! The metrics signal: head, chunks, blocks, index.
