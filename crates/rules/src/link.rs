//! Where an alert's cause can be looked at.

/// The page that shows an expression as a table: Prometheus' path, which the web app knows too.
pub(crate) fn generator_url(external_url: &str, expression: &str) -> String {
    format!("{}/graph?g0.expr={}&g0.tab=1", external_url.trim_end_matches('/'), escape(expression))
}

/// As Go's `url.QueryEscape`.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => escaped.push(char::from(byte)),
            b' ' => escaped.push('+'),
            _ => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    #[test]
    fn expressions_are_escaped() {
        let url = super::generator_url("http://x/", "up{job=\"a b\"} == 0");
        assert_eq!(url, "http://x/graph?g0.expr=up%7Bjob%3D%22a+b%22%7D+%3D%3D+0&g0.tab=1");
    }
}
