//! `rate`, `increase` and `delta` over `anchored` and `smoothed` ranges: no extrapolation, since the boundaries have
//! values of their own, taken from the sample before or from the line between the samples around the boundary.

use crate::eval::window::Window;

/// The value at `time_ms` on the line between two samples. A counter that was reset starts the line at zero.
pub(crate) fn interpolate(before: (i64, f64), after: (i64, f64), time_ms: i64, is_counter: bool) -> f64 {
    let start = if is_counter && after.1 < before.1 { 0.0 } else { before.1 };
    start + (after.1 - start) * (time_ms - before.0) as f64 / (after.0 - before.0) as f64
}

/// The increase over the range, before division by its length.
pub(crate) fn increase(window: &Window<'_>, smoothed: bool, is_counter: bool) -> Option<f64> {
    let (times, values) = (window.times, window.values);
    let sample = |index: usize| (times[index], values[index]);
    let mut last = times.len() - 1;
    let mut first = times[..last].partition_point(|time| *time <= window.start_ms).saturating_sub(1);
    if smoothed {
        last = times[..last].partition_point(|time| *time < window.end_ms);
    }
    if times[last] <= window.start_ms || (smoothed && times[first] > window.end_ms) {
        return None;
    }
    let left = if smoothed && times[first] < window.start_ms && first + 1 < times.len() {
        interpolate(sample(first), sample(first + 1), window.start_ms, is_counter)
    } else {
        values[first]
    };
    let right = if smoothed && last > 0 && times[last] > window.end_ms {
        interpolate(sample(last - 1), sample(last), window.end_ms, is_counter)
    } else {
        values[last]
    };
    let mut increase = right - left;
    if is_counter {
        // The boundaries have dealt with the resets beside them; only the samples within the range remain.
        if times[first] <= window.start_ms {
            first += 1;
        }
        let end = if times[last] >= window.end_ms { last } else { last + 1 };
        increase += lost_to_resets(left, right, values.get(first..end).unwrap_or_default());
    }
    Some(increase)
}

fn lost_to_resets(left: f64, right: f64, between: &[f64]) -> f64 {
    let (mut lost, mut previous) = (0.0, left);
    for value in between.iter().chain(std::iter::once(&right)) {
        if *value < previous {
            lost += previous;
        }
        previous = *value;
    }
    lost
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window<'a>(times: &'a [i64], values: &'a [f64], start_ms: i64, end_ms: i64) -> Window<'a> {
        Window { times, values, first: 0, start_ms, end_ms, eval_ms: end_ms, step: 0 }
    }

    #[test]
    fn smoothed_boundaries_lie_on_the_line() {
        let found = increase(&window(&[0, 10, 20], &[0.0, 10.0, 20.0], 5, 15), true, true);
        assert_eq!(found, Some(10.0));
    }

    #[test]
    fn anchored_boundaries_take_the_sample_before() {
        let found = increase(&window(&[0, 10, 20], &[1.0, 5.0, 2.0], 5, 20), false, true);
        assert_eq!(found, Some(6.0));
        assert_eq!(increase(&window(&[0], &[1.0], 5, 20), false, true), None);
    }
}
