//! The process' own saturation: `process_cpu_usage_percent` and `process_memory_usage_percent`, from `/proc`.

use lgtm_runtime::SharedClock;
use lgtm_runtime::metrics::{Gauge, Registry};
use parking_lot::Mutex;
use std::fs;
use std::time::Duration;

/// The kernel counts a process' CPU time in ticks of 10 ms (`USER_HZ`, fixed at 100 for `/proc` on Linux).
const TICKS_PER_SECOND: f64 = 100.0;
/// Below this the share of CPU time would be mostly rounding; the last value stands.
const SAMPLE_INTERVAL_MIN: Duration = Duration::from_millis(500);

/// Updates the two gauges whenever they are about to be read.
pub struct Sampler {
    clock: SharedClock,
    cpu: Gauge,
    memory: Gauge,
    previous: Mutex<(Duration, f64)>,
}

impl Sampler {
    /// Registers the gauges.
    pub fn new(registry: &Registry, clock: SharedClock) -> Self {
        let cpu = registry.gauge("process_cpu_usage_percent", "CPU time used, in percent of one core.", &[]);
        let memory =
            registry.gauge("process_memory_usage_percent", "Resident memory, in percent of the machine's.", &[]);
        let previous = Mutex::new((clock.elapsed(), cpu_seconds().unwrap_or(0.0)));
        Self { clock, cpu, memory, previous }
    }

    /// Reads `/proc` and sets the gauges; CPU is the share since the last reading.
    pub fn sample(&self) {
        let mut previous = self.previous.lock();
        let now = self.clock.elapsed();
        let passed = now.saturating_sub(previous.0);
        if let Some(used) = cpu_seconds().filter(|_| passed >= SAMPLE_INTERVAL_MIN) {
            self.cpu.set((used - previous.1) / passed.as_secs_f64() * 100.0);
            *previous = (now, used);
        }
        if let (Some(resident), Some(total)) = (kib("/proc/self/status", "VmRSS:"), kib("/proc/meminfo", "MemTotal:")) {
            self.memory.set(resident / total * 100.0);
        }
    }
}

fn cpu_seconds() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The second field, the program's name in brackets, may hold blanks; utime and stime are the 12th and 13th after it.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let (user, system): (f64, f64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some((user + system) / TICKS_PER_SECOND)
}

fn kib(path: &str, key: &str) -> Option<f64> {
    let text = fs::read_to_string(path).ok()?;
    text.lines().find_map(|line| line.strip_prefix(key))?.split_whitespace().next()?.parse().ok()
}
