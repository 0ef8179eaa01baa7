//! Classic histograms: which series are buckets of the same histogram, and what the counts say of quantiles and
//! fractions. Groups are found once; only the counts change from step to step.

use crate::Span;
use crate::eval::run::Evaluator;
use crate::eval::series::Series;
use lgtm_model::Labels;
use std::collections::HashMap;

/// Neighbouring counts that differ relatively by less are equal up to rounding.
const SMALL_DIFFERENCE: f64 = 1e-12;

/// The cumulative count of observations up to a bound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bucket {
    /// The largest value in it.
    pub upper: f64,
    /// Observations in it and all below.
    pub count: f64,
}

/// The buckets of one histogram.
pub(crate) struct Histogram {
    /// Its labels, `le` excluded.
    pub labels: Labels,
    /// The series of its buckets with their bounds, ascending.
    members: Vec<(f64, usize)>,
}

impl Histogram {
    /// The buckets that have a value at a step, ascending, those with equal bounds added up.
    pub fn buckets(&self, series: &[Series], step: usize) -> Vec<Bucket> {
        let mut buckets: Vec<Bucket> = Vec::with_capacity(self.members.len());
        for (upper, member) in &self.members {
            let Some(count) = series[*member].column.get(step) else { continue };
            match buckets.last_mut() {
                Some(last) if last.upper == *upper => last.count += count,
                _ => buckets.push(Bucket { upper: *upper, count }),
            }
        }
        buckets
    }
}

/// Groups series by everything but `le`. Series without a usable `le` are left out with a warning.
pub(crate) fn histograms(evaluator: &mut Evaluator<'_>, series: &[Series], span: Span) -> Vec<Histogram> {
    let mut found: Vec<Histogram> = Vec::new();
    let mut places: HashMap<Labels, usize> = HashMap::new();
    for (member, series) in series.iter().enumerate() {
        let label = series.labels.get("le").unwrap_or_default();
        let Some(upper) = parse_bound(label) else {
            let name = series.labels.metric_name().unwrap_or_default();
            evaluator.annotations.bad_bucket_label(name, label, span);
            continue;
        };
        let labels = series.labels.filter(|name| name != "le");
        let place = *places.entry(labels.clone()).or_insert_with(|| {
            found.push(Histogram { labels, members: Vec::new() });
            found.len() - 1
        });
        found[place].members.push((upper, member));
    }
    for histogram in &mut found {
        histogram.members.sort_by(|left, right| left.0.total_cmp(&right.0));
    }
    found
}

fn parse_bound(label: &str) -> Option<f64> {
    label.parse().ok()
}

/// Where counts had to be raised to grow with the bounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Raised {
    /// The lowest bound.
    pub bucket_min: f64,
    /// The highest bound.
    pub bucket_max: f64,
    /// By how much at most.
    pub difference_max: f64,
}

/// Evens out rounding, then raises every count to the highest before it.
pub(crate) fn make_monotonic(buckets: &mut [Bucket]) -> Option<Raised> {
    let (first, rest) = buckets.split_first_mut()?;
    let mut highest = first.count;
    let mut raised: Option<Raised> = None;
    for bucket in rest {
        if bucket.count == highest {
            continue;
        }
        if nearly_equal(highest, bucket.count) {
            bucket.count = highest;
        } else if bucket.count < highest {
            let difference = highest - bucket.count;
            let known = raised.get_or_insert(Raised {
                bucket_min: bucket.upper,
                bucket_max: bucket.upper,
                difference_max: difference,
            });
            known.bucket_max = bucket.upper;
            known.difference_max = known.difference_max.max(difference);
            bucket.count = highest;
        } else {
            highest = bucket.count;
        }
    }
    raised
}

fn nearly_equal(left: f64, right: f64) -> bool {
    if left.is_nan() && right.is_nan() {
        return true;
    }
    let (sum, difference) = (left.abs() + right.abs(), (left - right).abs());
    if left == 0.0 || right == 0.0 || sum < f64::MIN_POSITIVE {
        return difference < SMALL_DIFFERENCE * f64::MIN_POSITIVE;
    }
    difference / sum.min(f64::MAX) < SMALL_DIFFERENCE
}

/// The φ-quantile, observations being spread evenly within a bucket. `buckets` ascend and end at infinity.
pub(crate) fn quantile(wanted: f64, buckets: &mut [Bucket]) -> (f64, Option<Raised>) {
    if wanted.is_nan() {
        return (f64::NAN, None);
    }
    if wanted < 0.0 {
        return (f64::NEG_INFINITY, None);
    }
    if wanted > 1.0 {
        return (f64::INFINITY, None);
    }
    if buckets.last().is_none_or(|last| last.upper != f64::INFINITY) {
        return (f64::NAN, None);
    }
    let raised = make_monotonic(buckets);
    (interpolated_quantile(wanted, buckets), raised)
}

fn interpolated_quantile(wanted: f64, buckets: &[Bucket]) -> f64 {
    let last = buckets.len() - 1;
    let observations = buckets[last].count;
    if last == 0 || observations == 0.0 || observations.is_nan() {
        return f64::NAN;
    }
    let mut rank = wanted * observations;
    let place = buckets[..last].partition_point(|bucket| bucket.count < rank);
    if place == last {
        return buckets[last - 1].upper;
    }
    let bucket = buckets[place];
    if place == 0 && bucket.upper <= 0.0 {
        return bucket.upper;
    }
    let (mut start, mut count) = (0.0, bucket.count);
    if place > 0 {
        let below = buckets[place - 1];
        start = below.upper;
        count -= below.count;
        rank -= below.count;
    }
    start + (bucket.upper - start) * (rank / count)
}

/// The share of observations between two values. `buckets` ascend and end at infinity.
pub(crate) fn fraction(lower: f64, upper: f64, buckets: &[Bucket]) -> f64 {
    let Some(last) = buckets.last().filter(|last| last.upper == f64::INFINITY) else { return f64::NAN };
    if last.count == 0.0 || lower.is_nan() || upper.is_nan() {
        return f64::NAN;
    }
    if lower >= upper {
        return 0.0;
    }
    let below = |value| rank_below(value, buckets).unwrap_or(last.count).min(last.count);
    (below(upper) - below(lower)) / last.count
}

/// How many observations lie below a value; none if it lies above all bounds.
fn rank_below(value: f64, buckets: &[Bucket]) -> Option<f64> {
    let mut rank = 0.0;
    // With a first bound above zero all observations are taken to be positive.
    let mut start = if buckets[0].upper <= 0.0 { f64::NEG_INFINITY } else { 0.0 };
    for bucket in buckets {
        if start >= value {
            return Some(rank);
        }
        if value < bucket.upper {
            if start == f64::NEG_INFINITY {
                return Some(bucket.count);
            }
            return Some(rank + (bucket.count - rank) * (value - start) / (bucket.upper - start));
        }
        rank = bucket.count;
        start = bucket.upper;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buckets(pairs: &[(f64, f64)]) -> Vec<Bucket> {
        pairs.iter().map(|(upper, count)| Bucket { upper: *upper, count: *count }).collect()
    }

    #[test]
    fn quantiles_are_interpolated_within_a_bucket() {
        let of = |wanted| quantile(wanted, &mut buckets(&[(1.0, 10.0), (2.0, 20.0), (f64::INFINITY, 20.0)])).0;
        assert_eq!((of(0.25), of(0.75), of(1.0)), (0.5, 1.5, 2.0));
        assert_eq!(of(-1.0), f64::NEG_INFINITY);
        assert!(quantile(0.5, &mut buckets(&[(1.0, 10.0)])).0.is_nan());
    }

    #[test]
    fn counts_that_fall_are_raised() {
        let mut falling = buckets(&[(1.0, 10.0), (2.0, 8.0), (4.0, 12.0), (f64::INFINITY, 11.0)]);
        let raised = make_monotonic(&mut falling);
        assert_eq!(raised, Some(Raised { bucket_min: 2.0, bucket_max: f64::INFINITY, difference_max: 2.0 }));
        assert_eq!(falling.iter().map(|bucket| bucket.count).collect::<Vec<_>>(), [10.0, 10.0, 12.0, 12.0]);
    }

    #[test]
    fn fractions_are_the_inverse_of_quantiles() {
        let found = buckets(&[(1.0, 10.0), (2.0, 20.0), (f64::INFINITY, 20.0)]);
        assert_eq!(fraction(f64::NEG_INFINITY, 1.5, &found), 0.75);
        assert_eq!(fraction(0.5, 1.5, &found), 0.5);
        assert_eq!(fraction(2.0, 1.0, &found), 0.0);
    }
}
