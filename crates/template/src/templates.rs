//! A set of templates that may call one another.

use crate::data::RULE_VARIABLES;
use crate::environment::Environment;
use crate::error::{ErrorKind, Source, TemplateError, TemplateErrors};
use crate::exec::{self, Mode};
use crate::functions::Functions;
use crate::limits::Limits;
use crate::syntax::ast::{Block, Node, Span};
use crate::syntax::{self, is_empty};
use crate::value::Value;
use std::collections::HashMap;
use std::sync::Arc;

/// What a name means that a map of anything does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum MissingKey {
    /// Nothing, printed as `<no value>`; in a map of texts the empty text. Both peers set this.
    #[default]
    Zero,
    /// An error.
    Error,
}

/// One template of a set.
#[derive(Debug)]
pub(crate) struct Definition {
    pub source: Source,
    pub block: Block,
    /// Whether it is what stands outside of all definitions, which sees the set's variables.
    pub is_main: bool,
}

/// Definitions by name.
pub(crate) type Definitions = HashMap<Arc<str>, Arc<Definition>>;

/// A text that has been read, ready to be rendered as often as needed. It sees the templates of the set that read it.
#[derive(Clone, Debug)]
pub struct Template {
    pub(crate) main: Arc<Definition>,
    pub(crate) own: Arc<Definitions>,
}

/// A set of templates with the functions they may call. Parsing changes it, rendering does not.
#[derive(Clone, Debug)]
pub struct Templates {
    pub(crate) functions: Arc<Functions>,
    pub(crate) limits: Limits,
    pub(crate) missing_key: MissingKey,
    /// Variables of the main texts, and the fields of the data that they stand for.
    pub(crate) variables: Vec<(Arc<str>, Arc<str>)>,
    pub(crate) set: Definitions,
}

impl Templates {
    /// An empty set.
    pub fn new(functions: Functions) -> Self {
        Self {
            functions: Arc::new(functions),
            limits: Limits::default(),
            missing_key: MissingKey::default(),
            variables: Vec::new(),
            set: HashMap::new(),
        }
    }

    /// An empty set for the labels and annotations of rules: Prometheus' functions, and `$labels`, `$externalLabels`,
    /// `$externalURL` and `$value` for the fields of [`crate::RuleData`].
    pub fn for_rules() -> Self {
        let variables = RULE_VARIABLES.map(|(variable, field)| (variable.into(), field.into()));
        Self { variables: variables.into(), ..Self::new(Functions::prometheus()) }
    }

    /// An empty set for notifications: Alertmanager's functions, data of [`crate::NotificationData`].
    pub fn for_notifications() -> Self {
        Self::new(Functions::alertmanager())
    }

    /// The same set with other limits.
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// The same set with another meaning of missing keys.
    pub fn with_missing_key(self, missing_key: MissingKey) -> Self {
        Self { missing_key, ..self }
    }

    /// Adds the template `name` and all that `text` defines. A later definition replaces an earlier one, but white
    /// space replaces nothing. After an error the set is as it was before.
    pub fn parse(&mut self, name: &str, text: &str) -> Result<(), TemplateErrors> {
        let template = self.compile(name, text)?;
        let own = template.own.iter().map(|(name, definition)| (name.clone(), definition.clone()));
        for (name, definition) in own.chain([(name.into(), template.main.clone())]) {
            if !is_empty(&definition.block) || !self.set.contains_key(&name) {
                self.set.insert(name, definition);
            }
        }
        Ok(())
    }

    /// Reads a text without adding it to the set. Its own definitions hide the set's.
    pub fn compile(&self, name: &str, text: &str) -> Result<Template, TemplateErrors> {
        let source = Source::new(name, text);
        if text.len() > self.limits.text_bytes_max {
            let limit = self.limits.text_bytes_max;
            let message = format!("the template is {} bytes long, more than text_bytes_max ({limit})", text.len());
            return Err(source.problem(ErrorKind::Limit, 0..0, message).into());
        }
        let variables: Vec<Arc<str>> = self.variables.iter().map(|(variable, _)| variable.clone()).collect();
        let mut parsed = syntax::parse(&source, &variables)?;
        let problems = syntax::check(&parsed, &source, &self.functions);
        if !problems.is_empty() {
            return Err(TemplateErrors { list: problems });
        }
        let definitions = std::mem::take(&mut parsed.definitions)
            .into_iter()
            .map(|(name, block)| (name, Arc::new(Definition { source: source.clone(), block, is_main: false })));
        let own = Arc::new(definitions.collect());
        Ok(Template { main: Arc::new(Definition { source, block: parsed.root, is_main: true }), own })
    }

    /// Renders the template `name` of the set as plain text.
    pub fn render(&self, name: &str, data: &Value, environment: &Environment) -> Result<String, TemplateError> {
        let main = self.set.get(name).ok_or_else(|| {
            let message = format!("there is no template {name:?}");
            Source::new(name, "").problem(ErrorKind::Render, 0..0, message)
        })?;
        let template = Template { main: main.clone(), own: Arc::default() };
        self.render_template(&template, data, environment)
    }

    /// Renders a compiled text as plain text.
    pub fn render_template(
        &self,
        template: &Template,
        data: &Value,
        environment: &Environment,
    ) -> Result<String, TemplateError> {
        exec::render(self, &template.main, &template.own, data, environment, Mode::Text)
    }

    /// Renders a compiled text as HTML: every value is escaped for the place where it is printed.
    pub fn render_template_html(
        &self,
        template: &Template,
        data: &Value,
        environment: &Environment,
    ) -> Result<String, TemplateError> {
        exec::render(self, &template.main, &template.own, data, environment, Mode::Html)
    }

    /// Reads `text` and renders it as plain text, once.
    pub fn render_text(&self, text: &str, data: &Value, environment: &Environment) -> Result<String, TemplateErrors> {
        let template = self.compile("", text)?;
        Ok(self.render_template(&template, data, environment)?)
    }

    /// Reads `text` and renders it as HTML, once.
    pub fn render_html(&self, text: &str, data: &Value, environment: &Environment) -> Result<String, TemplateErrors> {
        let template = self.compile("", text)?;
        Ok(self.render_template_html(&template, data, environment)?)
    }

    /// The names of the templates in the set, sorted.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.set.keys().map(AsRef::as_ref).collect();
        names.sort_unstable();
        names
    }

    /// Calls in the set to templates that do not exist. Rendering refuses them only when it comes to them; whoever
    /// loads a configuration wants to know before.
    pub fn undefined(&self) -> Vec<TemplateError> {
        let mut problems: Vec<TemplateError> = Vec::new();
        for definition in self.set.values() {
            self.undefined_in_block(definition, &definition.block, &Definitions::new(), &mut problems);
        }
        problems.sort_by(|a, b| (&a.template, a.span.start).cmp(&(&b.template, b.span.start)));
        problems.dedup();
        problems
    }

    /// Calls in a compiled text to templates that exist neither in it nor in the set.
    pub fn undefined_in(&self, template: &Template) -> Vec<TemplateError> {
        let mut problems = Vec::new();
        for definition in template.own.values().chain([&template.main]) {
            self.undefined_in_block(definition, &definition.block, &template.own, &mut problems);
        }
        problems.sort_by_key(|problem| problem.span.start);
        problems
    }

    fn undefined_in_block(
        &self,
        definition: &Definition,
        block: &Block,
        own: &Definitions,
        problems: &mut Vec<TemplateError>,
    ) {
        for node in block {
            match node {
                Node::Template { name, span, .. } if !own.contains_key(name) && !self.set.contains_key(name) => {
                    problems.push(self.not_defined(&definition.source, name, span, own));
                }
                Node::If { then: first, otherwise: second, .. }
                | Node::Range { body: first, otherwise: second, .. } => {
                    self.undefined_in_block(definition, first, own, problems);
                    self.undefined_in_block(definition, second, own, problems);
                }
                _ => {}
            }
        }
    }

    /// The problem of a call to a template that does not exist.
    pub(crate) fn not_defined(&self, source: &Source, name: &str, span: &Span, own: &Definitions) -> TemplateError {
        let known = own.keys().chain(self.set.keys()).map(AsRef::as_ref);
        let hint = lgtm_settings::nearest(name, known).map(|name| format!("did you mean {name:?}?"));
        source.problem(ErrorKind::Render, span.clone(), format!("template {name:?} not defined")).with_hint(hint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(templates: &Templates, text: &str) -> String {
        let answer = templates.render_text(text, &Value::Nil, &Environment::default());
        answer.unwrap_or_else(|errors| errors.one_line())
    }

    #[test]
    fn later_definitions_replace_but_white_space_does_not() {
        let mut templates = Templates::new(Functions::alertmanager());
        templates.parse("", r#"{{ define "a" }}one{{ end }}{{ define "b" }}b{{ end }}"#).unwrap();
        templates.parse("", r#"{{ define "a" }}two{{ end }}{{ define "b" }} {{ end }}"#).unwrap();
        assert_eq!(render(&templates, r#"{{ template "a" }}{{ template "b" }}"#), "twob");
        assert_eq!(render(&templates, r#"{{ define "a" }}own{{ end }}{{ template "a" }}"#), "own");
        assert_eq!(render(&templates, r#"{{ template "a" }}"#), "two");
        let twice = templates.parse("x", r#"{{ define "a" }}1{{ end }}{{ define "a" }}2{{ end }}"#).unwrap_err();
        assert!(twice.one_line().contains("multiple definition"));
        assert!(templates.parse("x", r#"{{ define "c" }}1{{ end }}{{ nope }}"#).is_err());
        assert_eq!(templates.names(), ["", "a", "b"]);
    }

    #[test]
    fn undefined_templates_are_found_before_rendering() {
        let mut templates = Templates::new(Functions::alertmanager());
        templates.parse("x", r#"{{ define "title" }}{{ if .A }}{{ template "tilte" . }}{{ end }}{{ end }}"#).unwrap();
        let problems = templates.undefined();
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].one_line(), r#"x:1:44: template "tilte" not defined (did you mean "title"?)"#);
        let text = templates.compile("y", r#"{{ template "title" . }}{{ template "zzz" . }}"#).unwrap();
        assert_eq!(templates.undefined_in(&text).len(), 1);
    }

    #[test]
    fn long_texts_are_refused() {
        let templates = Templates::new(Functions::alertmanager());
        let templates = templates.with_limits(Limits { text_bytes_max: 10, ..Limits::default() });
        let error = templates.compile("x", "01234567890").unwrap_err();
        assert!(error.one_line().contains("text_bytes_max (10)"));
        assert_eq!(error.list[0].kind, ErrorKind::Limit);
    }

    #[test]
    fn blocks_define_and_call() {
        let mut templates = Templates::new(Functions::alertmanager());
        templates.parse("base", r#"<{{ block "body" . }}default{{ end }}>"#).unwrap();
        let environment = Environment::default();
        assert_eq!(templates.render("base", &Value::Nil, &environment).unwrap(), "<default>");
        templates.parse("", r#"{{ define "body" }}mine{{ end }}"#).unwrap();
        assert_eq!(templates.render("base", &Value::Nil, &environment).unwrap(), "<mine>");
        assert!(templates.render("nope", &Value::Nil, &environment).is_err());
    }
}
