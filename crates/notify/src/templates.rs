//! The templates that receivers name: ours, which every configuration has, and those of its own files.
//!
//! Texts are tried on sample data while a configuration is read, so that a function that does not exist or a field
//! that is misspelt is found at once and not when something is wrong.

use glob::glob;
use lgtm_model::{Labels, TimestampNs};
use lgtm_settings::{Node, Problem, Problems};
use lgtm_template::{
    AlertData, Environment, Kv, NotificationData, TemplateError, TemplateErrors, Templates as Set, Time, Value,
};
use std::path::{Path, PathBuf};

/// Ours. Later files may define the same names anew.
const BUILT_IN: [(&str, &str); 2] = [
    ("default.tmpl", include_str!("../templates/default.tmpl")),
    ("email.tmpl", include_str!("../templates/email.tmpl")),
];

/// Files of templates in one configuration.
const FILES_MAX: usize = 1000;

/// Bytes of one file.
const FILE_SIZE_BYTES_MAX: u64 = 4 << 20;

/// What Go says of a field that is not there, and what no data can mend.
const NO_FIELD: &str = "can't evaluate field";

/// A set of templates; see the module.
#[derive(Clone, Debug)]
pub struct Templates {
    set: Set,
    samples: Vec<Value>,
    /// What was read, by which two sets are compared.
    texts: Vec<(PathBuf, String)>,
    /// Whether all files were read. If not, what is missing may be in those that were not.
    complete: bool,
}

impl PartialEq for Templates {
    fn eq(&self, other: &Self) -> bool {
        self.texts == other.texts
    }
}

impl Eq for Templates {}

impl Default for Templates {
    fn default() -> Self {
        Self::built_in()
    }
}

impl Templates {
    /// Ours alone.
    pub fn built_in() -> Self {
        Self::with_built_in().0
    }

    fn with_built_in() -> (Self, Vec<Problem>) {
        let mut templates =
            Self { set: Set::for_notifications(), samples: samples(), texts: Vec::new(), complete: true };
        let mut problems = Vec::new();
        for (name, text) in BUILT_IN {
            templates.add(Path::new(name), text, &mut problems);
        }
        (templates, problems)
    }

    /// Ours and those of files: paths in which `*` and `?` stand for others. A pattern that no file matches is no
    /// problem. The templates are usable in any case, with those of the files that could be read.
    pub fn load(patterns: &[PathBuf]) -> (Self, Problems) {
        let (mut templates, mut problems) = Self::with_built_in();
        for pattern in patterns {
            let name = pattern.display().to_string();
            match glob(&name) {
                Ok(paths) => {
                    for path in paths.filter_map(Result::ok).take(FILES_MAX) {
                        match read(&path) {
                            Ok(text) => templates.add(&path, &text, &mut problems),
                            Err(reason) => problems.push(Problem::of_file(&path.display().to_string(), reason)),
                        }
                    }
                }
                Err(error) => problems.push(Problem::of_file(&name, format!("is no pattern of paths: {error}"))),
            }
        }
        let undefined = templates.set.undefined();
        problems.extend(undefined.iter().map(problem));
        templates.complete = problems.is_empty();
        (templates, Problems { list: problems })
    }

    fn add(&mut self, path: &Path, text: &str, problems: &mut Vec<Problem>) {
        self.texts.push((path.to_owned(), text.to_owned()));
        if let Err(errors) = self.set.parse(&path.display().to_string(), text) {
            problems.extend(errors.list.iter().map(problem));
        }
    }

    /// Tries a text that stands at `node`; notes what is wrong with it there.
    pub(crate) fn check_text(&self, text: &str, node: Node<'_>) -> bool {
        self.check(text, node, false)
    }

    /// The same for HTML.
    pub(crate) fn check_html(&self, text: &str, node: Node<'_>) -> bool {
        self.check(text, node, true)
    }

    fn check(&self, text: &str, node: Node<'_>, html: bool) -> bool {
        if !text.contains("{{") || !self.complete {
            return true;
        }
        let compiled = match self.set.compile("", text) {
            Ok(compiled) => compiled,
            Err(errors) => {
                errors.list.iter().for_each(|error| node.problem(place(error)));
                return false;
            }
        };
        let undefined = self.set.undefined_in(&compiled);
        undefined.iter().for_each(|error| node.problem(place(error)));
        if !undefined.is_empty() {
            return false;
        }
        let environment = environment();
        for sample in &self.samples {
            let rendered = match html {
                true => self.set.render_template_html(&compiled, sample, &environment),
                false => self.set.render_template(&compiled, sample, &environment),
            };
            match rendered {
                Ok(_) => {}
                Err(error) if error.message.contains(NO_FIELD) => {
                    node.problem(place(&error));
                    return false;
                }
                // Other data may do: an alert may have the label that this one lacks.
                Err(error) => {
                    node.warn(format!("fails for an alert such as any rule may send: {}", place(&error)));
                    return true;
                }
            }
        }
        true
    }

    /// Renders a text.
    pub(crate) fn text(&self, text: &str, data: &Value, environment: &Environment) -> Result<String, String> {
        self.set.render_text(text, data, environment).map_err(one_line)
    }

    /// Renders a text as HTML.
    pub(crate) fn html(&self, text: &str, data: &Value, environment: &Environment) -> Result<String, String> {
        self.set.render_html(text, data, environment).map_err(one_line)
    }

    /// Renders a text on the sample data, as `amtool template render` does.
    pub fn preview(&self, text: &str) -> Result<String, TemplateErrors> {
        let sample = self.samples.first().cloned().unwrap_or_default();
        self.set.render_text(text, &sample, &environment())
    }

    /// The names that texts may call, sorted.
    pub fn names(&self) -> Vec<&str> {
        self.set.names()
    }
}

fn one_line(errors: TemplateErrors) -> String {
    errors.one_line()
}

fn read(path: &Path) -> Result<String, String> {
    let size = std::fs::metadata(path).map_err(|error| format!("cannot be read: {error}"))?.len();
    if size > FILE_SIZE_BYTES_MAX {
        return Err(format!("is larger than {FILE_SIZE_BYTES_MAX} bytes"));
    }
    std::fs::read_to_string(path).map_err(|error| format!("cannot be read: {error}"))
}

/// A problem in a file of templates, with its place there.
fn problem(error: &TemplateError) -> Problem {
    let mut problem = Problem::of_file(&error.template, told(error));
    (problem.line, problem.column) = (error.line, error.column);
    problem
}

/// A problem in a text within a configuration, whose own place is shown already.
fn place(error: &TemplateError) -> String {
    if error.template.is_empty() {
        return format!("template line {}, column {}: {}", error.line, error.column, told(error));
    }
    format!("template {}:{}:{}: {}", error.template, error.line, error.column, told(error))
}

fn told(error: &TemplateError) -> String {
    match &error.hint {
        Some(hint) => format!("{}; {hint}", error.message),
        None => error.message.clone(),
    }
}

fn environment() -> Environment {
    Environment { external_url: SAMPLE_URL.to_owned(), ..Environment::at(SAMPLE_START.add_ns(MINUTE_NS)) }
}

const SAMPLE_URL: &str = "http://lgtm.example.org";
const SAMPLE_START: TimestampNs = TimestampNs(1_767_323_045_000_000_000);
const MINUTE_NS: i64 = 60_000_000_000;

/// One notification that fires and one that is over, with all that our own rules send.
fn samples() -> Vec<Value> {
    let alert = |status: &str, instance: &str| AlertData {
        status: status.into(),
        labels: Kv::from(&Labels::from_pairs([
            ("alertname", "HighCpu"),
            ("severity", "critical"),
            ("instance", instance),
            ("job", "node"),
        ])),
        annotations: Kv::from(&Labels::from_pairs([
            ("summary", "The processor is busy"),
            ("description", "For ten minutes more than nine tenths of the processor's time were used."),
            ("value", "93%"),
            ("dashboard_url", "http://lgtm.example.org/d/host?viewPanel=2"),
            ("runbook_url", "http://lgtm.example.org/runbooks/HighCpu"),
        ])),
        starts_at: Time::from(SAMPLE_START),
        ends_at: if status == "resolved" { Time::from(SAMPLE_START.add_ns(MINUTE_NS)) } else { Time::zero() },
        generator_url: "http://lgtm.example.org/explore".into(),
        fingerprint: "0123456789abcdef".into(),
    };
    let data = |reason: &str, alerts| {
        let data = NotificationData {
            receiver: "on-call".into(),
            notification_reason: reason.into(),
            group_labels: Kv::new([("alertname", "HighCpu")]),
            external_url: SAMPLE_URL.into(),
            ..NotificationData::default()
        };
        Value::from(data.with_alerts(alerts))
    };
    vec![
        data("first notification", vec![alert("firing", "app-1:9100"), alert("resolved", "app-2:9100")]),
        data("all alerts resolved", vec![alert("resolved", "app-1:9100")]),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use lgtm_settings::read_text;

    fn checked(text: &str) -> String {
        let templates = Templates::built_in();
        let read = read_text("a.yml", text, |node| templates.check_text(&node.string()?, node).then_some(()));
        read.map_or_else(|problems| problems.to_string(), |reading| format!("ok{}", reading.warnings))
    }

    #[test]
    fn ours_are_without_problems() {
        let (templates, problems) = Templates::load(&[]);
        assert!(problems.is_empty(), "{problems}");
        for name in
            templates.names().into_iter().filter(|name| name.contains(".default.") && !name.ends_with("instances"))
        {
            let text = templates.preview(&format!("{{{{ template {name:?} . }}}}"));
            assert!(text.is_ok(), "{name}: {text:?}");
        }
    }

    #[test]
    fn a_function_of_other_dialects_is_refused_with_the_working_form() {
        let problems = checked(r#"'{{ .CommonLabels.instance | default "N/A" }}'"#);
        assert!(problems.starts_with("a.yml:1:1: template line 1, column "), "{problems}");
        assert!(problems.contains("\"default\"") && problems.contains("{{ else }}N/A{{ end }}"), "{problems}");
    }

    #[test]
    fn misspelt_fields_and_templates_are_refused() {
        assert!(checked("'{{ .ComonLabels.instance }}'").contains("ComonLabels"));
        assert!(checked("'{{ range .Alerts }}{{ .StartAt }}{{ end }}'").contains("StartAt"));
        assert!(checked("'{{ template \"slack.default.tilte\" . }}'").contains("slack.default.title"));
        assert_eq!(checked("'{{ .CommonLabels.any }}{{ .GroupLabels.thing }}'"), "ok");
        assert!(checked("'{{ index .Alerts 7 }}'").starts_with("oka.yml:1:1: warning: fails for an alert"));
    }

    #[test]
    fn files_replace_what_is_ours_and_their_problems_have_places() {
        let directory = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(directory.path().join(name), text).unwrap();
        write("a.tmpl", r#"{{ define "__subject" }}mine{{ end }}"#);
        let (templates, problems) = Templates::load(&[directory.path().join("*.tmpl"), directory.path().join("none*")]);
        assert!(problems.is_empty(), "{problems}");
        assert_eq!(templates.preview("{{ template \"slack.default.title\" . }}").unwrap(), "mine");
        write("b.tmpl", "{{ define \"x\" }}\n  {{ .Status | default \"?\" }}{{ end }}");
        let problems = Templates::load(&[directory.path().join("*.tmpl")]).1.to_string();
        assert!(problems.contains("b.tmpl:2:") && problems.contains("{{ else }}?{{ end }}"), "{problems}");
    }
}
