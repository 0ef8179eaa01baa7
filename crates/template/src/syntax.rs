//! The grammar: text → tokens → tree with byte spans → checks that need the table of functions.

pub mod ast;
mod check;
mod control;
mod hint;
mod lexer;
mod number;
mod parser;
mod pipeline;
mod quote;
mod token;

pub use check::check;
pub(crate) use control::is_empty;
pub use parser::parse;
