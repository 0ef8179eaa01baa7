//! The sinks and sources over HTTP.
