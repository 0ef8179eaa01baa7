//! `lgtm route test` and `lgtm route show`: what the tree does, before it does it.

use super::Routes;
use crate::matching::parse_matcher;
use lgtm_model::{Labels, MatchOp};

/// Where an alert would go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteTest {
    /// The receivers that would be told, in order; one may be told more than once.
    pub receivers: Vec<String>,
    /// The keys of the routes that lead to them.
    pub keys: Vec<String>,
}

/// Where an alert with these labels (`name=value` each) would go.
pub fn resolve(routes: &Routes, labels: &[String]) -> Result<RouteTest, String> {
    let mut pairs = Vec::new();
    for text in labels {
        let matcher = parse_matcher(text).map_err(|error| format!("failed to parse labels: {error}"))?;
        if matcher.op != MatchOp::Equal {
            return Err(format!("{text}: labels must be specified as name=value"));
        }
        pairs.push((matcher.name, matcher.value));
    }
    let found = routes.matching(&Labels::from_pairs(pairs));
    let found: Vec<_> = found.into_iter().filter_map(|index| routes.get(index)).collect();
    Ok(RouteTest {
        receivers: found.iter().map(|route| route.options.receiver.clone()).collect(),
        keys: found.iter().map(|route| route.key.clone()).collect(),
    })
}

/// The tree as text, as `amtool config routes show` prints it.
pub fn show(routes: &Routes) -> String {
    let mut text = "Routing tree:\n.\n".to_owned();
    branch(routes, 0, &mut Vec::new(), true, &mut text);
    text
}

fn branch(routes: &Routes, index: usize, above: &mut Vec<bool>, last: bool, text: &mut String) {
    let Some(route) = routes.get(index) else { return };
    for above_was_last in above.iter() {
        text.push_str(if *above_was_last { "    " } else { "│   " });
    }
    text.push_str(if last { "└── " } else { "├── " });
    match route.matchers.0.is_empty() {
        true => text.push_str("default-route"),
        false => text.push_str(&route.matchers.to_string()),
    }
    if route.continues {
        text.push_str("  continue: true");
    }
    text.push_str(&format!("  receiver: {}\n", route.options.receiver));
    above.push(last);
    for (place, child) in route.children.iter().enumerate() {
        branch(routes, *child, above, place + 1 == route.children.len(), text);
    }
    above.pop();
}
