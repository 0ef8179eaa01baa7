//! What links may lead to: the pages of the app and the places on them.

/// The pages, as the app's router writes them; a segment behind a colon may be anything.
pub const PAGES: &[&str] =
    &["/", "/alerts", "/slo", "/runbooks", "/runbooks/:name", "/logs", "/traces", "/trace/:id", "/targets"];

/// The panels that a link may name behind `#`: the ids of their titles.
pub const PANELS: &[&str] = &[
    "title-latency",
    "title-traffic",
    "title-errors",
    "title-errors-by-endpoint",
    "title-saturation-service",
    "title-saturation-host",
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// Every text behind `before` and up to the next quote.
    fn between<'a>(text: &'a str, before: &str) -> Vec<&'a str> {
        text.split(before).skip(1).filter_map(|rest| rest.split('"').next()).collect()
    }

    fn source(path: &str) -> String {
        let ui = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/src");
        std::fs::read_to_string(ui.join(path)).unwrap()
    }

    #[test]
    fn the_lists_are_those_of_the_app() {
        assert_eq!(between(&source("App.tsx"), "<Route path=\""), PAGES);
        let signals = source("pages/golden/signals.ts");
        let panels: Vec<String> = between(&signals, "    id: \"").iter().map(|id| format!("title-{id}")).collect();
        assert_eq!(panels, PANELS);
        assert!(source("panels/ChartPanel.tsx").contains("id={`title-${id}`}"));
    }
}
