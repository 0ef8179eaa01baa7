//! Lists and maps that a template makes.

use super::{Functions, Param};
use crate::value::{List, Map, Value};

/// Prometheus' `args`: `arg0`, `arg1`, … for templates with several arguments.
pub fn add_prometheus(functions: &mut Functions) {
    functions.add_variadic(&[("args", &[], Param::Any, |call| {
        let entries = call.args.iter().enumerate().map(|(index, value)| (format!("arg{index}"), value.clone()));
        Ok(Value::Map(Map::new(entries)))
    })]);
}

/// Alertmanager's `list`, `append` and `dict`.
pub fn add_alertmanager(functions: &mut Functions) {
    functions.add_variadic(&[
        ("list", &[], Param::Any, |call| Ok(Value::List(List::new(call.args.to_vec())))),
        ("append", &[Param::List], Param::Any, |call| {
            let mut items = call.list(0).to_vec();
            items.extend_from_slice(call.args.get(1..).unwrap_or_default());
            Ok(Value::List(List::new(items)))
        }),
        ("dict", &[], Param::Any, |call| {
            if call.args.len() % 2 != 0 {
                return Err("dict requires an even number of arguments".to_owned());
            }
            let pairs = call.args.chunks_exact(2).map(|pair| match pair {
                [Value::String(name), value] => Ok((name.clone(), value.clone())),
                _ => Err("dict keys must be strings".to_owned()),
            });
            Ok(Value::Map(Map::new(pairs.collect::<Result<Vec<_>, _>>()?)))
        }),
    ]);
}
