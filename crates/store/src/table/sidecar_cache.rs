//! Sidecars in memory: loaded when first asked for, the longest unused given up when their bytes exceed the bound.

use super::sidecar::{Sidecar, sidecar_path};
use crate::error::StoreError;
use crate::files::Files;
use lgtm_runtime::metrics::{Counter, Gauge, Registry};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;

#[derive(Default)]
struct Kept {
    sidecars: HashMap<String, (Arc<Sidecar>, u64)>,
    bytes: usize,
    /// Counts look-ups: a sidecar's number is that of its last one.
    tick: u64,
}

/// The sidecars that are resident.
pub(super) struct SidecarCache {
    kept: Mutex<Kept>,
    bytes_max: usize,
    loads: Counter,
    evictions: Counter,
    resident_bytes: Gauge,
}

impl SidecarCache {
    pub(super) fn new(bytes_max: usize, registry: &Registry) -> Self {
        Self {
            kept: Mutex::default(),
            bytes_max,
            loads: registry.counter("lgtm_token_filter_loads_total", "Token filter files read from storage.", &[]),
            evictions: registry.counter("lgtm_token_filter_evictions_total", "Token filters given up for space.", &[]),
            resident_bytes: registry.gauge(
                "lgtm_token_filter_resident_bytes",
                "Bytes of token filters in memory.",
                &[],
            ),
        }
    }

    /// The sidecar of a Parquet file.
    pub(super) async fn get(&self, files: &Files, parquet_path: &str) -> Result<Arc<Sidecar>, StoreError> {
        {
            let mut kept = self.kept.lock();
            kept.tick += 1;
            let tick = kept.tick;
            if let Some((sidecar, used)) = kept.sidecars.get_mut(parquet_path) {
                *used = tick;
                return Ok(Arc::clone(sidecar));
            }
        }
        // Two who ask at once both read: that costs a read, a lock across the wait would cost every query.
        let path = sidecar_path(parquet_path);
        let sidecar = Arc::new(Sidecar::decode(&path, files.get(&path).await?)?);
        self.loads.increment();
        self.keep(parquet_path, Arc::clone(&sidecar));
        Ok(sidecar)
    }

    fn keep(&self, parquet_path: &str, sidecar: Arc<Sidecar>) {
        let mut kept = self.kept.lock();
        kept.tick += 1;
        let tick = kept.tick;
        kept.bytes += sidecar.size_bytes();
        if let Some((old, _)) = kept.sidecars.insert(parquet_path.to_owned(), (sidecar, tick)) {
            kept.bytes -= old.size_bytes();
        }
        while kept.bytes > self.bytes_max && kept.sidecars.len() > 1 {
            let oldest = kept.sidecars.iter().min_by_key(|(_, (_, used))| *used).map(|(path, _)| path.clone());
            let Some((old, _)) = oldest.and_then(|path| kept.sidecars.remove(&path)) else { break };
            kept.bytes -= old.size_bytes();
            self.evictions.increment();
        }
        self.resident_bytes.set(kept.bytes as f64);
    }
}
