//! CEL expressions over the JSON of an answer.

use cel::{Context, Program, Value};
use lgtm_settings::Node;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use thiserror::Error;

/// Bytes of one expression: the language has no loops, so that its length bounds its work.
const EXPRESSION_BYTES_MAX: usize = 16 << 10;

/// A compiled expression in which `body` is the answer's JSON.
#[derive(Clone)]
pub struct CelProgram {
    text: String,
    program: Arc<Program>,
}

/// Why an expression gives no verdict.
#[derive(Debug, Error)]
pub enum CelError {
    /// It is not valid, or too long.
    #[error("not a valid CEL expression: {0}")]
    Invalid(String),
    /// It cannot be evaluated for this answer.
    #[error("the CEL expression cannot be evaluated: {0}")]
    Failed(String),
    /// It gives something else.
    #[error("the CEL expression gives no boolean")]
    NotBoolean,
}

impl CelProgram {
    /// Compiles.
    pub fn new(text: &str) -> Result<Self, CelError> {
        if text.len() > EXPRESSION_BYTES_MAX {
            return Err(CelError::Invalid(format!("longer than {EXPRESSION_BYTES_MAX} bytes")));
        }
        let program = Program::compile(text).map_err(|error| CelError::Invalid(error.to_string()))?;
        Ok(Self { text: text.to_owned(), program: Arc::new(program) })
    }

    pub(super) fn read(node: Node<'_>) -> Option<Self> {
        node.parse("a CEL expression", Self::new)
    }

    /// Whether it holds for an answer.
    pub fn holds(&self, body: &serde_json::Value) -> Result<bool, CelError> {
        let mut context = Context::default();
        context.add_variable_from_value("body", value(body));
        match self.program.execute(&context) {
            Ok(Value::Bool(holds)) => Ok(holds),
            Ok(_) => Err(CelError::NotBoolean),
            Err(error) => Err(CelError::Failed(error.to_string())),
        }
    }
}

/// JSON knows one kind of number; CEL gets doubles, as from every other implementation.
fn value(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(truth) => Value::Bool(*truth),
        serde_json::Value::Number(number) => Value::Float(number.as_f64().unwrap_or(f64::NAN)),
        serde_json::Value::String(text) => Value::String(Arc::new(text.clone())),
        serde_json::Value::Array(items) => Value::List(Arc::new(items.iter().map(value).collect())),
        serde_json::Value::Object(fields) => {
            let fields: HashMap<String, Value> =
                fields.iter().map(|(name, json)| (name.clone(), value(json))).collect();
            Value::Map(fields.into())
        }
    }
}

impl fmt::Display for CelProgram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for CelProgram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CelProgram({:?})", self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_compare_with_whole_ones() {
        let body = serde_json::json!({ "queue": 3, "state": "ok", "parts": [1, 2] });
        let holds = |text: &str| CelProgram::new(text).unwrap().holds(&body);
        assert!(holds("body.queue == 3 && body.queue < 10 && body.state.startsWith('o')").unwrap());
        assert!(holds("body.parts.all(part, part > 0) && size(body.parts) == 2").unwrap());
        assert!(!holds("has(body.missing)").unwrap());
        assert!(matches!(holds("body.state"), Err(CelError::NotBoolean)));
        assert!(matches!(holds("body.missing == 1"), Err(CelError::Failed(_))));
        assert!(matches!(CelProgram::new("body ==="), Err(CelError::Invalid(_))));
    }
}
