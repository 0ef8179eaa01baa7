//! How much a template may ask for. Every limit has a name, a default and an error that says both.

/// The limits of parsing and rendering. The defaults are far beyond what notifications need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The length of one template text. 1 MiB.
    pub text_bytes_max: usize,
    /// The length of what one render writes. 4 MiB.
    pub output_bytes_max: usize,
    /// How often the bodies of all `range` loops of one render run. 1,000,000.
    pub iterations_max: usize,
    /// How many nodes of the tree (text, actions, blocks) and commands one render carries out. 10,000,000.
    pub steps_max: usize,
    /// How often one render may call `query`. 1,000.
    pub queries_max: usize,
    /// How many templates may call one another (`{{ template }}`). 50.
    pub calls_depth_max: usize,
    /// How many bytes of text all function calls of one render may read and make. 64 MiB.
    pub work_bytes_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            text_bytes_max: 1 << 20,
            output_bytes_max: 4 << 20,
            iterations_max: 1_000_000,
            steps_max: 10_000_000,
            queries_max: 1_000,
            calls_depth_max: 50,
            work_bytes_max: 64 << 20,
        }
    }
}

/// How deeply blocks and parentheses may lie inside one another in a text.
pub(crate) const NESTING_MAX: usize = 100;
/// How deeply blocks, parentheses and calls may lie inside one another while rendering: what a small stack carries.
pub(crate) const EXECUTION_DEPTH_MAX: usize = 400;
/// How deeply lists and maps that a template makes may lie inside one another.
pub(crate) const VALUE_DEPTH_MAX: usize = 32;
/// How many variables may be seen at one place of a text.
pub(crate) const VARIABLES_MAX: usize = 256;
/// How many problems of one text are reported.
pub(crate) const PROBLEMS_MAX: usize = 50;
/// How many regular expressions one render keeps compiled.
pub(crate) const REGEXES_MAX: usize = 64;
