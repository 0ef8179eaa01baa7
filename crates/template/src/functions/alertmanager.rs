//! What Alertmanager adds for notifications.

use super::{Functions, Param, Run, collections, datetime, humanize, json, text};

pub fn add(functions: &mut Functions) {
    text::add_shared(functions);
    text::add_alertmanager(functions);
    collections::add_alertmanager(functions);
    datetime::add(functions);
    humanize::add_duration(functions);
    json::add(functions);
    functions.insert("routeLabels", &[Param::Text], None, Run::RouteLabel);
}
