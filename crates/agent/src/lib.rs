//! The application server's pipeline.
