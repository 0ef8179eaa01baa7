//! Fields, map keys and methods: `.Alerts.Firing`, `.Labels.job`, `(.A).Format "15:04"`.

use super::Render;
use crate::error::TemplateError;
use crate::syntax::ast::{Span, Word};
use crate::templates::MissingKey;
use crate::value::{Map, Object, Shape, Value};
use lgtm_settings::nearest;
use std::sync::Arc;

/// The field of the data that a variable of the set stands for; nothing if the data has none.
pub(super) fn plain(data: &Value, name: &str) -> Value {
    match data {
        Value::Map(map) => map.get_or_missing(name),
        Value::Object(object) => object.field(name).unwrap_or_default(),
        _ => Value::Nil,
    }
}

impl<'a> Render<'a> {
    /// Walks `names` from `receiver`. The last name gets the arguments, if it is a method.
    pub(super) fn chain(
        &mut self,
        dot: &Value,
        receiver: Value,
        names: &'a [Arc<str>],
        span: &Span,
        args: &'a [Word],
        last: Option<Value>,
    ) -> Result<Value, TemplateError> {
        let Some((final_name, names)) = names.split_last() else { return Ok(receiver) };
        // Data that was not given has every field, all of them nothing; but nothing inside of given data has none.
        let given = !matches!(receiver, Value::Nil);
        let mut value = receiver;
        for name in names {
            value = self.field(&value, name, &[], given, span)?;
        }
        let mut values = Vec::with_capacity(args.len() + usize::from(last.is_some()));
        for word in args {
            values.push(self.word(dot, word)?);
        }
        values.extend(last);
        self.field(&value, final_name, &values, given, span)
    }

    fn field(
        &mut self,
        receiver: &Value,
        name: &str,
        args: &[Value],
        given: bool,
        span: &Span,
    ) -> Result<Value, TemplateError> {
        let answer = match receiver {
            Value::Nil if given => {
                let hint = "test it first: {{ with … }} or {{ if … }}".to_owned();
                let message = format!("nil pointer evaluating interface {{}}.{name}");
                return Err(self.fail(span, message).with_hint(hint));
            }
            Value::Nil if self.templates.missing_key == MissingKey::Error => {
                return Err(self.fail(span, format!("nil data; no entry for key {name:?}")));
            }
            Value::Nil => return Ok(Value::Nil),
            Value::Map(map) => return self.key(map, name, args, span),
            Value::Time(time) => time.call(name, args),
            Value::Duration(duration) => duration.call(name, args),
            Value::Object(object) => match object.call(name, args) {
                None => return self.member(object.as_ref(), name, args, span),
                answer => answer,
            },
            _ => None,
        };
        match answer {
            Some(answer) => {
                let value = answer.map_err(|error| self.fail(span, format!("error calling {name}: {error}")))?;
                self.charge(args, &value, span)?;
                Ok(value)
            }
            None => Err(self.no_field(receiver.type_name(), name, span)),
        }
    }

    /// What an object has under a name that is no method.
    fn member(&self, object: &dyn Object, name: &str, args: &[Value], span: &Span) -> Result<Value, TemplateError> {
        if let Shape::Map(map) = object.shape() {
            return self.key(&map, name, args, span);
        }
        match object.field(name) {
            Some(_) if !args.is_empty() => {
                Err(self.fail(span, format!("{name} has arguments but cannot be invoked as function")))
            }
            Some(value) => Ok(value),
            None => {
                let members = object.members();
                let hint = nearest(name, members.iter().map(|member| member.name));
                let hint = hint.map(|name| format!("did you mean .{name}?"));
                Err(self.no_field(object.type_name(), name, span).with_hint(hint))
            }
        }
    }

    fn key(&self, map: &Map, name: &str, args: &[Value], span: &Span) -> Result<Value, TemplateError> {
        if !args.is_empty() {
            return Err(self.fail(span, format!("{name} is not a method but has arguments")));
        }
        match map.get(name) {
            Some(value) => Ok(value.clone()),
            None if self.templates.missing_key == MissingKey::Error => {
                Err(self.fail(span, format!("map has no entry for key {name:?}")))
            }
            None => Ok(map.missing_value()),
        }
    }

    fn no_field(&self, type_name: &str, name: &str, span: &Span) -> TemplateError {
        self.fail(span, format!("can't evaluate field {name} in type {type_name}"))
    }
}
