//! The choice between the twins that the build leaves beside each text file: `x.js.br`, `x.js.gz`, or `x.js` itself.

use axum::http::{HeaderMap, header};

/// A content coding and the extension of its files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Brotli,
    Gzip,
}

impl Encoding {
    /// Smallest first.
    pub(crate) const ALL: [Self; 2] = [Self::Brotli, Self::Gzip];

    /// Its name in `Accept-Encoding` and `Content-Encoding`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    /// What the build appends to the file's name.
    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gz",
        }
    }
}

/// Whether the client takes the coding: it is named (or `*` is) with a weight other than zero.
pub(crate) fn accepts(headers: &HeaderMap, encoding: Encoding) -> bool {
    let mut by_star = None;
    for value in headers.get_all(header::ACCEPT_ENCODING) {
        for item in value.to_str().unwrap_or_default().split(',') {
            let mut parts = item.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default();
            let refused = parts.any(|part| part.strip_prefix("q=").is_some_and(is_zero));
            if name.eq_ignore_ascii_case(encoding.name()) {
                return !refused;
            }
            if name == "*" {
                by_star = Some(!refused);
            }
        }
    }
    by_star.unwrap_or(false)
}

fn is_zero(weight: &str) -> bool {
    weight.trim().parse::<f32>().is_ok_and(|weight| weight == 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codings_are_taken_as_the_client_says() {
        let cases = [
            ("gzip, deflate, br, zstd", true, true),
            ("gzip;q=1.0, br;q=0", false, true),
            ("br;q=0.000, *", false, true),
            ("*;q=0", false, false),
            ("identity", false, false),
            ("", false, false),
            ("GZIP", false, true),
        ];
        for (accept, brotli, gzip) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, accept.parse().unwrap());
            assert_eq!(accepts(&headers, Encoding::Brotli), brotli, "br of {accept:?}");
            assert_eq!(accepts(&headers, Encoding::Gzip), gzip, "gzip of {accept:?}");
        }
        assert!(!accepts(&HeaderMap::new(), Encoding::Gzip));
    }
}
