//! Labels and annotations of alerts: texts with Go templates in them.

use crate::query::{Fault, NoLogs, Reader};
use lgtm_model::{Labels, TimestampMs};
use lgtm_promql::{Engine, Source};
pub(crate) use lgtm_template::QueryFunction;
use lgtm_template::{Environment, RuleData, Template, Templates, Value};
use std::fmt;
use std::sync::Arc;

/// What does not change from alert to alert.
#[derive(Clone, Copy)]
pub(crate) struct Surroundings<'a> {
    pub external_labels: &'a Labels,
    pub external_url: &'a str,
}

/// What one template sees.
pub(crate) struct Moment<'a> {
    pub labels: &'a Labels,
    pub value: f64,
    pub at: TimestampMs,
    pub surroundings: Surroundings<'a>,
    pub query: &'a Arc<dyn QueryFunction>,
}

/// The functions and variables that templates of rules know; one for all texts of a file.
#[derive(Clone)]
pub(crate) struct Dialect(Arc<Templates>);

impl Default for Dialect {
    fn default() -> Self {
        Self(Arc::new(Templates::for_rules()))
    }
}

/// A text, perhaps with templates in it.
#[derive(Clone)]
pub struct Text {
    source: Arc<str>,
    compiled: Option<(Dialect, Template)>,
}

impl Text {
    /// A text that stands for itself.
    pub(crate) fn plain(source: &str) -> Self {
        Self { source: source.into(), compiled: None }
    }

    /// A text in which `{{ … }}` is a template.
    pub(crate) fn template(source: &str, dialect: &Dialect) -> Result<Self, Vec<Fault>> {
        if !source.contains("{{") {
            return Ok(Self::plain(source));
        }
        match dialect.0.compile("", source) {
            Ok(template) => {
                let missing = dialect.0.undefined_in(&template);
                if !missing.is_empty() {
                    return Err(missing.iter().map(fault).collect());
                }
                Ok(Self { source: source.into(), compiled: Some((dialect.clone(), template)) })
            }
            Err(errors) => Err(errors.list.iter().map(fault).collect()),
        }
    }

    /// The text as it is written.
    pub fn as_str(&self) -> &str {
        &self.source
    }

    /// Whether it is the same for every alert.
    pub(crate) fn is_plain(&self) -> bool {
        self.compiled.is_none()
    }

    /// Whether it may ask queries.
    pub(crate) fn may_query(&self) -> bool {
        self.compiled.is_some() && self.source.contains("query")
    }

    /// What it says about one alert.
    pub(crate) fn expand(&self, moment: &Moment<'_>) -> Result<String, String> {
        let Some((dialect, template)) = &self.compiled else { return Ok(self.source.to_string()) };
        let Surroundings { external_labels, external_url } = moment.surroundings;
        let data = RuleData::new(moment.labels, moment.value, external_labels, external_url);
        let environment = Environment {
            now: moment.at.to_ns(),
            external_url: external_url.to_owned(),
            query: self.may_query().then(|| Arc::clone(moment.query)),
        };
        dialect.0.render_template(template, &data.into(), &environment).map_err(|error| error.one_line())
    }
}

fn fault(error: &lgtm_template::TemplateError) -> Fault {
    let hint = error.hint.as_ref().map(|hint| format!("; {hint}")).unwrap_or_default();
    Fault { range: error.span.clone(), message: format!("template: {}{hint}", error.message) }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source && self.is_plain() == other.is_plain()
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.source)
    }
}

/// Answers the function `query` of templates with what was true at the time of the evaluation.
pub(crate) struct Asks {
    pub engine: Engine,
    pub source: Arc<dyn Source>,
    pub at: TimestampMs,
}

impl QueryFunction for Asks {
    fn query(&self, expression: &str) -> Result<Vec<(Labels, Value)>, String> {
        let reader = Reader { engine: &self.engine, metrics: &*self.source, logs: &NoLogs };
        let samples = reader.text(expression, self.at)?;
        Ok(samples.into_iter().map(|sample| (sample.labels, Value::from(sample.value))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Memory;

    fn expand(source: &str) -> Result<String, String> {
        let text = Text::template(source, &Dialect::default()).map_err(|faults| faults[0].message.clone())?;
        let (labels, external_labels) = (Labels::from_pairs([("a", "1")]), Labels::from_pairs([("region", "eu")]));
        let source: Arc<dyn Source> = Arc::new(Memory::default());
        let query: Arc<dyn QueryFunction> =
            Arc::new(Asks { engine: Engine::default(), source, at: TimestampMs(5_000) });
        text.expand(&Moment {
            labels: &labels,
            value: 0.5,
            at: TimestampMs(5_000),
            surroundings: Surroundings { external_labels: &external_labels, external_url: "http://x" },
            query: &query,
        })
    }

    #[test]
    fn templates_see_labels_value_surroundings_and_queries() {
        for (source, want) in [
            ("plain", "plain"),
            (
                "{{ $labels.a }} {{ $value }} {{ .Value }} {{ $externalLabels.region }} {{ $externalURL }}",
                "1 0.5 0.5 eu http://x",
            ),
            ("{{ with query \"time()\" }}{{ . | first | value }}{{ end }}", "5"),
            ("{{ $value | humanizePercentage }}", "50%"),
        ] {
            assert_eq!(expand(source).unwrap(), want);
        }
        assert!(expand("{{ query \"sum(\" }}").unwrap_err().contains("parse error"));
    }

    #[test]
    fn an_unknown_function_is_refused_with_the_form_that_works() {
        let message = expand("{{ $labels.zone | default \"N/A\" }}").unwrap_err();
        assert!(message.contains("default") && message.contains("{{ else }}N/A{{ end }}"), "{message}");
        assert!(expand("{{ $label.zone }}").unwrap_err().contains("$label"));
    }
}
