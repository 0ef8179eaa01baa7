//! Trace and span identifiers (W3C Trace Context: 16 and 8 bytes, not all zero).

use std::fmt;

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident, $bytes:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $bytes]);

        impl $name {
            /// Reads raw bytes; `None` for a wrong length or all zeros, which the specification calls invalid.
            pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
                let bytes: [u8; $bytes] = bytes.try_into().ok()?;
                (bytes != [0; $bytes]).then_some(Self(bytes))
            }

            /// Reads hexadecimal digits in either case; shorter texts are padded with zeros on the left, as Tempo does.
            pub fn from_hex(text: &str) -> Option<Self> {
                if text.is_empty() || text.len() > $bytes * 2 || !text.is_ascii() {
                    return None;
                }
                let mut bytes = [0; $bytes];
                hex::decode_to_slice(format!("{text:0>width$}", width = $bytes * 2), &mut bytes).ok()?;
                Self::from_bytes(&bytes)
            }

            /// Lower-case hexadecimal digits, all of them.
            pub fn to_hex(self) -> String {
                hex::encode(self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.to_hex())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.to_hex())
            }
        }
    };
}

identifier!(
    /// Names a trace: 16 bytes.
    TraceId,
    16
);
identifier!(
    /// Names a span within its trace: 8 bytes.
    SpanId,
    8
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_read_from_hex_and_bytes() {
        let id = TraceId::from_hex("4bf92f3577b34da6a3ce929d0e0e4736").unwrap();
        assert_eq!(id.to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(TraceId::from_hex("ABC").unwrap().to_string(), format!("{:0>32}", "abc"));
        assert!(TraceId::from_hex("").is_none() && TraceId::from_hex("xyz").is_none());
        assert!(SpanId::from_bytes(&[0; 8]).is_none() && SpanId::from_bytes(&[1; 7]).is_none());
    }
}
