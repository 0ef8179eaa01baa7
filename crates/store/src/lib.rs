//! WAL, files on object storage, catalog, compaction, retention.
