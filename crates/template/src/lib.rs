//! Go's `text/template` dialect as Prometheus and Alertmanager use it: parsed with positions, rendered within limits.
//!
//! ```
//! use lgtm_template::{Environment, Functions, Map, Templates, Value};
//!
//! let mut templates = Templates::new(Functions::prometheus());
//! templates.parse("summary", "{{ .Labels.instance }} is at {{ .Value | humanizePercentage }}").unwrap();
//! let labels = Map::of_strings([("instance", "db1:9100")]);
//! let data = Value::from(Map::new([("Labels", Value::from(labels)), ("Value", Value::from(0.93))]));
//! let text = templates.render("summary", &data, &Environment::default()).unwrap();
//! assert_eq!(text, "db1:9100 is at 93%");
//!
//! let errors = templates.parse("b", r#"{{ .Labels.zone | default "N/A" }}"#).unwrap_err();
//! assert_eq!(errors.to_string(), r#"b:1:19: function "default" is not defined
//!     1 | {{ .Labels.zone | default "N/A" }}
//!       |                   ^^^^^^^
//!     hint: there is no default; write {{ if .Labels.zone }}{{ .Labels.zone }}{{ else }}N/A{{ end }}"#);
//! ```
//!
//! Rules: [`Templates::for_rules`] and [`RuleData`]. Notifications: [`Templates::for_notifications`] and
//! [`NotificationData`]. Parse once, render as often as you like, from any number of threads: a parsed set is immutable
//! and knows neither time nor queries, which come with each render in an [`Environment`].
//!
//! This crate does no I/O, has no clock and no tasks. Nothing a template says can make it panic, run for ever or use
//! unbounded memory: see [`Limits`].

mod data;
mod environment;
mod error;
mod exec;
mod format;
mod functions;
mod html;
mod layout;
mod limits;
mod syntax;
mod templates;
mod value;

pub use data::{AlertData, NotificationData, RuleData};
pub use environment::{Environment, QueryFunction};
pub use error::{ErrorKind, Problem, TemplateError, TemplateErrors};
pub use functions::{Call, Functions, Param};
pub use limits::Limits;
pub use templates::{MissingKey, Template, Templates};
pub use value::{
    Duration, Kv, List, Map, Member, Missing, Object, Pair, Pairs, Safe, Shape, Strings, Time, Value, Zone,
};
