//! The status page: all groups, what they hold, and a button to delete each. Plain HTML that reads without script.

use super::family::{Family, Metric, Value, type_name};
use super::json::{number, time};
use super::state::Group;
use std::sync::Arc;

const HEAD: &str = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex,nofollow">
<title>Pushgateway</title>
<style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 1rem auto; padding: 0 1rem; }
details { border: 1px solid; border-radius: 4px; margin: .5rem 0; padding: .25rem .75rem; }
summary { cursor: pointer; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; font-weight: 600; padding-top: .5rem; overflow-wrap: anywhere; }
th, td { text-align: left; border-top: 1px solid; padding: .15rem .5rem .15rem 0; overflow-wrap: anywhere; }
td:last-child, th:last-child { text-align: right; font-variant-numeric: tabular-nums; }
.failed { font-weight: 600; }
</style>
</head>
<body>
<h1>Pushgateway</h1>
"#;

/// Deleting needs a method that no form has. The path is relative to this page's, whatever prefix it is served under.
const SCRIPT: &str = r#"<script>
const base = location.pathname.replace(/\/(status)?$/, '');
for (const button of document.querySelectorAll('button[data-path]')) {
  button.addEventListener('click', async () => {
    if (!confirm(button.dataset.question)) return;
    const response = await fetch(base + button.dataset.path, { method: button.dataset.method });
    if (response.ok) location.reload(); else alert(await response.text());
  });
}
</script>
"#;

/// The whole page.
pub(super) fn page(groups: &[Arc<Group>], admin_api: bool) -> String {
    let mut html = HEAD.to_owned();
    match groups.len() {
        0 => html.push_str(
            "<p>Nothing has been pushed. Try <code>echo 'some_metric 3.14' | curl --data-binary @- \
             http://127.0.0.1:9091/metrics/job/some_job</code>.</p>\n",
        ),
        count => html.push_str(&format!("<p>{count} group{} of metrics.</p>\n", if count == 1 { "" } else { "s" })),
    }
    if admin_api && !groups.is_empty() {
        html.push_str(&button("Delete all groups", "/api/v1/admin/wipe", "PUT", "Delete all groups?"));
    }
    groups.iter().for_each(|group| html.push_str(&section(group)));
    html.push_str(SCRIPT);
    html.push_str("</body>\n</html>\n");
    html
}

fn section(group: &Group) -> String {
    let others = group.grouping.0.iter().filter(|(name, _)| *name != "job");
    let key: Vec<String> = group
        .grouping
        .0
        .get_key_value("job")
        .into_iter()
        .chain(others)
        .map(|(name, value)| format!("{name}={value:?}"))
        .collect();
    let key = key.join(", ");
    let failed = match group.last_push_succeeded() {
        true => String::new(),
        false => format!(" <span class=\"failed\">The last push failed, {}.</span>", time(group.failed)),
    };
    let pushed = match group.pushed.0 {
        0 => "never pushed with success".to_owned(),
        _ => format!("last pushed {}", time(group.pushed)),
    };
    let mut html = format!("<details>\n<summary>{}: {pushed}.{failed}</summary>\n", escape(&key));
    for stored in group.families.values() {
        html.push_str(&table(&stored.family));
    }
    let path = format!("/metrics/{}", group.grouping.to_path());
    html.push_str(&button("Delete this group", &path, "DELETE", &format!("Delete {key}?")));
    html.push_str("</details>\n");
    html
}

fn table(family: &Family) -> String {
    let kind = type_name(family.metric_type).to_lowercase();
    let mut html = format!("<table>\n<caption>{} ({kind}): {}</caption>\n", escape(&family.name), escape(&family.help));
    html.push_str("<tr><th scope=\"col\">Labels</th><th scope=\"col\">Value</th></tr>\n");
    for metric in &family.metrics {
        html.push_str(&format!("<tr><td>{}</td><td>{}</td></tr>\n", escape(&labels(metric)), escape(&value(metric))));
    }
    html.push_str("</table>\n");
    html
}

fn labels(metric: &Metric) -> String {
    let pairs: Vec<String> = metric.labels.iter().map(|(name, value)| format!("{name}={value:?}")).collect();
    pairs.join(", ")
}

fn value(metric: &Metric) -> String {
    match &metric.value {
        Value::Number(value) => number(*value),
        Value::Summary { count, sum, .. } | Value::Histogram { count, sum, .. } => {
            format!("{} with the sum {}", number(*count), number(*sum))
        }
    }
}

fn button(text: &str, path: &str, method: &str, question: &str) -> String {
    let (path, question) = (escape(path), escape(question));
    format!(
        "<p><button data-path=\"{path}\" data-method=\"{method}\" data-question=\"{question}\">{text}</button></p>\n"
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::super::grouping::Grouping;
    use super::super::text;
    use super::*;
    use lgtm_model::TimestampNs;

    #[test]
    fn nothing_pushed_gets_into_the_page_as_markup() {
        let mut group = Group::new(Grouping::from_path("job@base64/PHNjcmlwdD4i", false).unwrap());
        let body = b"# HELP a <script>\na{x=\"<script>\"} 1\n";
        group.take(text::families(body, false).unwrap().families, true, TimestampNs(1_000_000_000));
        group.failed = TimestampNs(2_000_000_000);
        let html = page(&[Arc::new(group)], true);
        assert_eq!(html.matches("<script>").count(), 1, "{html}");
        assert!(html.contains("1970-01-01T00:00:01Z") && html.contains("The last push failed"), "{html}");
        assert!(html.contains("data-path=\"/metrics/job@base64/PHNjcmlwdD4i\""), "{html}");
    }
}
