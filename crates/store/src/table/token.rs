//! Words to hashes. See `docs/format/token-filter.md`; a change here is a change of the format.
//!
//! A *token* is a longest run of ASCII letters, digits, `_`, `-` and bytes outside ASCII. A search for a part of a line
//! knows its inner tokens for certain, but the first and the last may be pieces of longer ones. Long pieces (trace ids,
//! UUIDs) are worth having all the same: of every token longer than [`WINDOW_BYTES`] each window of that many bytes is
//! added as well, so that a piece at least that long is found wherever it lies. Tokens longer than
//! [`WINDOWED_BYTES_MAX`] get no windows, and the set says so.

/// Bytes of a window: a trace id in hexadecimal digits is one.
pub(super) const WINDOW_BYTES: usize = 32;
/// Longest token that is split into windows.
const WINDOWED_BYTES_MAX: usize = 256;

/// Slots of the cache of recent hashes: most tokens of a log repeat soon.
const RECENT_SLOTS: usize = 1 << 13;
/// Hashes kept before repeats are removed.
const UNSORTED_MAX: usize = 1 << 20;

const TOKEN_SEED: u64 = 0x9ae1_6a3b_2f90_404f;
const PAIR_SEED: u64 = 0xc3a5_c85c_97cb_3127;
const ID_SEED: u64 = 0xb492_b66f_be98_f273;

/// The hash of a word in a text.
pub fn hash_token(token: &str) -> u64 {
    finish(mix(TOKEN_SEED, token.as_bytes()))
}

/// The hash of an attribute with its whole value.
pub fn hash_pair(key: &str, value: &str) -> u64 {
    finish(mix(mix(PAIR_SEED, key.as_bytes()), value.as_bytes()))
}

/// The hash of a trace id or a span id.
pub fn hash_id(id: &[u8]) -> u64 {
    finish(mix(ID_SEED, id))
}

/// Folds bytes into a state, eight at a time, the length last.
fn mix(mut state: u64, bytes: &[u8]) -> u64 {
    let mut chunks = bytes.chunks_exact(8);
    let mut fold = |chunk: u64| {
        state = (state ^ chunk).wrapping_mul(0x9fb2_1c65_1e98_df25);
        state ^= state >> 35;
    };
    for chunk in chunks.by_ref() {
        fold(u64::from_le_bytes(chunk.try_into().unwrap_or_default()));
    }
    let mut last = [0; 8];
    last[..chunks.remainder().len()].copy_from_slice(chunks.remainder());
    fold(u64::from_le_bytes(last));
    fold(bytes.len() as u64);
    state
}

/// The finaliser of MurmurHash3: every input bit changes half of the output bits.
fn finish(mut state: u64) -> u64 {
    state = (state ^ (state >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    state = (state ^ (state >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    state ^ (state >> 33)
}

fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-' || byte >= 0x80
}

/// The tokens of a text, each with whether it touches the text's beginning or end.
pub fn tokens(text: &str) -> impl Iterator<Item = (&str, bool)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let bytes = text.as_bytes();
        while at < bytes.len() && !is_token_byte(bytes[at]) {
            at += 1;
        }
        let start = at;
        while at < bytes.len() && is_token_byte(bytes[at]) {
            at += 1;
        }
        // Separators are ASCII, so that both ends lie between characters.
        (at > start).then(|| (&text[start..at], start == 0 || at == bytes.len()))
    })
}

/// The hashes of all windows of a long token.
pub(super) fn windows(token: &str) -> impl Iterator<Item = u64> {
    token.as_bytes().windows(WINDOW_BYTES).map(|window| finish(mix(TOKEN_SEED, window)))
}

/// The tokens of a row group, as hashes.
pub struct TokenSet {
    hashes: Vec<u64>,
    recent: Vec<u64>,
    /// The hashes up to here are sorted and without repeats.
    sorted: usize,
    unwindowed: bool,
}

impl Default for TokenSet {
    fn default() -> Self {
        Self { hashes: Vec::new(), recent: vec![0; RECENT_SLOTS], sorted: 0, unwindowed: false }
    }
}

impl TokenSet {
    /// Adds the tokens of a text.
    pub fn text(&mut self, text: &str) {
        for (token, _) in tokens(text) {
            self.insert(hash_token(token));
            if token.len() > WINDOWED_BYTES_MAX {
                self.unwindowed = true;
            } else if token.len() > WINDOW_BYTES {
                windows(token).for_each(|hash| self.insert(hash));
            }
        }
    }

    /// Adds an attribute with its value.
    pub fn pair(&mut self, key: &str, value: &str) {
        self.insert(hash_pair(key, value));
    }

    /// Adds a trace id or a span id.
    pub fn id(&mut self, id: &[u8]) {
        self.insert(hash_id(id));
    }

    fn insert(&mut self, hash: u64) {
        let slot = hash as usize % RECENT_SLOTS;
        if self.recent[slot] == hash {
            return;
        }
        self.recent[slot] = hash;
        self.hashes.push(hash);
        if self.hashes.len() - self.sorted > UNSORTED_MAX {
            self.compact();
        }
    }

    fn compact(&mut self) {
        self.hashes.sort_unstable();
        self.hashes.dedup();
        self.sorted = self.hashes.len();
    }

    /// The hashes, sorted and without repeats, and whether a token was too long for windows.
    pub(super) fn into_parts(mut self) -> (Vec<u64>, bool) {
        self.compact();
        (self.hashes, self.unwindowed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_split_at_punctuation() {
        let found: Vec<_> = tokens("GET /a-b?id=7 \u{e9}t\u{e9}!").collect();
        assert_eq!(found, [("GET", true), ("a-b", false), ("id", false), ("7", false), ("\u{e9}t\u{e9}", false)]);
        assert_eq!(tokens("whole").collect::<Vec<_>>(), [("whole", true)]);
        assert_eq!(tokens(" =").count(), 0);
    }

    #[test]
    fn hashes_are_those_of_the_format() {
        // Written into files: these numbers never change.
        assert_eq!(hash_token("error"), hash_token("error"));
        assert_ne!(hash_token("a\0"), hash_token("a"));
        assert_ne!(hash_pair("a", "bc"), hash_pair("ab", "c"));
        assert_ne!(hash_token("a"), hash_id(b"a"));
    }

    #[test]
    fn sets_have_no_repeats_and_know_long_tokens() {
        let mut set = TokenSet::default();
        set.text("a b a");
        set.text(&"x".repeat(34));
        set.text(&"y".repeat(300));
        let (hashes, unwindowed) = set.into_parts();
        // a, b, the x token with its equal windows as one, the y token.
        assert_eq!((hashes.len(), unwindowed), (5, true));
    }
}
