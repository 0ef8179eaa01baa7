//! The short form: the three usual objectives, without the ceremony.
//!
//! ```yaml
//! apiVersion: lgtm/v1
//! kind: SLO
//! metadata: {name: shop-up}
//! spec:
//!   service: shop
//!   targetPercent: 99.5
//!   probes: probe_success{job="blackbox-http"}
//!   # or: requests: {total: http_requests_total, bad: 'http_requests_total{status_code=~"5.."}'}
//!   # or: latency: {histogram: http_request_duration_seconds, under: 0.5}
//! ```

use super::Registry;
use super::metadata::Metadata;
use super::objective::target;
use super::query::plain_selector;
use super::slo::{WINDOW_MS_DEFAULT, add, checked_tiers, description, window};
use crate::slo::{Events, Part, Sli, Slo};
use lgtm_promql::{Expr, format_number};
use lgtm_settings::{Fields, Node};

/// Reads the `spec` and adds the objective.
pub(super) fn read(node: Node<'_>, metadata: Metadata, registry: &mut Registry) -> Option<()> {
    node.map(|fields| {
        let description = fields.or_default("description", description);
        let service = fields.required("service", |node| node.non_empty_string());
        let objective = target(fields);
        let window_ms = fields.or("window", Some(WINDOW_MS_DEFAULT), |node| Some(window(node)));
        let sli = sli(fields);
        let (objective, window_ms) = (objective?, window_ms?);
        let allowance = ((1.0 - objective) * 1e12).round() / 1e12;
        let tiers = checked_tiers(None, fields.node(), allowance, window_ms);
        let sli = sli?;
        let slo = Slo {
            name: metadata.name,
            display_name: metadata.display_name,
            service: service?,
            description,
            objective,
            window_ms,
            each_target: metadata.each_target.unwrap_or(matches!(sli.total, Events::Samples(_))),
            sli,
            tiers,
            target_labels: metadata.target_labels,
            labels: metadata.labels,
        };
        add(slo, fields.node(), registry);
        Some(())
    })
}

fn sli(fields: &mut Fields<'_>) -> Option<Sli> {
    let probes = fields.get("probes").map(|node| {
        let selector = plain_selector(node)?;
        Some(Sli { total: Events::Samples(selector.clone()), part: Events::Sum(selector), part_is: Part::Good })
    });
    let requests = fields.get("requests").map(|node| node.map(requests));
    let latency = fields.get("latency").map(|node| node.map(latency));
    let mut given = [probes, requests, latency].into_iter().flatten();
    match (given.next(), given.next()) {
        (Some(sli), None) => sli,
        _ => {
            fields.node().problem("expected exactly one of \"probes\", \"requests\" and \"latency\"");
            None
        }
    }
}

fn requests(fields: &mut Fields<'_>) -> Option<Sli> {
    let total = fields.required("total", plain_selector);
    let good = fields.get("good").map(plain_selector);
    let bad = fields.get("bad").map(plain_selector);
    let (part, part_is) = match (good, bad) {
        (Some(good), None) => (good, Part::Good),
        (None, Some(bad)) => (bad, Part::Bad),
        _ => {
            fields.node().problem("expected exactly one of \"good\" and \"bad\"");
            return None;
        }
    };
    Some(Sli { total: Events::Increase(total?), part: Events::Increase(part?), part_is })
}

fn latency(fields: &mut Fields<'_>) -> Option<Sli> {
    let histogram = fields.required("histogram", |node| {
        let selector = plain_selector(node)?;
        match lgtm_promql::parse(&selector) {
            Ok(Expr::Vector(vector)) if vector.name.is_some() => Some(*vector),
            _ => {
                node.problem("expected a histogram's name, without _bucket, perhaps with labels in braces");
                None
            }
        }
    });
    let under = fields.required("under", |node| node.number());
    let (vector, under) = (histogram?, under?);
    let name = vector.name.clone()?;
    let conditions: Vec<String> = vector
        .matchers
        .iter()
        .filter(|matcher| matcher.name() != lgtm_model::METRIC_NAME)
        .map(|matcher| format!("{}{}{}", matcher.name(), matcher.op().as_str(), lgtm_promql::quote(matcher.value())))
        .collect();
    let with = |suffix: &str, more: Option<String>| {
        let all: Vec<String> = conditions.iter().cloned().chain(more).collect();
        format!("{name}{suffix}{{{}}}", all.join(","))
    };
    // Exporters write whole bounds with and without a fraction.
    let bound = format_number(under);
    let le = if under.fract() == 0.0 { format!("le=~\"{bound}(\\\\.0)?\"") } else { format!("le=\"{bound}\"") };
    let (good, total) = (with("_bucket", Some(le)), with("_count", None));
    Some(Sli { total: Events::Increase(total), part: Events::Increase(good), part_is: Part::Good })
}
