//! Upstream's configurations, as far as they are about receivers: which are accepted and which refused.

use lgtm_notify::config::receivers::{Context, Receiver, read};
use lgtm_notify::config::{Global, HostPort};
use lgtm_notify::receivers::{Collaborators, build};
use lgtm_notify::{Config, Templates};
use lgtm_runtime::{Random, SystemClock};
use lgtm_settings::{Fields, Problems, read_text};
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;

/// Verdicts on routes and inhibition rules, which are read elsewhere.
const APART: [&str; 3] = [
    "conf.nil-match_re-route.yml",
    "conf.nil-source_match_re-inhibition.yml",
    "conf.nil-target_match_re-inhibition.yml",
];

fn root() -> Option<std::path::PathBuf> {
    let root = std::env::var("LGTM_CONFORMANCE").ok();
    if root.is_none() {
        eprintln!("skipped: Alertmanager's receivers (LGTM_CONFORMANCE is not set)");
    }
    Some(Path::new(&root?).join("alertmanager"))
}

/// Global settings and receivers of a whole file.
fn receivers(text: &str) -> Result<Vec<Receiver>, Problems> {
    let templates = Arc::new(Templates::built_in());
    let all = |fields: &mut Fields<'_>| {
        let global = fields.or_default("global", Global::read);
        let context = Context { global: &global, templates: &templates };
        fields.accept(
            &["route", "inhibit_rules", "templates", "time_intervals", "mute_time_intervals"],
            "is read elsewhere",
        );
        Some(fields.or_default("receivers", |node| node.list(|item| read(item, &context))))
    };
    read_text("alertmanager.yml", text, |node| node.map(all)).map(|reading| reading.value)
}

#[test]
fn verdicts_are_upstreams_and_what_is_accepted_can_be_built() {
    let Some(root) = root() else { return };
    let table = std::fs::read_to_string(root.join("config/expected.tsv")).unwrap();
    let with = Collaborators {
        external_url: "http://lgtm.example.org".to_owned(),
        clock: SystemClock::shared(),
        random: Random::from_seed(1),
    };
    let (mut agreed, mut built, mut wrong) = (0, 0, Vec::new());
    for line in table.lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let (file, good) = (columns[0], columns[1] == "good");
        if APART.contains(&file) {
            continue;
        }
        let text = std::fs::read_to_string(root.join("config/testdata").join(file)).unwrap();
        let read = receivers(&text);
        if read.is_ok() != good {
            wrong.push(format!("{file}: {:?}", read.err().map(|problems| problems.to_string())));
            continue;
        }
        agreed += 1;
        for receiver in read.unwrap_or_default() {
            match build(&receiver, &with) {
                Ok(made) => built += made.len(),
                Err(error) => wrong.push(format!("{file}: {error}")),
            }
        }
    }
    eprintln!(
        "receivers: {agreed} of {} files agree, {built} integrations; apart: {APART:?}",
        table.lines().count() - 1
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(agreed > 40 && built > 30, "{agreed} {built}");
}

#[test]
fn inline_cases_of_receivers() {
    let Some(root) = root() else { return };
    let text = std::fs::read_to_string(root.join("config/inline_cases.json")).unwrap();
    let data: Value = serde_json::from_str(&text).unwrap();
    // What a fragment is, the cases do not say; the fields that upstream's test gives by other ways are added.
    let wrapped = |test: &str, yaml: &str| {
        let indented = |field: &str, more: &str| {
            let body: String = yaml.trim_end().lines().map(|line| format!("    {line}\n")).collect();
            format!("receivers:\n- name: x\n  {field}:\n  - send_resolved: true\n{more}{body}")
        };
        Some(match test {
            _ if test.starts_with("TestEmail") => indented("email_configs", "    from: a@x\n    smarthost: x:25\n"),
            "TestSlackFieldConfigUnmarshaling" | "TestSlackActionsValidation" => {
                indented("slack_configs", "    api_url: http://x/y\n")
            }
            _ if test.starts_with("TestMSTeamsV2") => yaml.to_owned(),
            _ => return None,
        })
    };
    let mut agreed = 0;
    for case in data["cases"].as_array().unwrap() {
        let (test, yaml) = (case["test"].as_str().unwrap(), case["yaml"].as_str().unwrap());
        let Some(text) = wrapped(test, yaml) else { continue };
        let read = receivers(&text);
        assert_eq!(read.is_err(), case["error"].is_string(), "{test}: {:?}\n{text}", read.err().map(|p| p.to_string()));
        agreed += 1;
    }
    eprintln!("inline cases: {agreed} about receivers agree");
    assert!(agreed >= 8, "{agreed}");
}

#[test]
fn addresses_of_mail_servers() {
    let Some(root) = root() else { return };
    let text = std::fs::read_to_string(root.join("config/host_port.json")).unwrap();
    let data: Value = serde_json::from_str(&text).unwrap();
    for case in data["cases"].as_array().unwrap() {
        let written: String = serde_json::from_str(case["in"].as_str().unwrap()).unwrap();
        let parsed = HostPort::parse(&written);
        assert_eq!(parsed.is_err(), case["err"] == Value::Bool(true), "{case}");
        let Ok(Some(address)) = parsed else { continue };
        assert_eq!(address.host, case["exp"]["Host"].as_str().unwrap_or_default());
        assert_eq!(address.port.to_string(), case["exp"]["Port"].as_str().unwrap());
    }
}

#[test]
fn kinds_that_do_not_exist_are_refused_by_name_and_problems_come_all_at_once() {
    let problems = receivers(
        "receivers:\n- name: x\n  pagerdutty_configs: []\n  slack_configs:\n  - title: '{{ .Staus }}'\n  discord_configs:\n  -\n",
    );
    let text = problems.unwrap_err().to_string();
    for part in ["did you mean \"pagerduty_configs\"?", "Staus", "no Slack API URL", "missing discord config"] {
        assert!(text.contains(part), "{part:?} is missing in {text}");
    }
}

#[test]
fn what_a_new_install_is_given_is_read_and_its_texts_are_rendered() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../content/alertmanager.yml");
    let config = Config::read_file(&path).map_err(|problems| problems.to_string()).unwrap();
    assert!(config.warnings.is_empty(), "{}", config.warnings);
    let slack = config.value.receivers.iter().find(|receiver| receiver.name == "slack").unwrap();
    let text = slack.templates.preview(r#"{{ template "lgtm.slack.text" . }}"#).unwrap();
    for part in ["HighCpu", "critical", "app-1:9100", "93%", "from=1767322145000", "|Runbook>", "Lasted: 1m0s"] {
        assert!(text.contains(part), "{part:?} is missing in {text}");
    }
}
