//! Bytes to model and back: exposition formats, OTLP. No sockets.

pub mod exposition;
pub mod otlp;
