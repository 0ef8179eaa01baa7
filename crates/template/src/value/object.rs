//! Data with fields and methods that the program lends to a template.

use super::{List, Map, Value};
use std::fmt::Debug;

/// What an object is besides its methods: Go lets a list, a map or a number have methods too.
#[derive(Clone, Debug)]
pub enum Shape {
    /// Fields only. Always true in `if`.
    Struct,
    /// A list: `range`, `len`, `index`.
    List(List),
    /// A map: `range`, `len`, `index`, and its names as fields.
    Map(Map),
    /// A number or a text.
    Scalar(Value),
}

/// One field of a struct, for printing and `toJson`.
#[derive(Clone, Debug)]
pub struct Member {
    /// The name in templates: `StartsAt`.
    pub name: &'static str,
    /// The name in JSON: `startsAt`.
    pub json: &'static str,
    /// Its value.
    pub value: Value,
}

/// Data with fields and methods. Called by one render at a time, but shared between renders on different threads; no
/// method may block. Whatever is handed out is a cheap clone.
pub trait Object: Send + Sync + Debug {
    /// The type as messages name it: `template.KV`.
    fn type_name(&self) -> &str;

    /// The field called `name`, without a method of that name having been found.
    fn field(&self, name: &str) -> Option<Value> {
        self.members().into_iter().find(|member| member.name == name).map(|member| member.value)
    }

    /// Calls a method; `None` when it has no method of that name. The error says what is wrong with the arguments.
    fn call(&self, _method: &str, _args: &[Value]) -> Option<Result<Value, String>> {
        None
    }

    /// What it is besides its methods.
    fn shape(&self) -> Shape {
        Shape::Struct
    }

    /// How it is printed, when it decides that itself (Go's `String` method).
    fn print(&self) -> Option<String> {
        None
    }

    /// The fields of a struct in the order of their declaration, for printing and `toJson`.
    fn members(&self) -> Vec<Member> {
        Vec::new()
    }

    /// Whether `toJson` writes `null` for it, as it does for Go's nil maps.
    fn is_null(&self) -> bool {
        false
    }
}

/// Refuses arguments for a method that takes none.
pub(crate) fn no_args(method: &str, args: &[Value]) -> Result<(), String> {
    match args.len() {
        0 => Ok(()),
        given => Err(format!("wrong number of args for {method}: want 0 got {given}")),
    }
}
