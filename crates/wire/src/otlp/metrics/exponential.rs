//! Exponential histograms, as classic buckets.
//!
//! Upstream keeps them as native histograms, which this program does not have yet; dropping them would lose the sender's
//! latencies. They become classic buckets in such a way that the boundaries stay the same from point to point although
//! the sender may change its scale at any time:
//!
//! 1. Bucket `i` of scale `s` covers `(b^i, b^(i+1)]` with `b = 2^(2^-s)`. Every boundary of scale `s - 1` is one of
//!    scale `s`, so that a coarser scale is reached exactly, by merging neighbours: `i >> 1`.
//! 2. Whatever is finer than [`SCALE_MAX`] is merged down to it: four buckets an octave, 19% apart.
//! 3. Should more than [`BUCKETS_MAX`] buckets lie between the first and the last, pairs are merged until they do not.
//! 4. Negative values and the bucket around zero get their boundaries too; empty buckets in between are kept, those
//!    outside are not sent.

use super::super::proto::metrics::v1::ExponentialHistogramDataPoint;
use super::super::proto::metrics::v1::exponential_histogram_data_point::Buckets as ProtoBuckets;
use super::buckets::{self, Buckets};
use super::series::Identity;
use super::sheet::Sheet;

/// The finest scale that is kept.
const SCALE_MAX: i32 = 2;
/// Buckets a sign, the limit that OpenTelemetry's SDKs have as well.
const BUCKETS_MAX: i64 = 160;

pub(super) fn add(sheet: &mut Sheet, identity: &Identity, name: &str, points: Vec<ExponentialHistogramDataPoint>) {
    for point in points {
        let counts = classic(&point);
        let timestamp = sheet.time(point.time_unix_nano);
        let labels = identity.labels(&point.attributes);
        let (flags, count, sum) = (point.flags, point.count, point.sum);
        let exemplars = &point.exemplars;
        buckets::add(sheet, Buckets { name, labels, timestamp, flags, counts, count, sum, exemplars });
    }
}

/// Upper bounds, ascending, with the count of each bucket.
fn classic(point: &ExponentialHistogramDataPoint) -> Vec<(f64, u64)> {
    let negative = Row::merged(point.scale, point.negative.as_ref());
    let positive = Row::merged(point.scale, point.positive.as_ref());
    let mut counts: Vec<(f64, u64)> =
        negative.counts.iter().enumerate().map(|(place, count)| (-negative.bound(place, 0), *count)).collect();
    counts.reverse();
    counts.push((point.zero_threshold, point.zero_count));
    counts.extend(positive.counts.iter().enumerate().map(|(place, count)| (positive.bound(place, 1), *count)));
    counts
}

/// One sign's buckets, from the first that is not empty to the last.
struct Row {
    scale: i32,
    first: i64,
    counts: Vec<u64>,
}

impl Row {
    fn merged(scale: i32, buckets: Option<&ProtoBuckets>) -> Self {
        let empty = Self { scale, first: 0, counts: Vec::new() };
        let Some(buckets) = buckets else { return empty };
        let filled = || buckets.bucket_counts.iter().enumerate().filter(|(_, count)| **count > 0);
        let index = |place: usize| i64::from(buckets.offset) + i64::try_from(place).unwrap_or(i64::MAX / 2);
        let (Some((first, _)), Some((last, _))) = (filled().next(), filled().next_back()) else { return empty };
        let mut shift = u32::try_from(scale.saturating_sub(SCALE_MAX)).unwrap_or(0).min(63);
        while (index(last) >> shift) - (index(first) >> shift) >= BUCKETS_MAX {
            shift += 1;
        }
        let first = index(first) >> shift;
        let length = usize::try_from((index(last) >> shift) - first + 1).unwrap_or(0);
        let mut counts = vec![0_u64; length];
        for (place, count) in filled() {
            let slot = usize::try_from((index(place) >> shift) - first).unwrap_or(0);
            counts[slot] = counts[slot].saturating_add(*count);
        }
        Self { scale: scale.saturating_sub(shift.cast_signed()), first, counts }
    }

    /// The boundary below (`side` 0) or above (1) the bucket at `place`.
    fn bound(&self, place: usize, side: i64) -> f64 {
        let index = self.first + side + i64::try_from(place).unwrap_or(0);
        // At scales so coarse that the base overflows, the boundary at 1 is still 1.
        if index == 0 { 1.0 } else { (index as f64 * (-f64::from(self.scale)).exp2()).exp2() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(scale: i32, offset: i32, bucket_counts: Vec<u64>) -> ExponentialHistogramDataPoint {
        let positive = Some(ProtoBuckets { offset, bucket_counts });
        ExponentialHistogramDataPoint { scale, positive, zero_count: 3, ..ExponentialHistogramDataPoint::default() }
    }

    #[test]
    fn buckets_are_bounded_by_powers_of_the_base() {
        assert_eq!(classic(&point(0, -1, vec![1, 0, 2])), [(0.0, 3), (1.0, 1), (2.0, 0), (4.0, 2)]);
    }

    #[test]
    fn finer_scales_are_merged_to_the_same_boundaries() {
        // 16 buckets of scale 4 make 4 of scale 2, from 1 to 2.
        let fine = classic(&point(4, 0, vec![1; 16]));
        let coarse = classic(&point(2, 0, vec![4; 4]));
        assert_eq!(fine, coarse);
        assert_eq!(fine.last(), Some(&(2.0, 4)));
    }

    #[test]
    fn negative_values_come_first_and_ascend() {
        let mut point = point(0, 0, vec![1]);
        point.negative = Some(ProtoBuckets { offset: 0, bucket_counts: vec![5, 6] });
        assert_eq!(classic(&point), [(-2.0, 6), (-1.0, 5), (0.0, 3), (2.0, 1)]);
    }

    #[test]
    fn wide_and_absurd_histograms_stay_bounded_and_lose_no_count() {
        for (scale, offset) in [(2, -5_000), (20, i32::MIN), (i32::MAX, i32::MAX), (i32::MIN, 0), (-10, 3)] {
            let counts = classic(&point(scale, offset, vec![1; 10_000]));
            assert!(counts.len() <= 161, "{}", counts.len());
            assert_eq!(counts.iter().map(|(_, count)| count).sum::<u64>(), 10_003);
        }
    }
}
