//! Making texts fit what a service takes. What was left out is marked.

/// Stands for what was left out. Three bytes.
const MARK: &str = "…";

/// At most `max` characters.
pub(crate) fn in_characters(text: String, max: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(max) else { return text };
    if max <= 3 {
        return text[..end].to_owned();
    }
    let kept = text.char_indices().nth(max - 1).map_or(end, |(at, _)| at);
    format!("{}{MARK}", &text[..kept])
}

/// At most `max` bytes, cut between characters.
pub(crate) fn in_bytes(text: String, max: usize) -> String {
    if text.len() <= max {
        return text;
    }
    if max < MARK.len() {
        return ".".repeat(max);
    }
    format!("{}{MARK}", &text[..text.floor_char_boundary(max - MARK.len())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upstreams_cases() {
        let Ok(root) = std::env::var("LGTM_CONFORMANCE") else {
            eprintln!("skipped: truncation (LGTM_CONFORMANCE is not set)");
            return;
        };
        let text = std::fs::read_to_string(format!("{root}/alertmanager/notify/truncate.json")).unwrap();
        let data: serde_json::Value = serde_json::from_str(&text).unwrap();
        let cases = data["cases"].as_array().unwrap();
        for case in cases {
            let (text, max) = (case["in"].as_str().unwrap(), case["n"].as_u64().unwrap() as usize);
            assert_eq!(in_characters(text.to_owned(), max), case["runes"]["out"].as_str().unwrap(), "{case}");
            assert_eq!(in_bytes(text.to_owned(), max), case["bytes"]["out"].as_str().unwrap(), "{case}");
        }
        eprintln!("truncation: {} of {} cases", cases.len(), cases.len());
    }
}
