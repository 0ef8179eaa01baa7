//! OpenSLO documents that are read, and those that are refused, each with the reason and its place.

use lgtm_slo::{Config, Events, Part, Slo};

/// A document whose parts can be replaced.
const WHOLE: &str = r#"apiVersion: openslo/v1
kind: SLO
metadata:
  name: shop
  displayName: Shop
  labels: {team: web}
spec:
  description: d
  service: shop
  indicator:
    spec:
      ratioMetric:
        counter: true
        good: {metricSource: {type: Prometheus, spec: {query: 'sum(ok_total)'}}}
        total: {metricSource: {type: Prometheus, spec: {query: 'all_total{a="b"}'}}}
  timeWindow: [{duration: 30d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{target: 0.995}]
"#;

fn read(text: &str) -> Result<Vec<Slo>, String> {
    Config::read_texts(&[("slo.yml", text)]).map(|reading| reading.value.slos).map_err(|problems| problems.to_string())
}

#[test]
fn a_whole_document_is_read() {
    let slos = read(WHOLE).unwrap();
    let slo = &slos[0];
    assert_eq!((slo.name.as_str(), slo.display_name.as_str(), slo.service.as_str()), ("shop", "Shop", "shop"));
    assert_eq!(slo.sli.total, Events::Increase("all_total{a=\"b\"}".to_owned()));
    assert_eq!((&slo.sli.part, slo.sli.part_is), (&Events::Increase("ok_total".to_owned()), Part::Good));
    assert_eq!(slo.labels, [("team".to_owned(), "web".to_owned())]);
    assert_eq!(slo.tiers.len(), 2);
    assert!(!slo.each_target);
    assert_eq!(slo.budget_ms(), 216 * 60_000);
}

#[test]
fn what_is_wrong_is_refused_with_place_and_reason() {
    let cases = [
        (
            "target: 0.995",
            "target: 0.9",
            "slo.yml:18:16: the alert \"14.4× over 1h\" could never fire: with a target of 90%",
        ),
        ("target: 0.995", "target: 1.0", "without any budget"),
        ("target: 0.995", "targetPercent: 100", "percentage above 0 and below 100"),
        ("target: 0.995", "target: 0.9, targetPercent: 99", "at most one of"),
        ("target: 0.995", "target: 0.995, op: lte, value: 3", "for threshold metrics"),
        ("target: 0.995", "target: 0.995, timeSliceTarget: 0.9", "time slices are not supported"),
        ("Occurrences", "Timeslices", "slo.yml:17:3: only \"Occurrences\" is supported"),
        ("duration: 30d, isRolling: true", "duration: 1M, isRolling: true", "no fixed length"),
        ("duration: 30d, isRolling: true", "duration: 30d, isRolling: false", "calendar windows are not supported"),
        ("duration: 30d, isRolling: true", "duration: 5h", "from 1d to 92d"),
        ("sum(ok_total)", "rate(ok_total[5m])", "expected a selector"),
        ("sum(ok_total)", "ok_total{a=“b”}", "parse error"),
        ("type: Prometheus", "type: Datadog", "cannot be read here"),
        ("good:", "godo:", "unknown field \"godo\"; did you mean \"good\"?"),
        ("service: shop", "servise: shop", "\"service\" is missing"),
        ("name: shop", "name: Shop_1", "is no name"),
        ("labels: {team: web}", "labels: {severity: web}", "given by the objective itself"),
        ("labels: {team: web}", "annotations: {lgtm/each: yes}", "unknown annotation"),
        ("openslo/v1", "openslo/v1alpha", "expected one of \"openslo/v1\""),
        ("  indicator:\n    spec:", "  indicatorRef: other\n  rest:\n    spec:", "no SLI is named \"other\""),
    ];
    for (from, to, expected) in cases {
        assert!(WHOLE.contains(from), "{from}");
        let problems = read(&WHOLE.replacen(from, to, 1)).expect_err(to);
        assert!(problems.contains(expected), "{to}: expected {expected:?} in\n{problems}");
    }
}

#[test]
fn parts_may_be_defined_apart_and_in_any_order() {
    let text = r#"apiVersion: openslo/v1
kind: SLO
metadata: {name: fast}
spec:
  service: shop
  indicatorRef: latency
  budgetingMethod: Occurrences
  objectives:
    - {displayName: quick, op: lte, value: 0.3, targetPercent: 99}
    - {displayName: bearable, op: lte, value: 2, targetPercent: 99.9}
  alertPolicies:
    - alertPolicyRef: own
---
apiVersion: openslo/v1
kind: AlertPolicy
metadata: {name: own}
spec:
  alertWhenBreaching: true
  conditions: [{conditionRef: fast}]
  notificationTargets: [{targetRef: pager}]
---
apiVersion: openslo/v1
kind: AlertCondition
metadata: {name: fast}
spec: {severity: page, condition: {kind: burnrate, threshold: 10, lookbackWindow: 2h, alertAfter: 5m}}
---
apiVersion: openslo/v1
kind: AlertNotificationTarget
metadata: {name: pager}
spec: {target: pagerduty}
---
apiVersion: openslo/v1
kind: SLI
metadata: {name: latency}
spec:
  thresholdMetric: {metricSource: {metricSourceRef: here, spec: {query: 'max by (instance) (latency_seconds)'}}}
---
apiVersion: openslo/v1
kind: DataSource
metadata: {name: here}
spec: {type: Prometheus}
"#;
    let slos = read(text).unwrap();
    let names: Vec<&str> = slos.iter().map(|slo| slo.name.as_str()).collect();
    assert_eq!(names, ["fast-99", "fast-99.9"]);
    assert!(matches!(&slos[0].sli.part, Events::Holds { op: "<=", value, .. } if *value == 0.3));
    let tier = &slos[0].tiers[0];
    assert_eq!((tier.severity.as_str(), tier.threshold, tier.short_ms()), ("page", 10.0, 600_000));
    assert_eq!(slos[0].tiers.len(), 1);

    let dangling = read(&text.replace("conditionRef: fast", "conditionRef: slow")).unwrap_err();
    assert!(dangling.contains("slo.yml:19:31: no AlertCondition is named \"slow\""), "{dangling}");
}

#[test]
fn an_alert_that_is_there_already_is_left_out_with_a_warning() {
    let policy = "  alertPolicies:\n    - {kind: AlertPolicy, spec: {conditions: [{kind: AlertCondition, spec: {severity: a, condition: {threshold: 2, lookbackWindow: 1h}}}]}}\n";
    let text = format!("{WHOLE}{policy}{}", policy.trim_start_matches("  alertPolicies:\n"));
    let reading = Config::read_texts(&[("slo.yml", &text)]).unwrap();
    assert_eq!(reading.value.slos[0].tiers.len(), 1);
    assert!(reading.warnings.to_string().contains("the alert \"2× over 1h\" is there already"), "{}", reading.warnings);
}

#[test]
fn the_short_form_knows_three_kinds() {
    let head = "apiVersion: lgtm/v1\nkind: SLO\nmetadata: {name: x}\nspec:\n  service: s\n  targetPercent: 99.5\n";
    let sli = |rest: &str| read(&format!("{head}{rest}")).map(|slos| slos[0].sli.clone());
    let probes = sli("  probes: probe_success{job=\"b\"}\n").unwrap();
    assert_eq!(probes.total, Events::Samples("probe_success{job=\"b\"}".to_owned()));
    let latency = sli("  latency: {histogram: 'h_seconds{a=\"b\"}', under: 0.5}\n").unwrap();
    assert_eq!(latency.part, Events::Increase("h_seconds_bucket{a=\"b\",le=\"0.5\"}".to_owned()));
    assert_eq!(latency.total, Events::Increase("h_seconds_count{a=\"b\"}".to_owned()));
    let requests = sli("  requests: {total: r_total, bad: 'r_total{code=~\"5..\"}'}\n").unwrap();
    assert_eq!(requests.part_is, Part::Bad);
    assert!(sli("").unwrap_err().contains("exactly one of \"probes\""));
    assert!(sli("  probes: up\n  requests: {total: a, bad: b}\n").is_err());
}

#[test]
fn two_objectives_cannot_have_one_name() {
    let problems = Config::read_texts(&[("a.yml", WHOLE), ("b.yml", WHOLE)]).unwrap_err().to_string();
    assert!(problems.starts_with("b.yml:18:16: another objective is named \"shop\""), "{problems}");
}
