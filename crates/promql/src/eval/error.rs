//! Why a query gave no result.

use crate::{ParseErrors, SourceError};
use thiserror::Error;

/// Why a query gave no result. The variants tell a caller which kind of answer to give.
#[derive(Clone, Debug, Error)]
pub enum EvalError {
    /// The text is no PromQL: the person must change it.
    #[error(transparent)]
    Parse(#[from] ParseErrors),
    /// The text is PromQL, but cannot be run as asked (a range query of a string, a range of nothing).
    #[error("{0}")]
    Invalid(String),
    /// The data does not fit the query: duplicate series, ambiguous matches, impossible parameters.
    #[error("{0}")]
    Execution(String),
    /// The source gave no samples.
    #[error("expanding series: {0}")]
    Source(#[from] SourceError),
    /// The evaluation would hold too many samples in memory at once.
    #[error(
        "query processing would load too many samples into memory in query execution: more than {limit}; \
         narrow the selectors, shorten the range, lengthen the step, or raise --query.max-samples"
    )]
    TooManySamples {
        /// The limit in force.
        limit: usize,
    },
    /// The result has more series than a client can use.
    #[error(
        "query would return {series} series, more than the limit of {limit}; aggregate or select fewer, \
         or raise --query.max-series"
    )]
    TooManySeries {
        /// How many series the result would have.
        series: usize,
        /// The limit in force.
        limit: usize,
    },
    /// The caller withdrew the query, or its time was up.
    #[error("query was canceled or timed out in expression evaluation")]
    Canceled,
}

impl EvalError {
    /// An error of the data.
    pub(crate) fn execution(text: impl Into<String>) -> Self {
        Self::Execution(text.into())
    }
}
