//! `/series`, `/labels` and `/label/{name}/values`.

use super::answer::{self, Answer, ApiError};
use super::params::Params;
use super::{Surface, value};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};

const TRUNCATED: &str = "results truncated due to limit";

pub(super) async fn series(State(surface): State<Surface>, params: Params) -> Answer {
    let matchers = params.matchers()?;
    if matchers.is_empty() {
        return Err(ApiError::bad_data("no match[] parameter provided"));
    }
    let limit = params.limit()?.unwrap_or(surface.deps.limits.series_max);
    let range = params.range()?;
    // One more than is shown, to know whether there are more.
    let mut found = surface.deps.source.series(&matchers, range, limit.saturating_add(1)).await?;
    let warnings = shorten(&mut found, Some(limit));
    let mut data = String::new();
    value::write_list(&found, &mut data, value::write_labels);
    answer::success(&data, &warnings, &[])
}

pub(super) async fn names(State(surface): State<Surface>, params: Params) -> Answer {
    let limit = params.limit()?;
    let range = params.range()?;
    let names = surface.deps.source.label_names(&params.matchers()?, range).await?;
    texts(names, limit)
}

pub(super) async fn values(
    State(surface): State<Surface>,
    name: Result<Path<String>, PathRejection>,
    params: Params,
) -> Answer {
    let Path(name) = name.map_err(|error| ApiError::bad_data(format!("invalid label name: {}", error.body_text())))?;
    let name = if name.starts_with("U__") { unescape(&name) } else { name };
    if name.is_empty() || name.contains(char::REPLACEMENT_CHARACTER) {
        return Err(ApiError::bad_data(format!("invalid label name: {}", lgtm_promql::quote(&name))));
    }
    let limit = params.limit()?;
    let range = params.range()?;
    let values = surface.deps.source.label_values(&name, &params.matchers()?, range).await?;
    texts(values, limit)
}

fn texts(mut found: Vec<String>, limit: Option<usize>) -> Answer {
    let warnings = shorten(&mut found, limit);
    let mut data = String::new();
    value::write_list(&found, &mut data, |text, out| value::write_text(text, out));
    answer::success(&data, &warnings, &[])
}

fn shorten<T>(found: &mut Vec<T>, limit: Option<usize>) -> Vec<String> {
    match limit {
        Some(limit) if found.len() > limit => {
            found.truncate(limit);
            vec![TRUNCATED.to_owned()]
        }
        _ => Vec::new(),
    }
}

/// Reads a name in upstream's escaping for names that are no words: after `U__`, `_7b_` is a character by its number,
/// and `__` an underscore. A name that is not well formed stays as it is.
fn unescape(name: &str) -> String {
    let mut plain = String::new();
    let mut rest = name.strip_prefix("U__").unwrap_or(name);
    while let Some(at) = rest.find('_') {
        plain.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(behind) = rest.strip_prefix('_') {
            plain.push('_');
            rest = behind;
            continue;
        }
        let number = rest.split_once('_').filter(|(digits, _)| digits.len() <= 6);
        let character = number.and_then(|(digits, behind)| Some((u32::from_str_radix(digits, 16).ok()?, behind)));
        let Some((Some(character), behind)) = character.map(|(code, behind)| (char::from_u32(code), behind)) else {
            return name.to_owned();
        };
        plain.push(character);
        rest = behind;
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escaped_names_are_read() {
        assert_eq!(unescape("U__junk_0a__7b__7d__2c__3d_:_20__20_chars"), "junk\n{},=:  chars");
        assert_eq!(unescape("U__a__b"), "a_b");
        assert_eq!(unescape("U__a_zz_b"), "U__a_zz_b");
        assert_eq!(unescape("U__a_"), "U__a_");
    }
}
