//! `lgtm alerts`: what fires, as the notifier of a running server has it.

use super::Outcome;
use super::server::Server;
use crate::cli::AlertsOptions;
use crate::error::RunError;
use crate::tell::tell;
use serde_json::Value;

/// Lists alerts; JSON with `--json`.
pub async fn run(options: AlertsOptions) -> Result<Outcome, RunError> {
    let server = Server::new(&options.server)?;
    let mut query: Vec<(&str, &str)> = options.filters.iter().map(|filter| ("filter", filter.as_str())).collect();
    if !options.all {
        query.extend([("silenced", "false"), ("inhibited", "false")]);
    }
    let alerts = server.ask("GET", "/alertmanager/api/v2/alerts", &query, None).await?;
    if options.json {
        tell(format!("{alerts:#}"));
        return Ok(Outcome::Good);
    }
    let alerts = alerts.as_array().map(Vec::as_slice).unwrap_or_default();
    if alerts.is_empty() {
        tell(format!(
            "no alert fires{}",
            if options.all { "" } else { " that is neither silenced nor inhibited (--all shows those)" }
        ));
        return Ok(Outcome::Good);
    }
    let rows: Vec<[String; 5]> = alerts.iter().map(row).collect();
    tell(columns(["SEVERITY", "ALERT", "INSTANCE", "SINCE", "SUMMARY"], &rows));
    Ok(Outcome::Good)
}

fn row(alert: &Value) -> [String; 5] {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let labels = &alert["labels"];
    let instance = [&labels["instance"], &labels["service"]].into_iter().find(|value| value.is_string());
    let state = text(&alert["status"]["state"]);
    let name = text(&labels["alertname"]);
    let name = if state == "active" { name } else { format!("{name} ({state})") };
    let since = text(&alert["startsAt"]).chars().take(19).collect::<String>().replace('T', " ");
    [
        text(&labels["severity"]),
        name,
        instance.map_or("-".to_owned(), text),
        since,
        text(&alert["annotations"]["summary"]),
    ]
}

/// Rows under their headings, each column as wide as its widest text.
pub fn columns<const N: usize>(headings: [&str; N], rows: &[[String; N]]) -> String {
    let width = |column: usize| {
        rows.iter().map(|row| row[column].chars().count()).chain([headings[column].len()]).max().unwrap_or_default()
    };
    let widths: [usize; N] = std::array::from_fn(width);
    let mut text = String::new();
    for row in std::iter::once(&headings.map(str::to_owned)).chain(rows) {
        let cells: Vec<String> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_text() {
        let rows = [["a".to_owned(), "bbb".to_owned()], ["längst".to_owned(), "c".to_owned()]];
        assert_eq!(columns(["X", "Y"], &rows), "X       Y\na       bbb\nlängst  c\n");
    }
}
