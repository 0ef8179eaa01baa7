//! `info(v, {conditions})`: labels taken over from info metrics (`target_info`) with the same `instance` and `job`.
//!
//! Which info series matter depends on the argument's values of those two labels, known only when it is evaluated.
//! The conditions alone are known before, so that all info series that satisfy them are fetched with everything else,
//! and those that no argument asks for are passed over here.

use crate::eval::error::EvalError;
use crate::eval::grid::Grid;
use crate::eval::instant_selector::current;
use crate::eval::join::braced;
use crate::eval::names::SAME_LABELSET;
use crate::eval::node::{Call, InfoSelection};
use crate::eval::run::{Evaluator, wrong_type};
use crate::eval::series::{Column, Evaluated, Series};
use crate::{SeriesColumns, ValueType};
use lgtm_model::{Labels, METRIC_NAME, MatchOp, Matcher};
use std::collections::{BTreeMap, HashMap};

/// The labels that tell which info series belongs to a series.
const IDENTIFYING: [&str; 2] = ["instance", "job"];

/// Splits the conditions into those on the info metric's name, completed with the default, and those on its labels.
pub(crate) fn conditions(matchers: &[Matcher]) -> (Vec<Matcher>, Vec<Matcher>) {
    let (mut names, data): (Vec<Matcher>, Vec<Matcher>) =
        matchers.iter().cloned().partition(|matcher| matcher.name() == METRIC_NAME);
    let positive = |matcher: &Matcher| matches!(matcher.op(), MatchOp::Equal | MatchOp::Regex);
    if names.is_empty() {
        names.push(Matcher::equal(METRIC_NAME, "target_info"));
    } else if !names.iter().any(positive) {
        // Only exclusions: of all info metrics. The expression is a constant and compiles.
        names.extend(Matcher::new(METRIC_NAME, MatchOp::Regex, ".+_info"));
    }
    (names, data)
}

/// An info series in use.
struct InfoSeries<'a> {
    labels: &'a Labels,
    /// The time of its current sample at each step, in milliseconds.
    times: Column,
}

/// `info(v, {conditions})`
pub(crate) fn info(evaluator: &mut Evaluator<'_>, call: &Call, grid: &Grid) -> Result<Evaluated, EvalError> {
    let selection = call.info.as_ref().ok_or_else(|| wrong_type(ValueType::Vector))?;
    let base = evaluator.vector(&call.args[0], grid)?;
    let is_info = |series: &Series| {
        let name = series.labels.metric_name().unwrap_or_default();
        selection.name_matchers.iter().all(|matcher| matcher.matches(name))
    };
    let (untouched, base): (Vec<Series>, Vec<Series>) = base.into_iter().partition(is_info);
    let fetched = evaluator.fetched;
    let series = relevant(&fetched[selection.slot], &base, selection, grid, evaluator.options.lookback_ms);
    let by_target = newest(&series, grid)?;
    let mut outputs = Outputs { places: HashMap::new(), series: Vec::new(), steps: grid.steps };
    for series in untouched {
        for (step, value) in series.column.present() {
            outputs.put(evaluator, series.labels.clone(), series.drop_name, step, value)?;
        }
    }
    for base in &base {
        evaluator.check_canceled()?;
        enrich(evaluator, base, selection, &series, &by_target, &mut outputs)?;
    }
    Ok(Evaluated::Vector(outputs.series))
}

/// Info series whose identifying values all occur in the argument.
fn relevant<'a>(
    fetched: &'a [SeriesColumns],
    base: &[Series],
    selection: &InfoSelection,
    grid: &Grid,
    lookback_ms: i64,
) -> Vec<InfoSeries<'a>> {
    let occurs = |labels: &Labels, name: &str| {
        let wanted = labels.get(name).unwrap_or_default();
        let values = || base.iter().filter_map(|series| series.labels.get(name));
        values().next().is_none() || values().any(|value| value == wanted)
    };
    let any_identified = base.iter().any(|series| IDENTIFYING.iter().any(|name| series.labels.get(name).is_some()));
    let references: Vec<i64> = grid.times_ms().map(|time| selection.lookup.reference_ms(time)).collect();
    let wanted =
        |series: &&SeriesColumns| any_identified && IDENTIFYING.iter().all(|name| occurs(&series.labels, name));
    let current_times = |series: &'a SeriesColumns| InfoSeries {
        labels: &series.labels,
        times: current(series, &references, lookback_ms, |time_ms, _| time_ms as f64),
    };
    fetched.iter().filter(wanted).map(current_times).collect()
}

fn identity(labels: &Labels) -> Labels {
    labels.filter(|name| IDENTIFYING.contains(&name))
}

/// For each target, the info metrics it has, each with the position of the newest series at each step.
type ByTarget = HashMap<Labels, BTreeMap<String, Vec<Option<usize>>>>;

fn newest(series: &[InfoSeries<'_>], grid: &Grid) -> Result<ByTarget, EvalError> {
    let mut by_target = ByTarget::new();
    for (index, candidate) in series.iter().enumerate() {
        let name = candidate.labels.metric_name().unwrap_or_default().to_owned();
        let metrics = by_target.entry(identity(candidate.labels)).or_default();
        let steps = metrics.entry(name).or_insert_with(|| vec![None; grid.steps]);
        for (step, time_ms) in candidate.times.present() {
            let Some(existing) = steps[step] else {
                steps[step] = Some(index);
                continue;
            };
            let existing_ms = series[existing].times.get(step).unwrap_or(f64::NEG_INFINITY);
            if existing_ms == time_ms {
                let (old, new) = (braced(series[existing].labels), braced(candidate.labels));
                return Err(EvalError::Execution(format!(
                    "found duplicate series for info metric: existing {old} @ {existing_ms}, new {new} @ {time_ms}"
                )));
            }
            if existing_ms < time_ms {
                steps[step] = Some(index);
            }
        }
    }
    Ok(by_target)
}

struct Outputs {
    places: HashMap<(Labels, bool), usize>,
    series: Vec<Series>,
    steps: usize,
}

impl Outputs {
    fn put(
        &mut self,
        evaluator: &mut Evaluator<'_>,
        labels: Labels,
        drop_name: bool,
        step: usize,
        value: f64,
    ) -> Result<(), EvalError> {
        let place = *self.places.entry((labels.clone(), drop_name)).or_insert(self.series.len());
        if place == self.series.len() {
            evaluator.reserve(self.steps)?;
            self.series.push(Series { labels, drop_name, column: Column::absent(self.steps) });
        }
        if self.series[place].column.has(step) {
            return Err(EvalError::execution(SAME_LABELSET));
        }
        self.series[place].column.set(step, value);
        Ok(())
    }
}

fn enrich(
    evaluator: &mut Evaluator<'_>,
    base: &Series,
    selection: &InfoSelection,
    series: &[InfoSeries<'_>],
    by_target: &ByTarget,
    outputs: &mut Outputs,
) -> Result<(), EvalError> {
    let required = selection.data_matchers.iter().any(|matcher| !matcher.matches_empty());
    let metrics = by_target.get(&identity(&base.labels));
    let mut known: HashMap<Vec<usize>, Labels> = HashMap::new();
    for (step, value) in base.column.present() {
        let current: Vec<usize> =
            metrics.into_iter().flat_map(BTreeMap::values).filter_map(|steps| steps[step]).collect();
        if current.is_empty() && required {
            continue;
        }
        let labels = match known.get(&current) {
            Some(labels) => labels.clone(),
            None => {
                let infos = current.iter().map(|index| series[*index].labels);
                let labels = with_data_labels(&base.labels, infos, &selection.data_matchers)?;
                known.insert(current, labels.clone());
                labels
            }
        };
        outputs.put(evaluator, labels, base.drop_name, step, value)?;
    }
    Ok(())
}

/// The labels with those of the info series added that the conditions name (all, if they name none).
fn with_data_labels<'a>(
    base: &Labels,
    infos: impl Iterator<Item = &'a Labels>,
    conditions: &[Matcher],
) -> Result<Labels, EvalError> {
    let mut added: BTreeMap<&str, &str> = BTreeMap::new();
    for (name, value) in infos.flat_map(Labels::iter) {
        let wanted = conditions.is_empty() || conditions.iter().any(|matcher| matcher.name() == name);
        if name == METRIC_NAME || !wanted {
            continue;
        }
        if added.get(name).is_some_and(|existing| *existing != value) {
            return Err(EvalError::Execution(format!("conflicting label: {name}")));
        }
        if base.get(name).is_none() {
            added.insert(name, value);
        }
    }
    let mut builder = base.to_builder();
    for (name, value) in added {
        builder.set(name, value);
    }
    Ok(builder.build())
}
