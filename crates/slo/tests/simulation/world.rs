//! Made-up targets and what happened to them, and the exact arithmetic of it, from the events themselves: no slices, no
//! blocks, no rules.

use crate::evaluator::Evaluator;
use crate::memory::Memory;
use lgtm_model::{Labels, METRIC_NAME, stale_nan};
use lgtm_slo::{Config, Scale, Slo, compile};

/// When the world begins: long after 1970, on a full block.
pub const START_MS: i64 = 1_700_000_000_000 / 3_600_000 * 3_600_000;

/// One observation of a target.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Seen {
    /// Nothing was seen.
    Nothing,
    /// This many events since the last observation, and so many of them bad.
    Events(u32, u32),
}

/// One target: what was seen of it every `every_ms`, beginning at `first_ms`.
#[derive(Clone, Debug)]
pub struct Target {
    /// `instance`
    pub name: String,
    /// When it is observed first, after the start.
    pub first_ms: i64,
    /// Between two observations.
    pub every_ms: i64,
    /// How late an observation arrives.
    pub late_ms: i64,
    /// What was seen.
    pub seen: Vec<Seen>,
}

impl Target {
    /// The times of its observations.
    fn times(&self) -> impl Iterator<Item = (i64, Seen)> + '_ {
        (0..).map(|index| START_MS + self.first_ms + index * self.every_ms).zip(self.seen.iter().copied())
    }
}

/// How observations become samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// `probe_success`, a gauge.
    Probe,
    /// Counters of all and of bad requests. The one of bad requests is born with the first of them.
    Requests,
}

/// Targets, an objective over them, and its rules at work.
pub struct World {
    pub slo: Slo,
    pub scale: Scale,
    pub targets: Vec<Target>,
    kind: Kind,
    pub memory: Memory,
    pub rules: Evaluator,
    pub now_ms: i64,
    /// Samples under way: when they arrive, and what they are.
    arriving: std::collections::VecDeque<(i64, Labels, i64, f64)>,
}

impl World {
    /// A world at its beginning.
    pub fn new(yaml: &str, factor: u32, kind: Kind, targets: Vec<Target>) -> Self {
        let slo = Config::read_texts(&[("slo.yml", yaml)]).unwrap().value.slos.remove(0);
        let scale = Scale::new(factor).unwrap();
        let rules = Evaluator::new(compile(std::slice::from_ref(&slo), scale));
        let mut arriving: Vec<(i64, Labels, i64, f64)> =
            targets.iter().flat_map(|target| samples(target, kind)).collect();
        arriving.sort_by_key(|(arrives, ..)| *arrives);
        let memory = Memory::default();
        Self { slo, scale, targets, kind, memory, rules, now_ms: START_MS, arriving: arriving.into() }
    }

    /// Lets time pass to the next slice, and evaluates what is due.
    pub fn step(&mut self) {
        self.step_by(self.scale.slice_ms());
    }

    /// Lets this much time pass, and evaluates what is due.
    pub fn step_by(&mut self, step_ms: i64) {
        self.now_ms += step_ms;
        while self.arriving.front().is_some_and(|(arrives, ..)| *arrives <= self.now_ms) {
            let Some((_, labels, time, value)) = self.arriving.pop_front() else { break };
            self.memory.push(&labels, time, value);
        }
        self.rules.tick(&mut self.memory, self.now_ms);
    }

    /// Steps until this much time has passed since the start.
    pub fn run_to(&mut self, after_ms: i64) {
        while self.now_ms < START_MS + after_ms {
            self.step();
        }
    }

    /// Steps until `wanted` holds, and says how long after the start that is; gives up after `until_ms`.
    pub fn until(&mut self, until_ms: i64, wanted: impl Fn(&Evaluator) -> bool) -> Option<i64> {
        self.until_with(until_ms, |world| wanted(&world.rules))
    }

    /// The same, looking at all of it.
    pub fn until_with(&mut self, until_ms: i64, mut wanted: impl FnMut(&Self) -> bool) -> Option<i64> {
        while self.now_ms < START_MS + until_ms {
            self.step();
            if wanted(self) {
                return Some(self.now_ms - START_MS);
            }
        }
        None
    }

    /// What the rules recorded.
    pub fn value(&self, query: &str) -> Option<f64> {
        self.rules.value(&self.memory, query, self.now_ms)
    }

    /// Events of the targets that `of` wants, all and bad, in the window that ends `behind_ms` ago, and how much of it
    /// was measured for any of them.
    pub fn exact(&self, window_ms: i64, behind_ms: i64, of: impl Fn(&Target) -> bool) -> Exact {
        let end = self.now_ms - behind_ms - self.scale.settle_ms();
        let slice = self.scale.slice_ms();
        let mut exact = Exact::default();
        let mut measured = vec![false; usize::try_from(window_ms / slice).unwrap()];
        for target in self.targets.iter().filter(|target| of(target)) {
            let mut known_from: Option<i64> = None;
            for (time, seen) in target.times().take_while(|(time, _)| *time <= end) {
                let Seen::Events(total, bad) = seen else {
                    mark(&mut measured, known_from.take(), time - 1, end, slice);
                    continue;
                };
                // Nobody knows since when a counter has counted that is seen for the first time: it is known from the
                // end of the slice on in which that happens.
                let from = *known_from.get_or_insert_with(|| match self.kind {
                    Kind::Probe => time,
                    Kind::Requests => 1 + end - (end - time) / slice * slice,
                });
                if time > end - window_ms && time >= from {
                    exact.total += f64::from(total);
                    exact.bad += f64::from(bad);
                }
            }
            mark(&mut measured, known_from, end, end, slice);
        }
        exact.measured = measured.iter().filter(|measured| **measured).count() as f64 / measured.len() as f64;
        exact
    }
}

/// Marks the slices that end within a stretch of time.
fn mark(measured: &mut [bool], from: Option<i64>, to: i64, end: i64, slice: i64) {
    let Some(from) = from else { return };
    for (index, measured) in measured.iter_mut().rev().enumerate() {
        let slice_end = end - index as i64 * slice;
        *measured |= slice_end >= from && slice_end <= to;
    }
}

/// The exact arithmetic of a window.
#[derive(Clone, Copy, Debug, Default)]
pub struct Exact {
    pub total: f64,
    pub bad: f64,
    /// The share of the window that was measured.
    pub measured: f64,
}

impl Exact {
    /// The burn rate; of the budget's window, the budget consumed.
    pub fn consumption(&self, objective: f64) -> f64 {
        if self.total == 0.0 { 0.0 } else { self.bad / self.total * self.measured / (1.0 - objective) }
    }
}

fn samples(target: &Target, kind: Kind) -> Vec<(i64, Labels, i64, f64)> {
    let labels =
        |name: &str| Labels::from_pairs([(METRIC_NAME, name), ("job", "j"), ("instance", target.name.as_str())]);
    let (mut total, mut bad) = (0_u32, 0_u32);
    let mut samples = Vec::new();
    let mut alive = false;
    for (time, seen) in target.times() {
        let arrives = time + target.late_ms;
        let mut push = |name: &str, value: f64| samples.push((arrives, labels(name), time, value));
        match (kind, seen) {
            (Kind::Probe, Seen::Events(_, failed)) => push("probe_success", if failed > 0 { 0.0 } else { 1.0 }),
            (Kind::Requests, Seen::Events(all, failed)) => {
                total += all;
                bad += failed;
                push("requests_total", f64::from(total));
                if bad > 0 {
                    push("errors_total", f64::from(bad));
                }
            }
            // As a scrape leaves it that fails.
            (Kind::Probe, Seen::Nothing) if alive => push("probe_success", stale_nan()),
            (Kind::Requests, Seen::Nothing) if alive => {
                push("requests_total", stale_nan());
                if bad > 0 {
                    push("errors_total", stale_nan());
                }
            }
            (_, Seen::Nothing) => {}
        }
        alive = seen != Seen::Nothing;
    }
    samples
}
