//! Alertmanager's key/value set: labels and annotations of notifications, with their methods.

use super::object::{Member, Object, Shape, no_args};
use super::{List, Map, Strings, Value};
use lgtm_model::Labels;
use std::fmt::Write;
use std::sync::Arc;

/// Names and texts, with `.SortedPairs`, `.Remove`, `.Names` and `.Values`. A missing name is the empty text.
#[derive(Clone, Debug)]
pub struct Kv {
    map: Map,
    null: bool,
}

impl Default for Kv {
    fn default() -> Self {
        Self::new(std::iter::empty::<(&str, &str)>())
    }
}

impl Kv {
    /// A set of these pairs.
    pub fn new<N: Into<Arc<str>>, V: Into<Arc<str>>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        Self { map: Map::of_strings(pairs), null: false }
    }

    /// The set that was never made: empty, and `null` in JSON.
    pub fn null() -> Self {
        Self { null: true, ..Self::default() }
    }

    /// The text under `name`, if there is one.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.map.get(name).and_then(Value::as_str)
    }

    /// Names and texts, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &str)> {
        self.map.iter().filter_map(|(name, value)| Some((name, value.as_str()?)))
    }

    /// How many pairs there are.
    pub fn len(&self) -> usize {
        self.map.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.map.is_empty()
    }

    /// The pairs sorted by name, but `alertname` first.
    pub fn sorted_pairs(&self) -> Pairs {
        let (first, rest): (Vec<_>, Vec<_>) = self.iter().partition(|(name, _)| name.as_ref() == "alertname");
        let pair = |(name, value): (&Arc<str>, &str)| Pair { name: name.clone(), value: value.into() };
        Pairs { pairs: first.into_iter().chain(rest).map(pair).collect() }
    }

    /// The set without `names`.
    fn remove(&self, names: &[Value]) -> Self {
        let names: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
        Self::new(self.iter().filter(|(name, _)| !names.contains(&name.as_ref())).map(|(n, v)| (n.clone(), v)))
    }
}

impl From<&Labels> for Kv {
    fn from(labels: &Labels) -> Self {
        Self::new(labels)
    }
}

impl Object for Kv {
    fn type_name(&self) -> &str {
        "template.KV"
    }

    fn call(&self, method: &str, args: &[Value]) -> Option<Result<Value, String>> {
        let answer = match method {
            "Remove" => return Some(self.remove_arg(args).map(Value::object)),
            "SortedPairs" => Value::object(self.sorted_pairs()),
            "Names" => Value::object(self.sorted_pairs().names()),
            "Values" => Value::object(self.sorted_pairs().values()),
            "String" => self.sorted_pairs().text().into(),
            _ => return None,
        };
        Some(no_args(method, args).map(|()| answer))
    }

    fn shape(&self) -> Shape {
        Shape::Map(self.map.clone())
    }

    fn print(&self) -> Option<String> {
        Some(self.sorted_pairs().text())
    }

    fn is_null(&self) -> bool {
        self.null
    }
}

impl Kv {
    fn remove_arg(&self, args: &[Value]) -> Result<Self, String> {
        let [names] = args else { return Err(format!("wrong number of args for Remove: want 1 got {}", args.len())) };
        let list = match names {
            Value::List(list) => Some(list.clone()),
            Value::Object(object) => match object.shape() {
                Shape::List(list) => Some(list),
                _ => None,
            },
            _ => None,
        };
        let list = list.filter(|list| list.iter().all(|name| name.as_str().is_some()));
        let list = list.ok_or_else(|| format!("Remove wants a list of names; got {}", names.type_name()))?;
        Ok(self.remove(&list))
    }
}

/// One name and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The name.
    pub name: Arc<str>,
    /// The text.
    pub value: Arc<str>,
}

impl Object for Pair {
    fn type_name(&self) -> &str {
        "template.Pair"
    }

    fn members(&self) -> Vec<Member> {
        vec![
            Member { name: "Name", json: "Name", value: self.name.clone().into() },
            Member { name: "Value", json: "Value", value: self.value.clone().into() },
        ]
    }
}

/// Pairs in order, with `.Names` and `.Values`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pairs {
    /// The pairs.
    pub pairs: Vec<Pair>,
}

impl Pairs {
    /// The names.
    pub fn names(&self) -> Strings {
        Strings::new(self.pairs.iter().map(|pair| pair.name.clone()))
    }

    /// The texts.
    pub fn values(&self) -> Strings {
        Strings::new(self.pairs.iter().map(|pair| pair.value.clone()))
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for (index, pair) in self.pairs.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            let _ = write!(text, "{separator}{}={}", pair.name, pair.value);
        }
        text
    }
}

impl Object for Pairs {
    fn type_name(&self) -> &str {
        "template.Pairs"
    }

    fn call(&self, method: &str, args: &[Value]) -> Option<Result<Value, String>> {
        let answer = match method {
            "Names" => Value::object(self.names()),
            "Values" => Value::object(self.values()),
            "String" => self.text().into(),
            _ => return None,
        };
        Some(no_args(method, args).map(|()| answer))
    }

    fn shape(&self) -> Shape {
        Shape::List(List::new(self.pairs.iter().cloned().map(Value::object).collect()))
    }

    fn print(&self) -> Option<String> {
        Some(self.text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alert_name_comes_first() {
        let kv = Kv::new([("zone", "a"), ("alertname", "Down"), ("Host", "h")]);
        assert_eq!(kv.print().unwrap(), "alertname=Down, Host=h, zone=a");
        let without = kv.call("Remove", &[vec![Value::from("zone")].into()]).unwrap().unwrap();
        let Value::Object(object) = without else { panic!("an object") };
        assert_eq!(object.print().unwrap(), "alertname=Down, Host=h");
        assert!(kv.call("Remove", &[Value::Int(1)]).unwrap().unwrap_err().contains("list of names"));
    }
}
