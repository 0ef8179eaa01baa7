//! `route`: one node of the tree as it is written; what it leaves out it takes from the node above.

use super::matchers::selection;
use crate::matching::Matchers;
use lgtm_settings::{Fields, Node};
use std::collections::HashSet;

/// By which labels alerts are put together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupBy {
    /// By these.
    Labels(Vec<String>),
    /// By all that they have (`...`): every alert is a group.
    All,
}

/// A route as it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RouteConfig {
    /// Who is told.
    pub receiver: Option<String>,
    /// By which labels alerts are put together.
    pub group_by: Option<GroupBy>,
    /// Which alerts go here.
    pub matchers: Matchers,
    /// Whether the routes after this one are tried too.
    pub continues: bool,
    /// How long a new group waits for more alerts.
    pub group_wait_ms: Option<i64>,
    /// How long a group waits before it tells what is new.
    pub group_interval_ms: Option<i64>,
    /// After how long an unchanged group is told again.
    pub repeat_interval_ms: Option<i64>,
    /// Intervals in which nothing is told.
    pub mute_time_intervals: Vec<String>,
    /// Intervals outside of which nothing is told.
    pub active_time_intervals: Vec<String>,
    /// Labels of the route itself; values may be templates.
    pub labels: Vec<(String, String)>,
    /// The routes below.
    pub routes: Vec<RouteConfig>,
}

/// The names that routes may use.
pub(super) struct Known {
    pub receivers: HashSet<String>,
    pub intervals: HashSet<String>,
}

/// Reads the root, to which special rules apply.
pub(super) fn root(node: Node<'_>, known: &Known) -> Option<RouteConfig> {
    node.map(|fields| {
        let route = contents(fields, known)?;
        if route.receiver.is_none() {
            fields.node().problem("root route must specify a default receiver");
        }
        if !route.matchers.0.is_empty() {
            fields.node().problem("root route must not have any matchers");
        }
        for (given, what) in [
            (!route.mute_time_intervals.is_empty(), "root route must not have any mute time intervals"),
            (!route.active_time_intervals.is_empty(), "root route must not have any active time intervals"),
            (route.continues, "cannot have continue in root route"),
        ] {
            if given {
                fields.node().problem(what);
            }
        }
        Some(route)
    })
}

fn contents(fields: &mut Fields<'_>, known: &Known) -> Option<RouteConfig> {
    Some(RouteConfig {
        receiver: fields.optional("receiver", |node| receiver(node, known)),
        group_by: fields.optional("group_by", group_by),
        matchers: selection(fields, "match", "match_re", "matchers"),
        continues: fields.or("continue", false, |node| node.bool()),
        group_wait_ms: fields.optional("group_wait", |node| node.duration_ms()),
        group_interval_ms: fields.optional("group_interval", |node| positive(node, "group_interval")),
        repeat_interval_ms: fields.optional("repeat_interval", |node| positive(node, "repeat_interval")),
        mute_time_intervals: fields.or_default("mute_time_intervals", |node| intervals(node, known)),
        active_time_intervals: fields.or_default("active_time_intervals", |node| intervals(node, known)),
        labels: fields.or_default("labels", |node| {
            node.entries(|name, node| {
                if name.is_empty() {
                    node.problem("invalid label name \"\" in route labels");
                }
                node.string()
            })
        }),
        routes: fields.or_default("routes", |node| node.list(|item| item.map(|fields| contents(fields, known)))),
    })
}

fn receiver(node: Node<'_>, known: &Known) -> Option<String> {
    let name = node.string().filter(|name| !name.is_empty())?;
    if !known.receivers.contains(&name) {
        let hint = lgtm_settings::nearest(&name, known.receivers.iter().map(String::as_str));
        let hint = hint.map(|name| format!("; did you mean {name:?}?")).unwrap_or_default();
        node.problem(format!("undefined receiver {name:?} used in route{hint}"));
    }
    Some(name)
}

fn intervals(node: Node<'_>, known: &Known) -> Option<Vec<String>> {
    node.list(|item| {
        let name = item.string()?;
        if !known.intervals.contains(&name) {
            item.problem(format!("undefined time interval {name:?} used in route"));
        }
        Some(name)
    })
}

fn positive(node: Node<'_>, name: &str) -> Option<i64> {
    let duration_ms = node.duration_ms()?;
    if duration_ms == 0 {
        node.problem(format!("{name} cannot be zero"));
    }
    Some(duration_ms)
}

fn group_by(node: Node<'_>) -> Option<GroupBy> {
    let (mut all, mut seen) = (false, HashSet::new());
    let names = node.list(|item| {
        let name = item.string()?;
        if name == "..." {
            all = true;
            return None;
        }
        if name.is_empty() {
            item.problem("invalid label name \"\" in group_by list");
        }
        if !seen.insert(name.clone()) {
            item.problem(format!("duplicated label {name:?} in group_by"));
        }
        Some(name)
    })?;
    if all && !names.is_empty() {
        node.problem("cannot have wildcard group_by (`...`) and other labels at the same time");
    }
    Some(if all { GroupBy::All } else { GroupBy::Labels(names) })
}
