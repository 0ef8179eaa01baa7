//! `endpoints.json`: where everything answers, for scripts. Written anew at each start, once all of it does.

use crate::error::RunError;
use serde_json::{Map, Value};
use std::net::SocketAddr;
use std::path::Path;

/// The listeners of this process by the names that scripts rely on.
#[derive(Clone, Debug, Default)]
pub struct Endpoints(Map<String, Value>);

impl Endpoints {
    /// Adds one.
    pub fn add(&mut self, name: &str, address: SocketAddr) {
        self.0.insert(name.to_owned(), Value::from(format!("http://{address}")));
    }

    /// The URL under a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }

    /// Writes `DIR/endpoints.json`, whole or not at all.
    pub fn write(&self, data: &Path) -> Result<(), RunError> {
        let path = data.join("endpoints.json");
        let text = format!("{:#}\n", Value::Object(self.0.clone()));
        let temporary = data.join("endpoints.json.new");
        std::fs::write(&temporary, text)
            .and_then(|()| std::fs::rename(&temporary, &path))
            .map_err(|source| RunError::Write { path, source })
    }
}
