//! What a silence must have to make sense.

use super::Silence;
use crate::limit::SILENCE_SIZE_BYTES_MAX;

/// The first thing wrong with a silence, in Alertmanager's words.
pub(super) fn validate(silence: &Silence) -> Result<(), String> {
    if silence.matchers.0.is_empty() {
        return Err("at least one matcher required".to_owned());
    }
    for (index, matcher) in silence.matchers.0.iter().enumerate() {
        if matcher.name.is_empty() {
            return Err(format!("invalid label matcher {index}: invalid label name \"\""));
        }
    }
    if silence.matchers.0.iter().all(|matcher| matcher.matches("")) {
        return Err("at least one matcher must not match the empty string".to_owned());
    }
    if silence.starts_at.0 == 0 {
        return Err("invalid zero start timestamp".to_owned());
    }
    if silence.ends_at.0 == 0 {
        return Err("invalid zero end timestamp".to_owned());
    }
    if silence.ends_at < silence.starts_at {
        return Err("end time must not be before start time".to_owned());
    }
    let texts = silence.annotations.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>()
        + silence.matchers.0.iter().map(|matcher| matcher.name.len() + matcher.value.len()).sum::<usize>()
        + silence.comment.len()
        + silence.created_by.len();
    if texts > SILENCE_SIZE_BYTES_MAX {
        return Err(format!("silence exceeded maximum size: {texts} bytes (limit: {SILENCE_SIZE_BYTES_MAX} bytes)"));
    }
    Ok(())
}
