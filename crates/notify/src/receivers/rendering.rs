//! Rendering the texts of one notification: many templates over the same data, one error at the end.

use super::With;
use crate::data;
use crate::{Notification, NotifyError};
use lgtm_template::{Environment, NotificationData, Value};
use ring::digest::{SHA256, digest};

/// The texts of one notification.
pub(crate) struct Rendering<'n> {
    with: &'n With,
    data: Value,
    environment: Environment,
    error: Option<String>,
}

impl<'n> Rendering<'n> {
    /// Over the whole group.
    pub fn new(notification: &Notification, with: &'n With) -> Self {
        Self::over(data::data(notification, &notification.alerts, &with.external_url), notification, with)
    }

    /// Over data that was made already.
    pub fn over(data: NotificationData, notification: &Notification, with: &'n With) -> Self {
        let environment = Environment { external_url: with.external_url.clone(), ..Environment::at(notification.at) };
        Self { with, data: Value::from(data), environment, error: None }
    }

    /// The template as text. After the first error all texts are empty; see [`Rendering::finish`].
    pub fn text(&mut self, template: &str) -> String {
        self.rendered(template, false)
    }

    /// The template as HTML, with what it inserts escaped.
    pub fn html(&mut self, template: &str) -> String {
        self.rendered(template, true)
    }

    fn rendered(&mut self, template: &str, html: bool) -> String {
        if self.error.is_some() || template.is_empty() {
            return String::new();
        }
        let rendered = match html {
            true => self.with.templates.html(template, &self.data, &self.environment),
            false => self.with.templates.text(template, &self.data, &self.environment),
        };
        rendered.unwrap_or_else(|error| {
            self.error = Some(error);
            String::new()
        })
    }

    /// The first error, if there was one.
    pub fn finish(&mut self) -> Result<(), NotifyError> {
        match self.error.take() {
            Some(error) => Err(NotifyError::Permanent(format!("template: {error}"))),
            None => Ok(()),
        }
    }
}

/// A group's key in the length that services take for an identity.
pub(crate) fn key_hash(notification: &Notification) -> String {
    hex::encode(digest(&SHA256, notification.group_key.as_bytes()))
}
