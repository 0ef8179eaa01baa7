//! The parameters of questions, and what they select.

use super::Refusal;
use axum::extract::Query;
use lgtm_model::{Labels, MatchOp};
use lgtm_notify::Receiver;
use lgtm_notify::matching::{Matcher, parse_matcher};

/// The pairs of a query text, in order and with repeats.
pub(super) type Pairs = Query<Vec<(String, String)>>;

/// A switch that is on unless it is turned off.
pub(super) fn switch(pairs: &Pairs, name: &str) -> bool {
    let value = pairs.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.to_ascii_lowercase());
    value.is_none_or(|value| ["true", "1", "yes", "ok", "y", "on", "t", "enabled"].contains(&value.as_str()))
}

/// The matchers under `name`, one each time it is given.
pub(super) fn matchers(pairs: &Pairs, name: &str) -> Result<Vec<Matcher>, Refusal> {
    let texts = pairs.0.iter().filter(|(key, _)| key == name);
    texts.map(|(_, text)| parse_matcher(text).map_err(Refusal::Bad)).collect()
}

/// Whether labels pass a filter. An empty value asks whether the label is there at all.
pub(super) fn passes<'l>(matchers: &[Matcher], value: impl Fn(&str) -> Option<&'l str>) -> bool {
    matchers.iter().all(|matcher| {
        let found = value(&matcher.name);
        let asks_for_presence = match matcher.op {
            MatchOp::NotEqual | MatchOp::NotRegex => found.is_some(),
            MatchOp::Equal | MatchOp::Regex => found.is_none(),
        };
        (matcher.value.is_empty() && asks_for_presence) || matcher.matches(found.unwrap_or_default())
    })
}

/// Which alerts and receivers are asked for.
pub(super) struct Filter {
    labels: Vec<Matcher>,
    receiver: Option<Matcher>,
    receiver_labels: Vec<Matcher>,
    active: bool,
    silenced: bool,
    inhibited: bool,
}

impl Filter {
    pub fn read(pairs: &Pairs) -> Result<Self, Refusal> {
        let receiver = pairs.0.iter().find(|(key, _)| key == "receiver").map(|(_, pattern)| {
            let matcher = Matcher::new("receiver", MatchOp::Regex, pattern);
            matcher.map_err(|error| Refusal::Bad(format!("failed to parse receiver param: {error}")))
        });
        Ok(Self {
            labels: matchers(pairs, "filter")?,
            receiver: receiver.transpose()?,
            receiver_labels: matchers(pairs, "receiver_matchers")?,
            active: switch(pairs, "active"),
            silenced: switch(pairs, "silenced"),
            inhibited: switch(pairs, "inhibited"),
        })
    }

    pub fn wants_labels(&self, labels: &Labels) -> bool {
        passes(&self.labels, |name| labels.get(name))
    }

    /// Whether a receiver is asked for, by its name and its labels.
    pub fn wants_receiver(&self, name: &str, all: &[Receiver]) -> bool {
        if !self.receiver.as_ref().is_none_or(|matcher| matcher.matches(name)) {
            return false;
        }
        self.receiver_labels.is_empty()
            || all.iter().any(|receiver| receiver.name == name && receiver_passes(&self.receiver_labels, receiver))
    }

    /// Whether an alert in this state is asked for.
    pub fn wants_state(&self, alert: &lgtm_notify::AlertView) -> bool {
        (self.active || !alert.is_active())
            && (self.silenced || alert.silenced_by.is_empty())
            && (self.inhibited || alert.inhibited_by.is_empty())
    }
}

/// Whether a receiver's labels, its name among them, pass a filter.
pub(super) fn receiver_passes(matchers: &[Matcher], receiver: &Receiver) -> bool {
    passes(matchers, |name| {
        let label = receiver.labels.iter().find(|(label, _)| label == name).map(|(_, value)| value.as_str());
        label.or_else(|| (name == "name").then_some(receiver.name.as_str()))
    })
}
