//! The routes, asked as clients ask them.

use super::*;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use lgtm_rules::{ActiveAlert, AlertState, Format, Health, Rule, read_rules};
use std::time::Duration;
use tower::ServiceExt;

struct Fixed(Vec<Arc<GroupSnapshot>>);

impl RulesSource for Fixed {
    fn groups(&self) -> Vec<Arc<GroupSnapshot>> {
        self.0.clone()
    }

    fn alertmanagers(&self) -> Vec<String> {
        vec!["http://a:9093/api/v2/alerts".to_owned()]
    }
}

const RULES: &str = "groups:
- name: grp2
  rules:
  - {alert: test_metric3, expr: absent(test_metric3) != 1, for: 1s}
- name: grp
  rules:
  - {alert: test_metric4, expr: up == 1, for: 1s}
  - {alert: test_metric5, expr: vector(1), for: 1s, labels: {name: tm5}}
  - {alert: test_metric7, expr: up == 1, for: 1s, labels: {templatedlabel: '{{ $externalURL }}'}}
  - {record: recording-rule-1, expr: vector(1)}
  - {record: recording-rule-2, expr: vector(1), labels: {testlabel: rule}}
";

fn alert(rule: &Rule) -> ActiveAlert {
    ActiveAlert {
        labels: Labels::from_pairs([("alertname", rule.name.as_str()), ("name", "tm5")]),
        annotations: Labels::empty(),
        state: AlertState::Pending,
        value: 1.0,
        active_at: TimestampMs(1_000),
        fired_at: None,
        resolved_at: None,
        last_sent_at: None,
        keep_firing_since: None,
    }
}

fn router() -> Router {
    let groups = read_rules("/path/to/file", RULES, Format::default()).unwrap().value;
    let snapshots = groups.into_iter().map(|group| {
        let rules = group.rules.into_iter().map(|rule| RuleSnapshot {
            health: Health::Good,
            last_error: None,
            last_evaluation: Some(TimestampMs(0)),
            evaluation_time: Duration::ZERO,
            alerts: if rule.name == "test_metric5" { vec![alert(&rule)] } else { Vec::new() },
            rule: Arc::new(rule),
        });
        Arc::new(GroupSnapshot {
            file: group.file,
            name: group.name,
            interval_ms: 1_000,
            limit: 0,
            rules: rules.collect(),
            evaluation_time: Duration::ZERO,
            last_evaluation: None,
        })
    });
    rules_router(Arc::new(Fixed(snapshots.collect())))
}

async fn ask(path: &str) -> Value {
    let request = Request::get(path).body(Body::empty()).unwrap();
    let response = router().oneshot(request).await.unwrap();
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    serde_json::from_slice(&body).unwrap()
}

/// The names of groups and of the rules shown in them.
async fn names(query: &str) -> Vec<String> {
    let answer = ask(&format!("/api/v1/rules?{query}")).await;
    let groups = answer["data"]["groups"].as_array().unwrap_or_else(|| panic!("{answer}"));
    let rules = |group: &Value| -> Vec<String> {
        group["rules"].as_array().unwrap().iter().map(|rule| rule["name"].as_str().unwrap().to_owned()).collect()
    };
    groups.iter().map(|group| format!("{}: {}", group["name"].as_str().unwrap(), rules(group).join(" "))).collect()
}

#[tokio::test]
async fn filters_choose_rules_and_leave_out_empty_groups() {
    let all = "grp: test_metric4 test_metric5 test_metric7 recording-rule-1 recording-rule-2";
    assert_eq!(names("").await, [all, "grp2: test_metric3"]);
    for (query, want) in [
        ("type=record", "grp: recording-rule-1 recording-rule-2"),
        ("rule_name[]=test_metric4", "grp: test_metric4"),
        ("rule_group[]=grp2&file[]=/path/to/file", "grp2: test_metric3"),
        ("match[]=%7Btestlabel%3D%22rule%22%7D", "grp: recording-rule-2"),
        ("type=alert&match[]=%7Btemplatedlabel%3D%22%7B%7B%20%24externalURL%20%7D%7D%22%7D", "grp: test_metric7"),
    ] {
        assert_eq!(names(query).await, [want], "{query}");
    }
    for query in ["rule_group[]=respond-with-nothing", "file[]=x", "match[]=%7Ba%3D%22b%22%7D&group_limit=1"] {
        assert!(names(query).await.is_empty(), "{query}");
    }
}

#[tokio::test]
async fn pages_follow_one_another() {
    let first = ask("/api/v1/rules?group_limit=1").await;
    assert_eq!(first["data"]["groups"].as_array().unwrap().len(), 1);
    let token = first["data"]["groupNextToken"].as_str().unwrap();
    let second = ask(&format!("/api/v1/rules?group_limit=1&group_next_token={token}")).await;
    assert_eq!(second["data"]["groups"][0]["name"], "grp2");
    assert!(second["data"]["groupNextToken"].is_null());
    for query in [
        format!("group_next_token={token}"),
        format!("group_limit=0&group_next_token={token}"),
        "group_limit=-1".to_owned(),
        "group_limit=1&group_next_token=gone".to_owned(),
        "type=x".to_owned(),
        "exclude_alerts=maybe".to_owned(),
    ] {
        assert_eq!(ask(&format!("/api/v1/rules?{query}")).await["errorType"], "bad_data", "{query}");
    }
}

#[tokio::test]
async fn shapes_are_upstreams() {
    let answer = ask("/api/v1/rules?rule_name[]=test_metric5").await;
    let want = json!({
        "name": "grp", "file": "/path/to/file", "interval": 1.0, "limit": 0, "evaluationTime": 0.0,
        "lastEvaluation": "0001-01-01T00:00:00Z",
        "rules": [{
            "state": "pending", "name": "test_metric5", "query": "vector(1)", "duration": 1.0, "keepFiringFor": 0.0,
            "labels": { "name": "tm5" }, "annotations": {}, "health": "ok", "evaluationTime": 0.0,
            "lastEvaluation": "1970-01-01T00:00:00Z", "type": "alerting",
            "alerts": [{
                "labels": { "alertname": "test_metric5", "name": "tm5" }, "annotations": {}, "state": "pending",
                "activeAt": "1970-01-01T00:00:01Z", "value": "1e+00",
            }],
        }],
    });
    assert_eq!(answer["data"]["groups"][0], want);
    let alerts = ask("/api/v1/alerts").await;
    assert_eq!(alerts["data"]["alerts"], want["rules"][0]["alerts"]);
    let without = ask("/api/v1/rules?exclude_alerts=true&rule_name[]=test_metric5").await;
    assert!(without["data"]["groups"][0]["rules"][0]["alerts"].is_null());
    assert_eq!(
        ask("/api/v1/alertmanagers").await["data"]["activeAlertmanagers"][0]["url"],
        "http://a:9093/api/v2/alerts"
    );
}
