//! A Slack message and an email about 100 alerts: what a notifier does for each group that it tells.

#![expect(clippy::disallowed_methods, reason = "a benchmark measures the machine's own time")]

use lgtm_template::{AlertData, Environment, Kv, NotificationData, Templates, Value};
use std::time::Instant;

const SLACK: &str = r#"{{ define "title" }}[{{ .Status | toUpper }}:{{ .Alerts.Firing | len }}] {{ .GroupLabels.SortedPairs.Values | join " " }}{{ end -}}
{{ template "title" . }}
{{ range .Alerts }}*{{ .Labels.alertname }}* ({{ if .Labels.severity }}{{ .Labels.severity }}{{ else }}none{{ end }}): {{ .Annotations.summary }}
Since {{ .StartsAt.Format "2006-01-02 15:04:05 MST" }}, {{ reReplaceAll ":.*" "" .Labels.instance }}
{{ range .Labels.SortedPairs }} • {{ .Name }}: `{{ .Value }}`
{{ end }}{{ end }}"#;

const HTML: &str = r#"<table>{{ range .Alerts.Firing }}<tr><td>{{ range .Labels.SortedPairs }}{{ .Name }} = {{ .Value }}<br />{{ end }}
<a href="{{ .GeneratorURL }}">Source</a></td></tr>{{ end }}</table>"#;

const ROUNDS: u32 = 200;

fn data() -> Value {
    let alerts = (0..100).map(|index| {
        let instance = format!("host{index}.example.com:9100");
        let labels = [
            ("alertname", "DiskFull"),
            ("instance", &instance),
            ("job", "node"),
            ("severity", "page"),
            ("mountpoint", "/var"),
        ];
        AlertData {
            status: "firing".into(),
            labels: Kv::new(labels),
            annotations: Kv::new([("summary", format!("/var on {instance} is 97% full"))]),
            generator_url: "http://prometheus/graph?g0.expr=disk".into(),
            ..AlertData::default()
        }
    });
    let data = NotificationData { group_labels: Kv::new([("alertname", "DiskFull")]), ..NotificationData::default() };
    data.with_alerts(alerts.collect()).into()
}

fn main() {
    let templates = Templates::for_notifications();
    let environment = Environment::default();
    let data = data();
    let (slack, html) = (templates.compile("slack", SLACK).unwrap(), templates.compile("email", HTML).unwrap());
    let measure = |what: &str, run: &dyn Fn() -> usize| {
        let start = Instant::now();
        let bytes: usize = (0..ROUNDS).map(|_| run()).sum();
        let each = start.elapsed() / ROUNDS;
        println!("{what}: {} µs each, {} bytes", each.as_micros(), bytes / ROUNDS as usize);
    };
    measure("parse the Slack template", &|| {
        templates.compile("slack", SLACK).unwrap();
        SLACK.len()
    });
    measure("Slack message, 100 alerts", &|| templates.render_template(&slack, &data, &environment).unwrap().len());
    measure("email, 100 alerts", &|| templates.render_template_html(&html, &data, &environment).unwrap().len());
}
