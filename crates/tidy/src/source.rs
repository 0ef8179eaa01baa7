//! A source file as a reader meets it: how long it is, how long its functions are.

/// One function.
#[derive(Debug)]
pub struct Function {
    /// Where it begins, for the message.
    pub place: String,
    /// Its lines, signature and closing brace included.
    pub lines: usize,
}

/// One file.
#[derive(Debug)]
pub struct Source {
    /// The path within the checkout.
    pub path: String,
    /// The lines before the tests begin.
    pub lines: Vec<String>,
    /// The functions in them (Rust only).
    pub functions: Vec<Function>,
}

impl Source {
    /// Cuts off the tests and finds the functions.
    pub fn new(path: String, text: String) -> Self {
        let tests = text.find("\n#[cfg(test)]\nmod ").unwrap_or(text.len());
        let lines: Vec<String> = text[..tests].lines().map(str::to_owned).collect();
        let functions = if path.ends_with(".rs") { functions(&path, &lines) } else { Vec::new() };
        Self { path, lines, functions }
    }

    /// The file's name without its extension.
    pub fn stem(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or(&self.path);
        name.split('.').next().unwrap_or(name)
    }
}

fn functions(path: &str, lines: &[String]) -> Vec<Function> {
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let body = line.trim_start();
        if !begins_function(body) {
            continue;
        }
        let end = format!("{}}}", &line[..line.len() - body.len()]);
        if body.ends_with('}') || body.ends_with(';') {
            found.push(Function { place: format!("{path}:{}", start + 1), lines: 1 });
        } else if let Some(length) =
            lines[start..].iter().position(|line| *line == end || is_bare_signature(line, &end))
        {
            found.push(Function { place: format!("{path}:{}", start + 1), lines: length + 1 });
        }
    }
    found
}

/// A trait's method without a body ends its signature with `) -> T;` at the indentation of its `fn`.
fn is_bare_signature(line: &str, end: &str) -> bool {
    let indentation = &end[..end.len() - 1];
    line.strip_prefix(indentation).is_some_and(|rest| rest.starts_with(')') && rest.ends_with(';'))
}

fn begins_function(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let mut word = words.next().unwrap_or("");
    while word.starts_with("pub") || matches!(word, "async" | "const" | "unsafe" | "extern" | "\"C\"" | "default") {
        word = words.next().unwrap_or("");
    }
    word == "fn"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_measured_from_signature_to_brace() {
        let text = "fn a() {}\n\nimpl X {\n    pub(crate) async fn b(\n        x: u8,\n    ) -> u8 {\n        x\n    }\n}\n\
                    \n#[cfg(test)]\nmod tests {\n    fn c() {\n    }\n}\n";
        let source = Source::new("x.rs".to_owned(), text.to_owned());
        let lengths: Vec<_> = source.functions.iter().map(|f| (f.place.as_str(), f.lines)).collect();
        assert_eq!(lengths, [("x.rs:1", 1), ("x.rs:4", 5)]);
    }
}
