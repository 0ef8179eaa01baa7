//! Loops.

use super::{Flow, Render};
use crate::error::{ErrorKind, TemplateError};
use crate::syntax::ast::{Block, Pipe};
use crate::value::{List, Map, Shape, Value};

/// What a loop goes over.
enum Over {
    List(List),
    Map(Map),
    Count(i64),
}

impl<'a> Render<'a> {
    /// `{{ range pipeline }} body {{ else }} otherwise {{ end }}`
    pub(super) fn range(
        &mut self,
        dot: &Value,
        pipe: &'a Pipe,
        body: &'a Block,
        otherwise: &'a Block,
    ) -> Result<Flow, TemplateError> {
        let outside = self.variables.len();
        let value = self.pipe(dot, pipe)?;
        let over = self.over(&value, pipe)?;
        let iterated = match over {
            Over::List(list) => {
                let pairs = list.iter().enumerate().map(|(index, item)| (Value::from(index), item.clone()));
                self.iterate(pipe, body, pairs)
            }
            Over::Map(map) => {
                let pairs = map.iter().map(|(name, item)| (Value::from(name.clone()), item.clone()));
                self.iterate(pipe, body, pairs)
            }
            Over::Count(count) => self.iterate(pipe, body, (0..count).map(|index| (index.into(), index.into()))),
        };
        let flow = match iterated {
            Ok(true) => Ok(Flow::Next),
            // `break` in the `else` of a loop belongs to the loop around it.
            Ok(false) => self.block(dot, otherwise),
            Err(error) => Err(error),
        };
        self.variables.truncate(outside);
        flow
    }

    fn over(&self, value: &Value, pipe: &Pipe) -> Result<Over, TemplateError> {
        let over = match value.scalar() {
            Value::Nil => Over::List(List::default()),
            Value::List(list) => Over::List(list),
            Value::Map(map) => Over::Map(map),
            Value::Object(object) => match object.shape() {
                Shape::List(list) => Over::List(list),
                Shape::Map(map) => Over::Map(map),
                _ => return Err(self.cannot_range(value, pipe)),
            },
            Value::Int(_) if pipe.variables.names.len() > 1 => {
                return Err(self.fail(&pipe.span, "a number gives range one variable, not two"));
            }
            Value::Int(count) => Over::Count(count),
            _ => return Err(self.cannot_range(value, pipe)),
        };
        Ok(over)
    }

    fn cannot_range(&self, value: &Value, pipe: &Pipe) -> TemplateError {
        self.fail(&pipe.span, format!("range can't iterate over a value of type {}", value.type_name()))
    }

    /// Runs the body for each pair of key and item; says whether there was any.
    fn iterate(
        &mut self,
        pipe: &'a Pipe,
        body: &'a Block,
        pairs: impl Iterator<Item = (Value, Value)>,
    ) -> Result<bool, TemplateError> {
        let limit = self.templates.limits.iterations_max;
        let inside = self.variables.len();
        let mut any = false;
        for (key, item) in pairs {
            any = true;
            self.iterations += 1;
            if self.iterations > limit {
                let message = format!("loops run more than iterations_max ({limit}) times");
                return Err(self.problem(ErrorKind::Limit, &pipe.span, message));
            }
            self.set_loop_variables(pipe, key, &item)?;
            let flow = self.block(&item, body)?;
            self.variables.truncate(inside);
            if flow == Flow::Break {
                break;
            }
        }
        Ok(any)
    }

    /// One variable gets the item, two get key and item. The pipeline has declared them.
    fn set_loop_variables(&mut self, pipe: &'a Pipe, key: Value, item: &Value) -> Result<(), TemplateError> {
        let names = &pipe.variables.names;
        let values = if names.len() == 2 { vec![key, item.clone()] } else { vec![item.clone()] };
        let first = self.variables.len().saturating_sub(names.len());
        for (index, (name, value)) in names.iter().zip(values).enumerate() {
            if pipe.variables.assigns {
                self.assign(name, value, &pipe.span)?;
            } else if let Some((_, slot)) = self.variables.get_mut(first + index) {
                *slot = value;
            }
        }
        Ok(())
    }
}
