//! What a render may ask the world: nothing but this.

use crate::value::Value;
use lgtm_model::{Labels, TimestampNs};
use std::fmt;
use std::sync::Arc;

/// Answers `query` in rule templates. Called while a template is rendered, on the thread that renders, perhaps many
/// times; whoever needs to wait for the answer does so on a thread that may block.
pub trait QueryFunction: Send + Sync {
    /// The samples of an instant query at the time of the evaluation, in the order of the answer. A sample's value is
    /// a number, or an object for what is none, such as a histogram. The error becomes the template's error.
    fn query(&self, expression: &str) -> Result<Vec<(Labels, Value)>, String>;
}

/// The world as one render sees it.
#[derive(Clone, Default)]
pub struct Environment {
    /// The time of `now` and `since`.
    pub now: TimestampNs,
    /// The server's address as users reach it: `externalURL`, `pathPrefix`.
    pub external_url: String,
    /// Answers `query`; without it the function is an error when it is called.
    pub query: Option<Arc<dyn QueryFunction>>,
}

impl Environment {
    /// A world in which it is `now`, without queries.
    pub fn at(now: TimestampNs) -> Self {
        Self { now, ..Self::default() }
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment").field("now", &self.now).field("external_url", &self.external_url).finish()
    }
}
