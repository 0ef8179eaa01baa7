//! Sizes in bytes, as Prometheus writes them.

const UNITS: [(&str, u32); 6] = [("K", 10), ("M", 20), ("G", 30), ("T", 40), ("P", 50), ("E", 60)];

/// Parses `10MB`, `1.5GiB` or `0`. Units count in powers of 1024 whether written `MB` or `MiB`; one is required.
pub(crate) fn parse_size_bytes(text: &str) -> Option<u64> {
    if text == "0" {
        return Some(0);
    }
    let digits = text.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
    let (number, unit) = text.split_at(digits);
    let letter = unit.strip_suffix("iB").or_else(|| unit.strip_suffix('B'))?;
    let shift = match letter {
        "" if unit == "B" => 0,
        letter => UNITS.iter().find(|(name, _)| *name == letter)?.1,
    };
    let bytes = number.parse::<f64>().ok()? * (1_u64 << shift) as f64;
    (bytes < u64::MAX as f64).then_some(bytes as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_with_either_kind_of_unit() {
        for (text, want) in [("0", 0), ("100B", 100), ("10MB", 10 << 20), ("1GiB", 1 << 30), ("1.5KB", 1536)] {
            assert_eq!(parse_size_bytes(text), Some(want), "{text}");
        }
        for text in ["", "100", "MB", "1XB", "1M", "-1MB", "99999999EB", "1BB", "iB", "1iB"] {
            assert_eq!(parse_size_bytes(text), None, "{text}");
        }
    }
}
