//! The `global` section, as far as it concerns rules. The scraper, which reads all of it, reports what no one knows.

use lgtm_model::{Labels, NameRules};
use lgtm_settings::Node;

pub(super) const EVALUATION_INTERVAL_MS: i64 = 60_000;

/// What rules need of `global`.
#[derive(Clone, Debug)]
pub(super) struct Global {
    pub evaluation_interval_ms: i64,
    pub query_offset_ms: i64,
    pub external_labels: Labels,
    pub names: NameRules,
}

impl Default for Global {
    fn default() -> Self {
        Self {
            evaluation_interval_ms: EVALUATION_INTERVAL_MS,
            query_offset_ms: 0,
            external_labels: Labels::empty(),
            names: NameRules::default(),
        }
    }
}

impl Global {
    pub fn read(node: Node<'_>) -> Option<Self> {
        let mut global = Self::default();
        node.entries(|name, value| {
            match name {
                "evaluation_interval" => {
                    // Zero counts as absent, as in Prometheus.
                    let interval_ms = value.duration_ms().filter(|interval_ms| *interval_ms > 0);
                    global.evaluation_interval_ms = interval_ms.unwrap_or(EVALUATION_INTERVAL_MS);
                }
                "rule_query_offset" => global.query_offset_ms = value.duration_ms().unwrap_or_default(),
                "external_labels" => {
                    let pairs = value.entries(|_, value| value.string()).unwrap_or_default();
                    global.external_labels = Labels::from_pairs(pairs);
                }
                "metric_name_validation_scheme" if value.string().as_deref() == Some("legacy") => {
                    global.names = NameRules::Legacy;
                }
                _ => {}
            }
            Some(())
        })?;
        Some(global)
    }
}
