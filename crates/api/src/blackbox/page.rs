//! The page with recent probes.

use lgtm_probe::{Config, PastProbe};
use std::sync::Arc;

/// The newest probes first, each with its log, and the modules that there are.
pub(super) fn recent(history: &[Arc<PastProbe>], config: &Config) -> String {
    let rows: String = history
        .iter()
        .rev()
        .map(|probe| {
            let result = if probe.success { "Success" } else { "<strong>Failure</strong>" };
            format!(
                "<tr><td>{}</td><td>{}</td><td>{result}</td><td><a href=\"logs?id={}\">Logs</a></td></tr>\n",
                escaped(&probe.module),
                escaped(&probe.target),
                probe.id
            )
        })
        .collect();
    let modules: String = config
        .modules
        .iter()
        .map(|(name, module)| format!("<li><code>{}</code> ({})</li>\n", escaped(name), module.prober()))
        .collect();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>Probes</title></head>\n<body>\n\
         <h1>Probes</h1>\n<p><a href=\"config\">Modules as they are configured</a></p>\n\
         <h2>Recent probes</h2>\n<table border=\"1\">\n\
         <tr><th>Module</th><th>Target</th><th>Result</th><th>Debug</th></tr>\n{rows}</table>\n\
         <h2>Modules</h2>\n<p>Probe with <code>probe?module=MODULE&amp;target=TARGET</code>; \
         <code>&amp;debug=true</code> shows how it went.</p>\n<ul>\n{modules}</ul>\n</body>\n</html>\n"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_text_and_no_markup() {
        let probe = PastProbe {
            id: 7,
            module: "m".to_owned(),
            target: "<script>\"'&".to_owned(),
            success: false,
            debug: String::new(),
        };
        let page = recent(&[Arc::new(probe)], &Config::default());
        assert!(page.contains("<td>&lt;script&gt;&quot;&#39;&amp;</td>"), "{page}");
    }
}
