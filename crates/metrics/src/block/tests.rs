//! Blocks as a whole: what is written is read, and damage is found and named.

use super::*;
use crate::MetricsError;
use bytes::Bytes;
use lgtm_model::{Labels, MatchOp, Matcher};
use proptest::prelude::*;
use std::collections::BTreeMap;

type Model = BTreeMap<Labels, BTreeMap<i64, u64>>;

fn written(model: &Model) -> Vec<u8> {
    let mut writer = BlockWriter::default();
    for (labels, samples) in model {
        let times: Vec<i64> = samples.keys().copied().collect();
        let values: Vec<f64> = samples.values().map(|bits| f64::from_bits(*bits)).collect();
        writer.add(labels, &times, &values);
    }
    writer.finish()
}

fn read(block: &Block, matchers: &[Matcher], start: i64, end: i64) -> Result<Model, MetricsError> {
    let mut cache = ChunkCache::default();
    let mut model = Model::new();
    for id in block.select(matchers) {
        let column = block.column(id, start, end, &mut cache)?;
        let samples = column.times.into_iter().zip(column.values.into_iter().map(f64::to_bits)).collect();
        model.insert(block.labels(id)?, samples);
    }
    Ok(model)
}

fn model() -> impl Strategy<Value = Model> {
    let labels = prop::collection::vec(("[a-c]|job|instance", "[x-z]{0,2}"), 1..4).prop_map(Labels::from_pairs);
    let samples = prop::collection::btree_map(0..5_000_i64, any::<u64>(), 1..40);
    prop::collection::btree_map(labels, samples, 0..12)
}

proptest! {
    #[test]
    fn what_is_written_is_read(model in model(), start in 0..5_000_i64, span in 0..3_000_i64) {
        let block = Block::open("a-block", Bytes::from(written(&model))).unwrap();
        prop_assert_eq!(&read(&block, &[], i64::MIN, i64::MAX).unwrap(), &model);
        let end = start + span;
        let matcher = Matcher::new("job", MatchOp::Regex, "x|y.*").unwrap();
        let want: Model = model
            .iter()
            .filter(|(labels, _)| matcher.matches(labels.get("job").unwrap_or("")))
            .map(|(labels, samples)| (labels.clone(), samples.range(start..=end).map(|(t, v)| (*t, *v)).collect()))
            .collect();
        prop_assert_eq!(read(&block, &[matcher], start, end).unwrap(), want);
        let names: std::collections::BTreeSet<&str> = model.keys().flat_map(|labels| labels.iter()).map(|(n, _)| n).collect();
        prop_assert_eq!(block.label_names().collect::<Vec<_>>(), names.into_iter().collect::<Vec<_>>());
    }

    #[test]
    fn one_wrong_bit_is_found_and_named(model in model(), at in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let mut bytes = written(&model);
        let index = at.index(bytes.len());
        bytes[index] ^= 1 << bit;
        let error = Block::open("metrics/some-block", Bytes::from(bytes)).unwrap_err();
        prop_assert!(error.to_string().starts_with("metrics/some-block: "), "{}", error);
    }
}

#[test]
fn long_series_have_several_chunks_and_share_their_times() {
    let labels = |name: &str| Labels::from_pairs([("__name__", name), ("instance", "a")]);
    let times: Vec<i64> = (0..3_000).map(|index| index * 15_000 + index % 7).collect();
    let mut writer = BlockWriter::default();
    for name in ["a", "b", "c"] {
        writer.add(&labels(name), &times, &times.iter().map(|time| (time / 1_000) as f64).collect::<Vec<_>>());
    }
    let bytes = writer.finish();
    let block = Block::open("a-block", Bytes::from(bytes)).unwrap();
    let chunks = block.chunks(2).unwrap();
    assert_eq!(
        chunks.iter().map(|chunk| (chunk.stretch.column, chunk.count)).collect::<Vec<_>>(),
        [(0, 1_200), (1, 1_200), (2, 600)]
    );
    assert_eq!(block.samples(), 9_000);
    let column = block.column(1, 15_000 * 1_190, 15_000 * 1_210, &mut ChunkCache::default()).unwrap();
    assert_eq!(column.len(), 20);
}
