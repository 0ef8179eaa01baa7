//! The disk under the data folder: how large it is and how much of it is left, for an alert before nothing is stored.

use lgtm_runtime::metrics::{Gauge, Registry};
use lgtm_runtime::{SharedClock, Shutdown, Tasks};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often the disk is looked at.
const INTERVAL: Duration = Duration::from_secs(15);

/// Looks at the disk under `folder` at once and then every 15 seconds until `shutdown`, and exports
/// `lgtm_data_disk_size_bytes` and `lgtm_data_disk_available_bytes`.
pub fn watch_data_disk(folder: PathBuf, registry: &Registry, clock: SharedClock, tasks: &Tasks, shutdown: Shutdown) {
    let gauges = Gauges::new(registry);
    tasks.spawn(async move {
        while !shutdown.is_requested() {
            let place = folder.clone();
            // A dead network disk answers late or never; the other tasks of this thread must not wait for it.
            match tokio::task::spawn_blocking(move || space(&place)).await {
                Ok(Some((size, available))) => {
                    gauges.size.set(size);
                    gauges.available.set(available);
                }
                _ => tracing::debug!(folder = %folder.display(), "the disk of the data folder cannot be looked at"),
            }
            tokio::select! {
                () = clock.sleep(INTERVAL) => {}
                () = shutdown.requested() => {}
            }
        }
    });
}

struct Gauges {
    size: Gauge,
    available: Gauge,
}

impl Gauges {
    fn new(registry: &Registry) -> Self {
        let gauge = |name, help| registry.gauge(name, help, &[]);
        Self {
            size: gauge("lgtm_data_disk_size_bytes", "Size of the disk under the data folder."),
            available: gauge(
                "lgtm_data_disk_available_bytes",
                "Bytes that are left for the program on the disk under the data folder.",
            ),
        }
    }
}

/// Size and what is left for users other than root, in bytes.
fn space(folder: &Path) -> Option<(f64, f64)> {
    let statistics = rustix::fs::statvfs(folder).ok()?;
    let block = statistics.f_frsize as f64;
    Some((statistics.f_blocks as f64 * block, statistics.f_bavail as f64 * block))
}

#[cfg(test)]
mod tests {
    use super::*;
    use lgtm_runtime::{ShutdownTrigger, SystemClock};

    #[tokio::test]
    async fn the_disk_is_looked_at_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let (registry, tasks, clock) = (Registry::default(), Tasks::default(), SystemClock::shared());
        let (trigger, shutdown) = ShutdownTrigger::new();
        watch_data_disk(folder.path().to_owned(), &registry, clock.clone(), &tasks, shutdown);
        let value = |name: &str| registry.gauge(name, "", &[]).value();
        for _ in 0..500 {
            if value("lgtm_data_disk_available_bytes") > 0.0 {
                break;
            }
            clock.sleep(Duration::from_millis(10)).await;
        }
        let (size, available) = (value("lgtm_data_disk_size_bytes"), value("lgtm_data_disk_available_bytes"));
        assert!(available > 0.0 && size >= available, "{available} of {size}");
        trigger.fire();
        assert_eq!(tasks.drain(&clock, Duration::from_secs(5)).await, 0);
        assert_eq!(space(Path::new("/nowhere/at/all")), None);
    }
}
