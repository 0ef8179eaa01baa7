//! Whether an `Accept-Encoding` header lets a server answer with the compression that a module expects.

/// Whether `accepted` lets `encoding` through. Of several entries that fit, the one with the highest weight decides;
/// the order of equal weights is that of the header. Without either of the two, everything fits.
pub fn is_acceptable(encoding: &str, accepted: &str) -> bool {
    if encoding.is_empty() || accepted.is_empty() {
        return true;
    }
    let entries = accepted.split(',').map(|entry| match entry.rsplit_once(';') {
        None => (entry.trim(), 1000),
        Some((name, weight)) => (name.trim(), thousandths(weight.trim())),
    });
    let fitting = entries.filter(|(name, _)| *name == encoding || *name == "*");
    fitting.map(|(_, weight)| weight).max().is_some_and(|weight| weight > 0)
}

fn thousandths(weight: &str) -> i64 {
    let number: f64 = weight.trim_start_matches("q=").parse().unwrap_or(0.0);
    (number * 1000.0).round() as i64
}
