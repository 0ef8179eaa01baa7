//! Arithmetic and comparison between vectors: `on`, `ignoring`, `group_left`, `group_right`, `fill`.
//!
//! The side that may have only one series in a group is the "one" side, the other the "many" side; `group_right` swaps
//! them. Groups are numbered once. For each group and step `owner` says which series of the "one" side has a value;
//! two are an error. Then each series of the "many" side meets its owner step by step. The labels of the result depend
//! on the pair alone, so they are built once a pair; results with the same labels share a column.

use crate::Span;
use crate::ast::{Cardinality, VectorMatching};
use crate::eval::binary::{changes_meaning, element};
use crate::eval::error::EvalError;
use crate::eval::match_groups::{MatchGroups, matched_labels};
use crate::eval::names::{SAME_LABELSET, is_metadata_label};
use crate::eval::node::Binary;
use crate::eval::run::Evaluator;
use crate::eval::series::{Column, Series};
use lgtm_model::Labels;
use std::collections::HashMap;

/// No series.
const NOBODY: u32 = u32::MAX;

/// Joins two vectors at all steps.
pub(crate) fn apply(
    evaluator: &mut Evaluator<'_>,
    operation: &Binary,
    span: Span,
    left: Vec<Series>,
    right: Vec<Series>,
    steps: usize,
) -> Result<Vec<Series>, EvalError> {
    let matching = &operation.matching;
    let groups = MatchGroups::new(&left, &right, matching);
    let swapped = matching.cardinality == Cardinality::OneToMany;
    let (many, one, many_groups, one_groups) =
        if swapped { (right, left, groups.right, groups.left) } else { (left, right, groups.left, groups.right) };
    // Upstream swaps the sides for `group_right`, but not their fill values, and its tests keep it so.
    let (fill_many, fill_one) = (matching.fill_left, matching.fill_right);
    evaluator.reserve(groups.count.saturating_mul(steps))?;
    let mut join = Join {
        operation,
        swapped,
        steps,
        owner: vec![NOBODY; groups.count * steps],
        matched: vec![false; groups.count * steps],
        outputs: Vec::new(),
        places: HashMap::new(),
        unsupported: false,
    };
    let active = join.active_steps(&many, &one, fill_many.is_some() || fill_one.is_some());
    join.claim_ones(&one, &one_groups, &active)?;
    for (series, group) in many.iter().zip(&many_groups) {
        evaluator.check_canceled()?;
        join.meet(evaluator, series, *group, &one, fill_one)?;
    }
    if let Some(fill) = fill_many {
        for (series, group) in one.iter().zip(&one_groups) {
            join.fill_many(evaluator, series, *group, fill)?;
        }
    }
    if join.unsupported {
        evaluator.annotations.incompatible_types("float", operation.op.as_str(), "float", span);
    }
    let outputs = join.outputs.into_iter().map(|output| output.series);
    Ok(outputs.filter(|series| !series.column.is_absent()).collect())
}

struct Output {
    series: Series,
    /// The steps some pair has claimed, whether or not a comparison kept the value, with the group that did.
    claimed: Vec<u32>,
}

struct Join<'a> {
    operation: &'a Binary,
    swapped: bool,
    steps: usize,
    /// For each group and step, the series of the "one" side that has a value.
    owner: Vec<u32>,
    /// For each group and step, whether a series of the "many" side has met a partner.
    matched: Vec<bool>,
    outputs: Vec<Output>,
    places: HashMap<Labels, usize>,
    unsupported: bool,
}

impl Join<'_> {
    fn matching(&self) -> &VectorMatching {
        &self.operation.matching
    }

    /// Steps at which both sides have something: at the others nothing matches, and ambiguity is no error.
    fn active_steps(&self, many: &[Series], one: &[Series], filled: bool) -> Vec<bool> {
        if filled {
            return vec![true; self.steps];
        }
        let mut active = [vec![false; self.steps], vec![false; self.steps]];
        for (steps, side) in active.iter_mut().zip([many, one]) {
            for (step, _) in side.iter().flat_map(|series| series.column.present()) {
                steps[step] = true;
            }
        }
        active[0].iter().zip(&active[1]).map(|(many, one)| *many && *one).collect()
    }

    fn claim_ones(&mut self, one: &[Series], groups: &[usize], active: &[bool]) -> Result<(), EvalError> {
        for (index, (series, group)) in one.iter().zip(groups).enumerate() {
            for (step, _) in series.column.present().filter(|(step, _)| active[*step]) {
                let owner = &mut self.owner[group * self.steps + step];
                if *owner != NOBODY {
                    let earlier = &one[*owner as usize];
                    return Err(self.duplicate(series, earlier));
                }
                *owner = index as u32;
            }
        }
        Ok(())
    }

    fn duplicate(&self, series: &Series, earlier: &Series) -> EvalError {
        let side = if self.swapped { "left" } else { "right" };
        let group = braced(&matched_labels(&series.labels, self.matching()));
        let mut pair = [braced(&earlier.labels), braced(&series.labels)];
        pair.sort();
        EvalError::Execution(format!(
            "found duplicate series for the match group {group} on the {side} hand-side of the operation: [{}, {}]\
             ;many-to-many matching not allowed: matching labels must be unique on one side",
            pair[0], pair[1]
        ))
    }

    /// One series of the "many" side meets its partners.
    fn meet(
        &mut self,
        evaluator: &mut Evaluator<'_>,
        series: &Series,
        group: usize,
        one: &[Series],
        fill: Option<f64>,
    ) -> Result<(), EvalError> {
        // The partner rarely changes from step to step, so the last place is remembered.
        let mut last: Option<(u32, usize)> = None;
        for (step, value) in series.column.present() {
            let owner = self.owner[group * self.steps + step];
            let partner = match (one.get(owner as usize), fill) {
                (Some(partner), _) => partner.column.get(step),
                (None, Some(fill)) => Some(fill),
                (None, None) => continue,
            };
            let place = match last {
                Some((known, place)) if known == owner => place,
                _ => {
                    let labels = match one.get(owner as usize) {
                        Some(partner) => self.result_labels(&series.labels, &partner.labels),
                        None => {
                            let filled = matched_labels(&series.labels, self.matching());
                            self.result_labels(&series.labels, &filled)
                        }
                    };
                    let place = self.place(evaluator, labels)?;
                    last = Some((owner, place));
                    place
                }
            };
            self.combine(place, group, step, value, partner.unwrap_or(f64::NAN))?;
        }
        Ok(())
    }

    /// One series of the "one" side meets the fill value wherever it found no partner.
    fn fill_many(
        &mut self,
        evaluator: &mut Evaluator<'_>,
        series: &Series,
        group: usize,
        fill: f64,
    ) -> Result<(), EvalError> {
        let mut known = None;
        for (step, value) in series.column.present() {
            if self.matched[group * self.steps + step] {
                continue;
            }
            let place = match known {
                Some(place) => place,
                None => {
                    let filled = matched_labels(&series.labels, self.matching());
                    let labels = self.result_labels(&filled, &series.labels);
                    *known.insert(self.place(evaluator, labels)?)
                }
            };
            self.combine(place, group, step, fill, value)?;
        }
        Ok(())
    }

    fn combine(&mut self, place: usize, group: usize, step: usize, many: f64, one: f64) -> Result<(), EvalError> {
        let (left, right) = if self.swapped { (one, many) } else { (many, one) };
        let Some((value, kept)) = element(self.operation.op, left, right) else {
            self.unsupported = true;
            return Ok(());
        };
        let one_to_one = self.matching().cardinality == Cardinality::OneToOne;
        let matched = &mut self.matched[group * self.steps + step];
        if one_to_one && *matched {
            let text = "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)";
            return Err(EvalError::execution(text));
        }
        *matched = true;
        let output = &mut self.outputs[place];
        if output.claimed[step] == group as u32 {
            let text = "multiple matches for labels: grouping labels must ensure unique matches";
            return Err(EvalError::execution(text));
        }
        if output.series.column.has(step) {
            return Err(EvalError::execution(SAME_LABELSET));
        }
        output.claimed[step] = group as u32;
        match (self.operation.return_bool, kept) {
            (true, _) => output.series.column.set(step, f64::from(u8::from(kept))),
            (false, true) => output.series.column.set(step, value),
            (false, false) => {}
        }
        Ok(())
    }

    fn place(&mut self, evaluator: &mut Evaluator<'_>, labels: Labels) -> Result<usize, EvalError> {
        if let Some(place) = self.places.get(&labels) {
            return Ok(*place);
        }
        evaluator.reserve(self.steps)?;
        let column = Column::absent(self.steps);
        let series = Series { labels: labels.clone(), drop_name: self.operation.return_bool, column };
        self.outputs.push(Output { series, claimed: vec![NOBODY; self.steps] });
        self.places.insert(labels, self.outputs.len() - 1);
        Ok(self.outputs.len() - 1)
    }

    fn result_labels(&self, many: &Labels, one: &Labels) -> Labels {
        let matching = self.matching();
        let strip = changes_meaning(self.operation.op);
        let one_to_one = matching.cardinality == Cardinality::OneToOne;
        let kept = |name: &str| {
            let listed = || matching.labels.iter().any(|label| label == name);
            !(strip && is_metadata_label(name)) && (!one_to_one || listed() == matching.on)
        };
        let labels = many.filter(kept);
        if matching.include.is_empty() {
            return labels;
        }
        let mut builder = labels.to_builder();
        for name in &matching.include {
            builder.set(name.as_str(), one.get(name).unwrap_or_default());
        }
        builder.build()
    }
}

/// As upstream's messages write labels: the name is one of them.
pub(crate) fn braced(labels: &Labels) -> String {
    let pairs: Vec<String> = labels.iter().map(|(name, value)| format!("{name}={value:?}")).collect();
    format!("{{{}}}", pairs.join(", "))
}
