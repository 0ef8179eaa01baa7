//! Prometheus' own template cases, read from outside the repository, with an answer for each case's query.

use lgtm_model::{Labels, TimestampMs};
use lgtm_template::{Environment, Functions, Map, MissingKey, QueryFunction, Templates, Value};
use serde_json::Value as Json;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The time at which the cases that ask for it are evaluated.
const NOW_MS: i64 = 1_353_755_652_000;

fn conformance() -> Option<PathBuf> {
    let root = std::env::var("LGTM_CONFORMANCE").ok().map(PathBuf::from);
    if root.is_none() {
        println!("skipped: LGTM_CONFORMANCE is not set");
    }
    root
}

fn read(path: &Path) -> Json {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Answers any query with the case's samples.
struct Answer(Vec<(Labels, Value)>);

impl QueryFunction for Answer {
    fn query(&self, _: &str) -> Result<Vec<(Labels, Value)>, String> {
        Ok(self.0.clone())
    }
}

fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Nil,
        Json::Bool(truth) => (*truth).into(),
        Json::Number(number) => match number.as_i64() {
            Some(number) => number.into(),
            None => number.as_f64().unwrap().into(),
        },
        Json::String(text) => text.as_str().into(),
        Json::Array(items) => items.iter().map(value).collect::<Vec<_>>().into(),
        Json::Object(entries) => Map::new(entries.iter().map(|(name, json)| (name.as_str(), value(json)))).into(),
    }
}

fn samples(case: &Json) -> Vec<(Labels, Value)> {
    let samples = case["queryResult"].as_array().into_iter().flatten();
    let sample = |sample: &Json| {
        let labels = sample["Metric"].as_object().into_iter().flatten();
        let pairs = labels.map(|(name, value)| (name.as_str(), value.as_str().unwrap()));
        (Labels::from_pairs(pairs), Value::from(sample["F"].as_f64().unwrap_or_default()))
    };
    samples.map(sample).collect()
}

/// What a case's template gives.
fn expand(case: &Json) -> Result<String, String> {
    let error_on_missing =
        case["options"].as_array().is_some_and(|options| options.contains(&"missingkey=error".into()));
    let missing_key = if error_on_missing { MissingKey::Error } else { MissingKey::Zero };
    let templates = Templates::new(Functions::prometheus_consoles()).with_missing_key(missing_key);
    let environment = Environment {
        now: TimestampMs(NOW_MS).to_ns(),
        external_url: "http://testhost:9090/path/prefix".to_owned(),
        query: Some(Arc::new(Answer(samples(case)))),
    };
    let (text, data) = (case["text"].as_str().unwrap(), value(&case["input"]));
    let answer = match case["html"].as_bool() {
        Some(true) => templates.render_html(text, &data, &environment),
        _ => templates.render_text(text, &data, &environment),
    };
    answer.map_err(|errors| errors.one_line())
}

#[test]
fn template_expansion() {
    let Some(root) = conformance() else { return };
    let cases = read(&root.join("prom-config/template_expansion.json"));
    let (mut passed, mut excluded, mut wrong) = (0, Vec::new(), Vec::new());
    for case in cases["cases"].as_array().unwrap() {
        let text = case["text"].as_str().unwrap();
        if case["output"].is_object() {
            excluded.push(format!("{text}: the expected text is not in the data (a histogram's String())"));
            continue;
        }
        let expected = match case["shouldFail"].as_bool() {
            Some(true) => None,
            _ => case["output"].as_str(),
        };
        let answer = expand(case);
        if answer.as_deref().ok() == expected {
            passed += 1;
        } else {
            wrong.push(format!("{text}\n  expected {expected:?}\n  got      {answer:?}"));
        }
    }
    println!("template_expansion: {passed} pass, {} excluded: {excluded:#?}", excluded.len());
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(passed >= 85);
}

#[test]
fn queries_are_counted() {
    let environment = Environment { query: Some(Arc::new(Answer(Vec::new()))), ..Environment::default() };
    let templates = Templates::for_rules();
    let render = |text| templates.render_text(text, &Value::Nil, &environment).map_err(|errors| errors.one_line());
    assert_eq!(render("{{ range 1000 }}{{ $x := query \"up\" }}{{ end }}"), Ok(String::new()));
    assert!(render("{{ range 1001 }}{{ $x := query \"up\" }}{{ end }}").unwrap_err().contains("queries_max (1000)"));
}

/// The texts between `key: "` and `"` of a rule file: its labels and annotations.
fn templates_of(rule_file: &str) -> Vec<String> {
    let quoted = rule_file.lines().filter_map(|line| line.trim().split_once(": \""));
    quoted.filter_map(|(_, text)| text.strip_suffix('"')).map(str::to_owned).collect()
}

#[test]
fn rule_templates_are_validated() {
    let Some(root) = conformance() else { return };
    let cases = read(&root.join("prom-config/rulefmt/template_validation.json"));
    let templates = Templates::for_rules();
    let mut passed = 0;
    for case in cases["cases"].as_array().unwrap() {
        let texts = templates_of(case["ruleString"].as_str().unwrap());
        assert!(texts.len() >= 2, "{case}");
        let errors: Vec<String> =
            texts.iter().filter_map(|text| templates.compile("rule", text).err()).map(|e| e.to_string()).collect();
        assert_eq!(errors.is_empty(), case["shouldPass"].as_bool().unwrap(), "{case}\n{errors:#?}");
        passed += 1;
    }
    println!("template_validation: {passed} pass");
    assert_eq!(passed, 5);
}
