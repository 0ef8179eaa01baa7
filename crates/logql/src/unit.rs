//! Durations and sizes as LogQL writes them: `1h30m`, `2.5KiB`.

const DURATIONS_NS: [(&str, f64); 10] = [
    ("ns", 1.0),
    ("us", 1e3),
    ("µs", 1e3),
    ("ms", 1e6),
    ("s", 1e9),
    ("m", 60e9),
    ("h", 3_600e9),
    ("d", 86_400e9),
    ("w", 604_800e9),
    ("y", 31_536_000e9),
];

const SIZES: [(&str, f64); 13] = [
    ("b", 1.0),
    ("kb", 1e3),
    ("mb", 1e6),
    ("gb", 1e9),
    ("tb", 1e12),
    ("pb", 1e15),
    ("eb", 1e18),
    ("kib", 1024.0),
    ("mib", 1_048_576.0),
    ("gib", 1_073_741_824.0),
    ("tib", 1_099_511_627_776.0),
    ("pib", 1_125_899_906_842_624.0),
    ("eib", 1_152_921_504_606_846_976.0),
];

/// Nanoseconds of a text such as `5m` or `1h30m`; the offending unit when one is unknown, `None` within when it is no
/// duration at all or longer than about 292 years.
pub(crate) fn duration_ns(text: &str) -> Result<i64, Option<&str>> {
    let mut rest = text;
    let mut total_ns = 0.0;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
        let letters: usize = rest[digits..].chars().take_while(|c| c.is_alphabetic()).map(char::len_utf8).sum();
        let number: f64 = rest[..digits].parse().map_err(|_| None)?;
        let unit = &rest[digits..digits + letters];
        if unit.is_empty() {
            return Err(None);
        }
        let (_, unit_ns) = DURATIONS_NS.iter().find(|(name, _)| *name == unit).ok_or(Some(unit))?;
        total_ns += number * unit_ns;
        rest = &rest[digits + letters..];
    }
    if text.is_empty() || total_ns >= i64::MAX as f64 {
        return Err(None);
    }
    Ok(total_ns as i64)
}

/// Seconds of a text such as `5m` or `1h30m`; `None` when it is no duration.
pub fn duration_seconds(text: &str) -> Option<f64> {
    duration_ns(text).ok().map(|duration_ns| duration_ns as f64 / 1e9)
}

/// Bytes of a text such as `10GB` or `2.5KiB`, in any case.
pub fn size_bytes(text: &str) -> Option<f64> {
    let digits = text.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
    let number: f64 = text[..digits].parse().ok()?;
    let unit = text[digits..].to_ascii_lowercase();
    SIZES.iter().find(|(name, _)| *name == unit).map(|(_, bytes)| number * bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_sizes_are_read() {
        assert_eq!(duration_ns("1h30m"), Ok(5_400_000_000_000));
        assert_eq!(duration_ns("5minutes"), Err(Some("minutes")));
        assert_eq!(duration_ns("5"), Err(None));
        assert_eq!(size_bytes("2.5KiB"), Some(2560.0));
        assert_eq!(size_bytes("5q"), None);
    }
}
