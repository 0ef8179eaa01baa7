//! What Prometheus adds for rules.

use super::{Call, Functions, Param, Run, collections, escape, humanize, network, text};
use crate::value::{Member, Object, Value};
use lgtm_model::{Labels, parse_duration_ms};

pub fn add(functions: &mut Functions) {
    text::add_shared(functions);
    text::add_prometheus(functions);
    collections::add_prometheus(functions);
    humanize::add(functions);
    network::add(functions);
    functions.insert("query", &[Param::Text], None, Run::Query(query));
    functions.add(&[
        ("first", &[Param::Samples], |call| {
            let first = call.list(0).first().cloned();
            first.ok_or_else(|| "first() called on vector with no elements".to_owned())
        }),
        ("label", &[Param::Text, Param::Sample], |call| Ok(label_of(&call.value(1), &call.text(0)))),
        ("value", &[Param::Sample], |call| Ok(field(&call.value(0), "Value"))),
        ("strvalue", &[Param::Sample], |call| Ok(label_of(&call.value(0), "__value__"))),
        ("sortByLabel", &[Param::Text, Param::Samples], sort_by_label),
        ("now", &[], |call| Ok((call.environment.now.to_ms().0 as f64 / 1000.0).into())),
        ("parseDuration", &[Param::Text], parse_duration),
        ("graphLink", &[Param::Text], |call| Ok(link(&call.text(0), 0))),
        ("tableLink", &[Param::Text], |call| Ok(link(&call.text(0), 1))),
        ("externalURL", &[], |call| Ok(call.environment.external_url.as_str().into())),
        ("pathPrefix", &[], |call| Ok(path(&call.environment.external_url).into())),
    ]);
}

/// One sample of an answer: `.Labels` and `.Value`.
#[derive(Clone, Debug)]
struct Sample {
    labels: Value,
    value: Value,
}

const SAMPLE: &str = "*template.sample";

impl Object for Sample {
    fn type_name(&self) -> &str {
        SAMPLE
    }

    fn members(&self) -> Vec<Member> {
        vec![
            Member { name: "Labels", json: "Labels", value: self.labels.clone() },
            Member { name: "Value", json: "Value", value: self.value.clone() },
        ]
    }
}

/// Whether a value is a sample.
pub fn is_sample(value: &Value) -> bool {
    matches!(value, Value::Object(object) if object.type_name() == SAMPLE)
}

fn field(sample: &Value, name: &str) -> Value {
    match sample {
        Value::Object(object) => object.field(name).unwrap_or_default(),
        _ => Value::Nil,
    }
}

fn label_of(sample: &Value, name: &str) -> Value {
    match field(sample, "Labels") {
        Value::Map(map) => map.get_or_missing(name),
        _ => "".into(),
    }
}

fn query(call: &mut Call<'_>) -> Result<Value, String> {
    let Some(function) = &call.environment.query else {
        return Err("queries cannot be answered here".to_owned());
    };
    let samples = function.query(&call.text(0))?;
    let sample = |(labels, value): (Labels, Value)| Value::object(Sample { labels: (&labels).into(), value });
    Ok(samples.into_iter().map(sample).collect::<Vec<_>>().into())
}

/// Stable, so that samples with one value of the label stay in their order.
fn sort_by_label(call: &mut Call<'_>) -> Result<Value, String> {
    let name = call.text(0);
    let mut samples = call.list(1).to_vec();
    samples.sort_by_cached_key(|sample| label_of(sample, &name).as_str().unwrap_or_default().to_owned());
    Ok(samples.into())
}

/// `1h30m` in seconds; a minus may stand before it.
fn parse_duration(call: &mut Call<'_>) -> Result<Value, String> {
    let text = call.text(0);
    let (sign, digits) = text.strip_prefix('-').map_or((1.0, text.as_str()), |digits| (-1.0, digits));
    let milliseconds = parse_duration_ms(digits).map_err(|error| error.to_string())?;
    Ok((sign * milliseconds as f64 / 1000.0).into())
}

/// The page that shows an expression, as a graph or as a table.
fn link(expression: &str, tab: u8) -> Value {
    format!("/graph?g0.expr={}&g0.tab={tab}", escape::query_escape(expression)).into()
}

/// The path of an address.
fn path(url: &str) -> &str {
    let after = url.split_once("://").map_or(url, |(_, after)| after);
    let path = after.find('/').map_or("", |at| &after[at..]);
    path.split(['?', '#']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_path_of_an_address() {
        for (url, path) in [("http://h:9090/a/b?c", "/a/b"), ("http://h", ""), ("/x#y", "/x"), ("", "")] {
            assert_eq!(super::path(url), path);
        }
    }
}
