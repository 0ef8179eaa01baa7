//! The error budget policy: what a team does, by how much of the budget is gone.

/// What the budget asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PolicyState {
    /// Nothing was measured.
    Unknown,
    /// Up to half is gone: feature work goes on.
    Normal,
    /// From half: review what changes.
    Review,
    /// From three quarters: pause deployments that are not needed.
    Pause,
    /// All of it: work on reliability only.
    Freeze,
}

/// The states that have bounds, each with the share of the budget from which it holds.
pub const STEPS: [(PolicyState, f64); 4] = [
    (PolicyState::Normal, f64::NEG_INFINITY),
    (PolicyState::Review, 0.5),
    (PolicyState::Pause, 0.75),
    (PolicyState::Freeze, 1.0),
];

impl PolicyState {
    /// The state at this share of the budget consumed.
    pub fn at(consumed: Option<f64>) -> Self {
        let Some(consumed) = consumed else { return Self::Unknown };
        STEPS.iter().rev().find(|(_, from)| consumed >= *from).map_or(Self::Unknown, |(state, _)| *state)
    }

    /// The word in metrics and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Normal => "normal",
            Self::Review => "review",
            Self::Pause => "pause",
            Self::Freeze => "freeze",
        }
    }

    /// The state of this name.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Unknown, Self::Normal, Self::Review, Self::Pause, Self::Freeze]
            .into_iter()
            .find(|state| state.as_str() == word)
    }

    /// Whether nothing may be deployed.
    pub fn pauses_deployments(self) -> bool {
        self >= Self::Pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_belong_to_the_stricter_state() {
        let at = |consumed| PolicyState::at(Some(consumed)).as_str();
        assert_eq!(
            [at(-0.1), at(0.0), at(0.499), at(0.5), at(0.749)],
            ["normal", "normal", "normal", "review", "review"]
        );
        assert_eq!([at(0.75), at(0.9999), at(1.0), at(7.0)], ["pause", "pause", "freeze", "freeze"]);
        assert_eq!(PolicyState::at(None), PolicyState::Unknown);
        assert_eq!(PolicyState::at(Some(f64::NAN)), PolicyState::Unknown);
        assert!(!PolicyState::Unknown.pauses_deployments() && PolicyState::Pause.pauses_deployments());
    }
}
