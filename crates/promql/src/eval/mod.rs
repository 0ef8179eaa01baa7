//! Evaluation: plan, fetch, evaluate.
//!
//! 1. [`compile`] turns the parsed tree into [`node`]s and collects in [`slots`] which samples they need.
//! 2. [`engine`] fetches all of them at once, each selection a single time.
//! 3. [`run`] walks the nodes. Vectors are held as [`series`]: one column of values a series, one cell a step, so that
//!    what depends on labels alone (groups, matches) is computed once a query, and the loops run over plain floats.
//! 4. [`names`] removes the metric names that operations made meaningless, and builds the [`result`].

pub(crate) mod annotation;
pub(crate) mod binary;
pub(crate) mod compile;
pub(crate) mod engine;
pub(crate) mod error;
pub(crate) mod grid;
pub(crate) mod instant_selector;
pub(crate) mod join;
pub(crate) mod kahan;
pub(crate) mod match_groups;
pub(crate) mod names;
pub(crate) mod node;
pub(crate) mod number_text;
pub(crate) mod quantile;
pub(crate) mod result;
pub(crate) mod run;
pub(crate) mod sample_rows;
pub(crate) mod series;
pub(crate) mod set_operation;
pub(crate) mod sliding_sum;
pub(crate) mod slots;
pub(crate) mod window;
