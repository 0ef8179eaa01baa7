//! The file as a whole.

use super::global::Global;
use super::inhibit::rule;
use super::interval::named;
use super::receivers::{Context, Receiver};
use super::route::{Known, RouteConfig, root};
use crate::inhibit::InhibitRule;
use crate::interval::NamedIntervals;
use crate::templates::Templates;
use lgtm_settings::{Fields, Node, Problems, Reading};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// All of `alertmanager.yml`.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// What receivers take over, and how long an alert without an end lasts.
    pub global: Global,
    /// The root of the routes.
    pub route: RouteConfig,
    /// Which alerts make others not worth telling.
    pub inhibit_rules: Vec<InhibitRule>,
    /// Who can be told.
    pub receivers: Vec<Receiver>,
    /// Where templates lie: paths that may hold `*` and `?`.
    pub templates: Vec<PathBuf>,
    /// Time intervals by name.
    pub intervals: Vec<NamedIntervals>,
}

impl Config {
    /// Reads a file; all its problems at once, each with line, column and caret.
    pub fn read_file(path: &Path) -> Result<Reading<Self>, Problems> {
        lgtm_settings::read_file(path, Self::read)
    }

    /// Reads a text; `name` stands for the file in problems.
    pub fn read_text(name: &str, text: &str) -> Result<Reading<Self>, Problems> {
        lgtm_settings::read_text(name, text, Self::read)
    }

    fn read(node: Node<'_>) -> Option<Self> {
        node.map(|fields| {
            let global = fields.or_default("global", Global::read);
            let templates = fields.or_default("templates", |node| node.list(|item| item.path()));
            let (loaded, problems) = Templates::load(&templates);
            fields.node().import(problems);
            let receivers = receivers(fields, &Context { global: &global, templates: &Arc::new(loaded) });
            let intervals = intervals(fields);
            let known = Known {
                receivers: receivers.iter().map(|receiver| receiver.name.clone()).collect(),
                intervals: intervals.iter().map(|named| named.name.clone()).collect(),
            };
            let route = match fields.given("route") {
                Some(node) => root(node, &known),
                None => {
                    fields.node().problem("no routes provided");
                    None
                }
            };
            let inhibit_rules = fields.or_default("inhibit_rules", |node| node.list(rule));
            fields
                .accept(&["tracing", "event_recorder"], "has no effect: this program reports on itself in its own way");
            Some(Self { global, route: route?, inhibit_rules, receivers, templates, intervals })
        })
    }
}

fn receivers(fields: &mut Fields<'_>, context: &Context<'_>) -> Vec<Receiver> {
    let mut names = HashSet::new();
    fields.or_default("receivers", |node| {
        node.list(|item| {
            let receiver = super::receivers::read(item, context)?;
            if !names.insert(receiver.name.clone()) {
                item.problem(format!("notification config name {:?} is not unique", receiver.name));
            }
            Some(receiver)
        })
    })
}

/// Both lists share their names.
fn intervals(fields: &mut Fields<'_>) -> Vec<NamedIntervals> {
    let mut names = HashSet::new();
    let mut all = Vec::new();
    for (field, what) in [("mute_time_intervals", "mute time interval"), ("time_intervals", "time interval")] {
        all.extend(fields.or_default(field, |node| {
            node.list(|item| {
                let intervals = named(item)?;
                if !names.insert(intervals.name.clone()) {
                    item.problem(format!("{what} {:?} is not unique", intervals.name));
                }
                Some(intervals)
            })
        }));
    }
    all
}
