//! `limitk` and `limit_ratio`: some series of a vector, always the same ones.

use super::groups::Groups;
use crate::eval::node::Aggregate;
use crate::eval::series::Series;
use lgtm_model::Labels;

/// Keeps the first `counts[step]` series of each group.
pub(crate) fn limitk(aggregation: &Aggregate, counts: &[usize], mut input: Vec<Series>) -> Vec<Series> {
    let groups = Groups::new(aggregation, &input);
    let mut kept = vec![0_usize; groups.labels.len() * counts.len()];
    for (series, group) in input.iter_mut().zip(&groups.of_series) {
        series.column.filter_map(|step, value| {
            let kept = &mut kept[group * counts.len() + step];
            *kept += 1;
            (*kept <= counts[step]).then_some(value)
        });
    }
    input.retain(|series| !series.column.is_absent());
    input
}

/// Keeps the series whose place between 0 and 1 is below the ratio; of a negative ratio, those that its complement
/// does not keep.
pub(crate) fn limit_ratio(ratios: &[f64], mut input: Vec<Series>) -> Vec<Series> {
    for series in &mut input {
        let place = place(&series.labels);
        series.column.filter_map(|step, value| {
            let ratio = ratios[step];
            let kept = if ratio >= 0.0 { place < ratio } else { place >= 1.0 + ratio };
            kept.then_some(value)
        });
    }
    input.retain(|series| !series.column.is_absent());
    input
}

/// A number from 0 to below 1 that depends on the labels alone, evenly spread (FNV-1a, then a mixing step, since the
/// upper bits of FNV hardly depend on the last bytes).
fn place(labels: &Labels) -> f64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in labels.as_packed() {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^= hash >> 33;
    // 53 bits are what a float holds exactly.
    (hash >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_evenly_spread() {
        let labels = |index: i32| Labels::from_pairs([("instance", index.to_string())]);
        let low = (0..1000).filter(|index| place(&labels(*index)) < 0.3).count();
        assert!((250..350).contains(&low), "{low}");
    }
}
