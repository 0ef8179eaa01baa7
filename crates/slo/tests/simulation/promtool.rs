//! What `content/slo` compiles to is a rule file to Prometheus' own tool, if it is installed.

use lgtm_slo::{Config, Scale, compile, rule_file_text};
use std::path::Path;
use std::process::Command;

#[test]
fn promtool_accepts_the_rules_of_our_own_objectives() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../content/slo");
    let reading = Config::read_dir(&folder).unwrap();
    assert!(reading.warnings.is_empty(), "{}", reading.warnings);
    assert!(reading.value.slos.len() >= 3);
    for factor in [1, 12] {
        let text = rule_file_text(&compile(&reading.value.slos, Scale::new(factor).unwrap()));
        let file = tempfile::Builder::new().suffix(".yml").tempfile().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let Ok(output) = Command::new("promtool").args(["check", "rules"]).arg(file.path()).output() else {
            println!("skipped: promtool is not installed");
            return;
        };
        let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        assert!(said.contains("SUCCESS"), "{said}");
    }
}

#[test]
fn every_alert_has_a_runbook_that_answers_six_questions() {
    let content = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../content");
    let slos = Config::read_dir(&content.join("slo")).unwrap().value.slos;
    let mut checked = 0;
    for rule in compile(&slos, Scale::default()).iter().flat_map(|group| &group.rules) {
        let lgtm_slo::RuleKind::Alert { name, annotations, .. } = &rule.kind else { continue };
        let link = annotations.iter().find(|(key, _)| key == "runbook_url").map(|(_, link)| link.as_str());
        assert_eq!(link, Some(format!("{{{{ $externalURL }}}}/runbooks/{name}").as_str()));
        let text = std::fs::read_to_string(content.join("runbooks").join(format!("{name}.md"))).unwrap();
        let questions = text.lines().filter(|line| line.starts_with("## ") && line.ends_with('?')).count();
        assert_eq!(questions, 6, "{name}");
        checked += 1;
    }
    assert!(checked >= 3 * 6);
}
