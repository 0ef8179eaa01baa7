//! The routing tree: which alerts go to whom, and how they are put together there.

mod show;

pub use show::{RouteTest, resolve, show};

use crate::config::{GroupBy, RouteConfig};
use crate::matching::Matchers;
use lgtm_model::Labels;
use std::collections::BTreeMap;

const NS_PER_MS: i64 = 1_000_000;

/// What applies to the alerts of a route, with all that it takes from the routes above.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteOptions {
    /// Who is told.
    pub receiver: String,
    /// By which labels alerts are put together.
    pub group_by: GroupBy,
    /// How long a new group waits for more alerts.
    pub group_wait_ns: i64,
    /// How long a group waits before it tells what is new.
    pub group_interval_ns: i64,
    /// After how long an unchanged group is told again.
    pub repeat_interval_ns: i64,
    /// Intervals in which nothing is told; not taken over from above.
    pub mute_time_intervals: Vec<String>,
    /// Intervals outside of which nothing is told; not taken over from above.
    pub active_time_intervals: Vec<String>,
    /// Labels of the route and of those above; values may be templates.
    pub labels: BTreeMap<String, String>,
}

impl Default for RouteOptions {
    fn default() -> Self {
        Self {
            receiver: String::new(),
            group_by: GroupBy::Labels(Vec::new()),
            group_wait_ns: 30_000 * NS_PER_MS,
            group_interval_ns: 300_000 * NS_PER_MS,
            repeat_interval_ns: 4 * 3_600_000 * NS_PER_MS,
            mute_time_intervals: Vec::new(),
            active_time_intervals: Vec::new(),
            labels: BTreeMap::new(),
        }
    }
}

/// One route of the tree.
#[derive(Clone, Debug)]
pub struct Route {
    /// What applies to its alerts.
    pub options: RouteOptions,
    /// Which alerts it takes.
    pub matchers: Matchers,
    /// Whether the routes after it are tried too.
    pub continues: bool,
    /// The matchers from the root to here: the first half of a group's key.
    pub key: String,
    /// Like the key, with the places among siblings, and so unique.
    pub id: String,
    children: Vec<usize>,
}

/// The whole tree, its routes numbered from the root, depth first.
#[derive(Clone, Debug)]
pub struct Routes {
    routes: Vec<Route>,
}

impl Routes {
    /// Builds the tree of a configuration.
    pub fn new(config: &RouteConfig) -> Self {
        let mut tree = Self { routes: Vec::new() };
        tree.add(config, None, 0);
        tree
    }

    fn add(&mut self, config: &RouteConfig, parent: Option<usize>, place: usize) -> usize {
        let above = parent.map(|index| &self.routes[index]);
        let matchers = config.matchers.to_string();
        let route = Route {
            options: options(config, above.map_or_else(RouteOptions::default, |route| route.options.clone())),
            matchers: config.matchers.clone(),
            continues: config.continues,
            key: above.map_or_else(|| matchers.clone(), |above| format!("{}/{matchers}", above.key)),
            id: above.map_or_else(|| matchers.clone(), |above| format!("{}/{matchers}/{place}", above.id)),
            children: Vec::new(),
        };
        let index = self.routes.len();
        self.routes.push(route);
        let children = config.routes.iter().enumerate();
        self.routes[index].children = children.map(|(place, child)| self.add(child, Some(index), place)).collect();
        index
    }

    /// The routes that take an alert, in the order in which they are tried.
    pub fn matching(&self, labels: &Labels) -> Vec<usize> {
        let mut found = Vec::new();
        self.descend(0, labels, &mut found);
        found
    }

    fn descend(&self, index: usize, labels: &Labels, found: &mut Vec<usize>) -> bool {
        let route = &self.routes[index];
        if !route.matchers.match_labels(labels) {
            return false;
        }
        let before = found.len();
        for child in &route.children {
            if self.descend(*child, labels, found) && !self.routes[*child].continues {
                break;
            }
        }
        if found.len() == before {
            found.push(index);
        }
        true
    }

    /// One route by its number.
    pub fn get(&self, index: usize) -> Option<&Route> {
        self.routes.get(index)
    }

    /// All routes, depth first.
    pub fn iter(&self) -> impl Iterator<Item = &Route> {
        self.routes.iter()
    }
}

fn options(config: &RouteConfig, above: RouteOptions) -> RouteOptions {
    let mut labels = above.labels;
    labels.extend(config.labels.iter().cloned());
    let ns = |given_ms: Option<i64>, above_ns: i64| given_ms.map_or(above_ns, |ms| ms.saturating_mul(NS_PER_MS));
    RouteOptions {
        receiver: config.receiver.clone().unwrap_or(above.receiver),
        group_by: match &config.group_by {
            Some(group_by) => group_by.clone(),
            None => above.group_by,
        },
        group_wait_ns: ns(config.group_wait_ms, above.group_wait_ns),
        group_interval_ns: ns(config.group_interval_ms, above.group_interval_ns),
        repeat_interval_ns: ns(config.repeat_interval_ms, above.repeat_interval_ns),
        mute_time_intervals: config.mute_time_intervals.clone(),
        active_time_intervals: config.active_time_intervals.clone(),
        labels,
    }
}

impl RouteOptions {
    /// The labels by which an alert is put together with others here.
    pub fn group_labels(&self, labels: &Labels) -> Labels {
        match &self.group_by {
            GroupBy::All => labels.clone(),
            GroupBy::Labels(names) => labels.filter(|name| names.iter().any(|wanted| wanted == name)),
        }
    }
}
