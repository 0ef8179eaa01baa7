//! Statuses as a table for a terminal.

use crate::scale::text;
use crate::status::{SloStatus, rfc3339};

/// One line an objective, columns as wide as they need to be.
pub fn table(statuses: &[SloStatus]) -> String {
    let head = ["SLO", "SERVICE", "OBJECTIVE", "SLI", "BUDGET LEFT", "OF", "BURN", "STATE", "SINCE", "ALERTS"];
    let mut rows = vec![head.map(str::to_owned)];
    rows.extend(statuses.iter().map(row));
    let mut widths = [0; 10];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut out = String::new();
    for row in &rows {
        let cells: Vec<String> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        out.push_str(cells.join("  ").trim_end());
        out.push('\n');
    }
    out
}

fn row(status: &SloStatus) -> [String; 10] {
    let percent = |share: Option<f64>, digits: usize| match share {
        Some(share) => format!("{:.digits$}%", share * 100.0),
        None => "-".to_owned(),
    };
    let burn = status.burn_rates.iter().map(|burn| match burn.rate {
        Some(rate) => format!("{rate:.1}×/{}", burn.window),
        None => format!("-/{}", burn.window),
    });
    let firing: Vec<&str> =
        status.alerts.iter().filter(|alert| alert.state == "firing").map(|alert| alert.name.as_str()).collect();
    [
        status.name.clone(),
        status.service.clone(),
        percent(Some(status.objective), 2),
        percent(status.sli, 3),
        percent(status.budget_remaining(), 1),
        text(status.budget_ms),
        burn.collect::<Vec<String>>().join(" "),
        status.state.as_str().to_owned(),
        status.state_since.map_or_else(|| "-".to_owned(), rfc3339),
        if firing.is_empty() { "-".to_owned() } else { firing.join(",") },
    ]
}
