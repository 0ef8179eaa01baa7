//! Relabelling: rules that rewrite a label set, or drop it, as Prometheus' `relabel_config`.
//!
//! Each rule joins the values of its source labels with the separator and matches the result, whole, against its
//! regular expression; the action says what follows. Rules run in order, each on the outcome of the one before.

use crate::LabelsBuilder;
use crate::matcher::{MatcherError, anchored};
use md5::{Digest, Md5};
use regex::{Captures, Regex};
use std::fmt;
use thiserror::Error;

/// What a rule does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RelabelAction {
    /// Sets the target label to the expanded replacement if the expression matches.
    #[default]
    Replace,
    /// Drops the set unless the expression matches.
    Keep,
    /// Drops the set if the expression matches.
    Drop,
    /// Drops the set unless the source equals the target label.
    KeepEqual,
    /// Drops the set if the source equals the target label.
    DropEqual,
    /// Sets the target label to a hash of the source, modulo the modulus.
    HashMod,
    /// Copies every label whose name matches to the name that the replacement expands to.
    LabelMap,
    /// Removes every label whose name matches.
    LabelDrop,
    /// Removes every label whose name does not match.
    LabelKeep,
    /// Sets the target label to the source in lower case.
    Lowercase,
    /// Sets the target label to the source in upper case.
    Uppercase,
}

impl RelabelAction {
    /// Every action with its name in settings.
    pub const ALL: [(&'static str, Self); 11] = [
        ("replace", Self::Replace),
        ("keep", Self::Keep),
        ("drop", Self::Drop),
        ("keepequal", Self::KeepEqual),
        ("dropequal", Self::DropEqual),
        ("hashmod", Self::HashMod),
        ("labelmap", Self::LabelMap),
        ("labeldrop", Self::LabelDrop),
        ("labelkeep", Self::LabelKeep),
        ("lowercase", Self::Lowercase),
        ("uppercase", Self::Uppercase),
    ];

    /// The action's name in settings.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(_, action)| *action == self).map_or("", |(name, _)| name)
    }

    fn needs_target(self) -> bool {
        self.compares() || self.folds_case() || matches!(self, Self::Replace | Self::HashMod)
    }

    fn compares(self) -> bool {
        matches!(self, Self::KeepEqual | Self::DropEqual)
    }

    fn folds_case(self) -> bool {
        matches!(self, Self::Lowercase | Self::Uppercase)
    }
}

impl fmt::Display for RelabelAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Which names a label may have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum NameRules {
    /// Any text but the empty one, as since Prometheus 3.
    #[default]
    Utf8,
    /// ASCII letters, digits and underscores, no digit first.
    Legacy,
}

impl NameRules {
    /// Whether a label may have this name.
    pub fn allow_label(self, name: &str) -> bool {
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        !name.is_empty() && (self == Self::Utf8 || (name.bytes().all(is_word) && !name.as_bytes()[0].is_ascii_digit()))
    }

    /// Whether a template may expand to a label's name: `${1}` and `$1` stand for what is known only later.
    fn allow_template(self, template: &str) -> bool {
        if template.is_empty() {
            return false;
        }
        let (mut rest, mut at_start) = (template, true);
        while let Some(letter) = rest.chars().next() {
            if letter == '$' {
                let Some(length) = variable_length(rest) else { return false };
                rest = &rest[length..];
            } else {
                let fits = match self {
                    Self::Utf8 => !matches!(letter, '{' | '}'),
                    Self::Legacy => {
                        letter == '_' || letter.is_ascii_alphabetic() || (!at_start && letter.is_ascii_digit())
                    }
                };
                if !fits {
                    return false;
                }
                rest = &rest[letter.len_utf8()..];
            }
            at_start = false;
        }
        true
    }
}

/// How long the `$1` or `${1}` at the start of `text` is.
fn variable_length(text: &str) -> Option<usize> {
    let word = |text: &str| text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
    match text.strip_prefix("${") {
        Some(inner) => {
            let length = word(inner);
            (length > 0 && inner[length..].starts_with('}')).then_some(length + 3)
        }
        None => Some(word(&text[1..])).filter(|length| *length > 0).map(|length| length + 1),
    }
}

/// A rule as it is written; [`RelabelRule::new`] checks it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelabelSpec {
    /// Labels whose values are joined.
    pub source_labels: Vec<String>,
    /// What stands between them.
    pub separator: String,
    /// What the joined value, or a label's name, must match as a whole.
    pub regex: String,
    /// The number of buckets of [`RelabelAction::HashMod`].
    pub modulus: u64,
    /// The label that is written; may hold `${1}` with [`RelabelAction::Replace`].
    pub target_label: String,
    /// What is written; `$1` and `${name}` stand for the expression's groups.
    pub replacement: String,
    /// What to do.
    pub action: RelabelAction,
    /// Which label names are legal.
    pub names: NameRules,
}

const DEFAULT_REGEX: &str = "(.*)";
const DEFAULT_REPLACEMENT: &str = "$1";
const DEFAULT_SEPARATOR: &str = ";";

impl Default for RelabelSpec {
    fn default() -> Self {
        Self {
            source_labels: Vec::new(),
            separator: DEFAULT_SEPARATOR.to_owned(),
            regex: DEFAULT_REGEX.to_owned(),
            modulus: 0,
            target_label: String::new(),
            replacement: DEFAULT_REPLACEMENT.to_owned(),
            action: RelabelAction::Replace,
            names: NameRules::Utf8,
        }
    }
}

/// Why a rule is refused.
#[derive(Debug, Error)]
pub enum RelabelError {
    /// The expression cannot be compiled.
    #[error(transparent)]
    Regex(#[from] MatcherError),
    /// Hashing without a number of buckets.
    #[error("relabel configuration for hashmod requires non-zero modulus")]
    ModulusMissing,
    /// The action writes or compares a label, and none is named.
    #[error("relabel configuration for {0} action requires 'target_label' value")]
    TargetMissing(RelabelAction),
    /// The target can never be a label's name.
    #[error("{name:?} is invalid 'target_label' for {action} action")]
    TargetInvalid {
        /// What was written.
        name: String,
        /// For which action.
        action: RelabelAction,
    },
    /// The replacement is set where it has no meaning.
    #[error("'replacement' can not be set for {0} action")]
    ReplacementUseless(RelabelAction),
    /// The replacement can never be a label's name.
    #[error("{name:?} is invalid 'replacement' for {action} action")]
    ReplacementInvalid {
        /// What was written.
        name: String,
        /// For which action.
        action: RelabelAction,
    },
    /// Fields that have no meaning for the comparing actions.
    #[error("{0} action requires only 'source_labels' and `target_label`, and no other fields")]
    OnlySourceAndTarget(RelabelAction),
    /// Fields that have no meaning for actions on label names.
    #[error("{0} action requires only 'regex', and no other fields")]
    OnlyRegex(RelabelAction),
}

/// A checked, compiled rule.
#[derive(Clone, Debug)]
pub struct RelabelRule {
    spec: RelabelSpec,
    regex: Regex,
    /// Neither expression nor templates depend on the source: setting a label outright.
    constant: bool,
}

impl RelabelRule {
    /// Checks and compiles a rule.
    pub fn new(spec: RelabelSpec) -> Result<Self, RelabelError> {
        check(&spec)?;
        let regex = anchored(&spec.regex)?;
        let constant =
            spec.regex == DEFAULT_REGEX && !has_variable(&spec.target_label) && !has_variable(&spec.replacement);
        Ok(Self { spec, regex, constant })
    }

    /// The rule as it was written.
    pub fn spec(&self) -> &RelabelSpec {
        &self.spec
    }

    /// Applies the rule; `false` means that the set is dropped.
    pub fn apply(&self, labels: &mut LabelsBuilder) -> bool {
        let spec = &self.spec;
        let source = self.source(labels);
        match spec.action {
            RelabelAction::Replace => self.replace(&source, labels),
            RelabelAction::Keep => return self.regex.is_match(&source),
            RelabelAction::Drop => return !self.regex.is_match(&source),
            RelabelAction::KeepEqual => return labels.get(&spec.target_label).unwrap_or_default() == source,
            RelabelAction::DropEqual => return labels.get(&spec.target_label).unwrap_or_default() != source,
            RelabelAction::HashMod => drop(labels.set(&spec.target_label, hash(&source, spec.modulus).to_string())),
            RelabelAction::LabelMap => self.map_names(labels),
            RelabelAction::LabelDrop => drop(labels.retain(|name, _| !self.regex.is_match(name))),
            RelabelAction::LabelKeep => drop(labels.retain(|name, _| self.regex.is_match(name))),
            RelabelAction::Lowercase => drop(labels.set(&spec.target_label, source.to_lowercase())),
            RelabelAction::Uppercase => drop(labels.set(&spec.target_label, source.to_uppercase())),
        }
        true
    }

    fn source(&self, labels: &LabelsBuilder) -> String {
        let mut joined = String::new();
        for (index, name) in self.spec.source_labels.iter().enumerate() {
            if index > 0 {
                joined.push_str(&self.spec.separator);
            }
            joined.push_str(labels.get(name).unwrap_or_default());
        }
        joined
    }

    fn replace(&self, source: &str, labels: &mut LabelsBuilder) {
        if self.constant && source.is_empty() {
            labels.set(&self.spec.target_label, &self.spec.replacement);
            return;
        }
        let Some(groups) = self.regex.captures(source) else { return };
        let target = expand(&groups, &self.spec.target_label);
        if self.spec.names.allow_label(&target) {
            labels.set(target, expand(&groups, &self.spec.replacement));
        }
    }

    fn map_names(&self, labels: &mut LabelsBuilder) {
        let mapped: Vec<(String, String)> = labels
            .iter()
            .filter_map(|(name, value)| {
                Some((expand(&self.regex.captures(name)?, &self.spec.replacement), value.to_owned()))
            })
            .collect();
        for (name, value) in mapped.into_iter().filter(|(name, _)| self.spec.names.allow_label(name)) {
            labels.set(name, value);
        }
    }
}

/// Applies rules in order; `false` means that the set is dropped.
pub fn relabel(labels: &mut LabelsBuilder, rules: &[RelabelRule]) -> bool {
    rules.iter().all(|rule| rule.apply(labels))
}

fn check(spec: &RelabelSpec) -> Result<(), RelabelError> {
    let action = spec.action;
    let target_invalid = || RelabelError::TargetInvalid { name: spec.target_label.clone(), action };
    let default_replacement = spec.replacement == DEFAULT_REPLACEMENT;
    let default_rest = spec.separator == DEFAULT_SEPARATOR && spec.modulus == 0 && default_replacement;
    if action == RelabelAction::HashMod && spec.modulus == 0 {
        return Err(RelabelError::ModulusMissing);
    }
    if action.needs_target() && spec.target_label.is_empty() {
        return Err(RelabelError::TargetMissing(action));
    }
    let target_is_template = action == RelabelAction::Replace && has_variable(&spec.target_label);
    let target_is_legal = match target_is_template {
        true => spec.names.allow_template(&spec.target_label),
        false => !action.needs_target() || spec.names.allow_label(&spec.target_label),
    };
    if !target_is_legal {
        return Err(target_invalid());
    }
    if (action.folds_case() || action.compares()) && !default_replacement {
        return Err(RelabelError::ReplacementUseless(action));
    }
    if action == RelabelAction::LabelMap && !spec.names.allow_template(&spec.replacement) {
        return Err(RelabelError::ReplacementInvalid { name: spec.replacement.clone(), action });
    }
    if action.compares() && !(spec.regex == DEFAULT_REGEX && default_rest) {
        return Err(RelabelError::OnlySourceAndTarget(action));
    }
    let names_nothing = spec.source_labels.is_empty() && spec.target_label.is_empty();
    if matches!(action, RelabelAction::LabelDrop | RelabelAction::LabelKeep) && !(names_nothing && default_rest) {
        return Err(RelabelError::OnlyRegex(action));
    }
    Ok(())
}

fn has_variable(template: &str) -> bool {
    template.contains('$')
}

fn expand(groups: &Captures<'_>, template: &str) -> String {
    let mut expanded = String::new();
    groups.expand(template, &mut expanded);
    expanded
}

/// The last eight bytes of the MD5 sum, big-endian: the bucket must be the one that Prometheus would choose, since
/// people shard targets between servers with it.
fn hash(source: &str, modulus: u64) -> u64 {
    let sum: [u8; 16] = Md5::digest(source.as_bytes()).into();
    sum[8..].iter().fold(0_u64, |number, byte| (number << 8) | u64::from(*byte)) % modulus.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Labels;

    fn rule(change: impl FnOnce(&mut RelabelSpec)) -> Result<RelabelRule, RelabelError> {
        let mut spec = RelabelSpec::default();
        change(&mut spec);
        RelabelRule::new(spec)
    }

    #[test]
    fn an_empty_replacement_removes_the_label() {
        let rules = [rule(|spec| (spec.target_label, spec.replacement) = ("a".into(), String::new())).unwrap()];
        let mut labels = Labels::from_pairs([("a", "1"), ("b", "2")]).to_builder();
        assert!(relabel(&mut labels, &rules));
        assert_eq!(labels.build().to_string(), r#"{b="2"}"#);
    }

    #[test]
    fn targets_follow_the_rules_for_names() {
        let target = |name: &str, names| rule(|spec| (spec.target_label, spec.names) = (name.into(), names)).is_ok();
        for name in ["a", "a_1", "${1}", "$1", "a${1}_b", "a$1"] {
            assert!(target(name, NameRules::Legacy), "{name}");
        }
        for name in ["1a", "a.b", "a-${1}", "1${1}", "${1", "a$"] {
            assert!(!target(name, NameRules::Legacy), "{name}");
        }
        assert!(target("a.b", NameRules::Utf8) && target("-${3}", NameRules::Utf8) && !target("a${", NameRules::Utf8));
    }
}
