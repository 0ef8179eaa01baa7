//! Relabelling against the cases that Prometheus itself is tested with.

use lgtm_model::{Labels, NameRules, RelabelAction, RelabelRule, RelabelSpec, relabel};
use serde_json::Value;

fn cases(file: &str) -> Option<Vec<Value>> {
    let Ok(root) = std::env::var("LGTM_CONFORMANCE") else {
        eprintln!("SKIPPED: relabelling, {file} (LGTM_CONFORMANCE is not set)");
        return None;
    };
    let text = std::fs::read_to_string(format!("{root}/prom-config/{file}")).unwrap();
    let value: Value = serde_json::from_str(&text).unwrap();
    Some(value["cases"].as_array().unwrap().clone())
}

/// The rule of a case; `None` when it names no action. What is absent or empty takes its default, as in upstream's test.
fn spec(rule: &Value) -> Option<RelabelSpec> {
    let text = |name: &str| rule[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let action = text("Action")?;
    let (_, action) = RelabelAction::ALL.into_iter().find(|(name, _)| *name == action).unwrap();
    let default = RelabelSpec::default();
    Some(RelabelSpec {
        source_labels: rule["SourceLabels"]
            .as_array()
            .map(|names| names.iter().map(|name| name.as_str().unwrap().to_owned()).collect())
            .unwrap_or_default(),
        separator: text("Separator").unwrap_or(default.separator),
        regex: text("Regex").unwrap_or(default.regex),
        modulus: rule["Modulus"].as_u64().unwrap_or(0),
        target_label: text("TargetLabel").unwrap_or_default(),
        replacement: text("Replacement").unwrap_or(default.replacement),
        action,
        names: if rule["NameValidationScheme"] == "legacy" { NameRules::Legacy } else { NameRules::Utf8 },
    })
}

fn labels(map: &Value) -> Labels {
    Labels::from_pairs(map.as_object().unwrap().iter().map(|(name, value)| (name.clone(), value.as_str().unwrap())))
}

#[test]
fn rules_give_what_upstream_gives() {
    let Some(cases) = cases("relabel.json") else { return };
    for case in &cases {
        let rules: Vec<RelabelRule> = case["relabel"]
            .as_array()
            .unwrap()
            .iter()
            .map(|rule| RelabelRule::new(spec(rule).unwrap()).unwrap_or_else(|error| panic!("{error}: {rule}")))
            .collect();
        let mut builder = labels(&case["input"]).to_builder();
        let kept = relabel(&mut builder, &rules);
        assert_eq!(kept, case["drop"] != true, "{case}");
        if kept {
            assert_eq!(builder.build(), labels(&case["output"]), "{case}");
        }
    }
    eprintln!("relabelling: {} cases agree", cases.len());
}

#[test]
fn rules_are_refused_as_upstream_refuses_them() {
    let Some(cases) = cases("relabel_validate.json") else { return };
    for case in &cases {
        // A rule without an action cannot be expressed here: the type has no such value.
        let Some(spec) = spec(&case["config"]) else {
            assert_eq!(case["expected"], "relabel action cannot be empty");
            continue;
        };
        match (RelabelRule::new(spec), case["expected"].as_str()) {
            (Ok(_), None) => {}
            (Err(error), Some(expected)) => assert!(error.to_string().contains(expected), "{error}, not {expected}"),
            (result, _) => panic!("{case}: {result:?}"),
        }
    }
    eprintln!("relabel rules: {} verdicts agree", cases.len());
}
