//! The `grpc` section.

use super::IpPreference;
use super::describe::Yaml;
use lgtm_client::Tls;
use lgtm_settings::Node;

/// What a gRPC probe asks.
#[derive(Clone, Debug, Default)]
pub struct GrpcProbe {
    /// The service whose health is asked for; the server's own when empty.
    pub service: String,
    /// Over TLS.
    pub tls: bool,
    /// TLS towards the server.
    pub tls_config: Tls,
    /// Which address is taken.
    pub ip: IpPreference,
    /// Metadata of the call.
    pub metadata: Vec<(String, String)>,
}

impl GrpcProbe {
    pub(super) fn read(node: Node<'_>) -> Option<Self> {
        node.map(|fields| {
            let named = fields.or_default("metadata", |node| {
                node.entries(|name, values| {
                    if http::HeaderName::from_bytes(name.as_bytes()).is_err() {
                        values.problem(format!("{name:?} is no name of metadata"));
                    }
                    values.list(|item| {
                        item.parse("a value of metadata", |text| {
                            http::HeaderValue::from_str(text).map(|_| text.to_owned())
                        })
                    })
                })
            });
            let of_one =
                |(name, values): (String, Vec<String>)| values.into_iter().map(move |value| (name.clone(), value));
            Some(Self {
                service: fields.or_default("service", |node| node.string()),
                tls: fields.or("tls", false, |node| node.bool()),
                tls_config: fields.or_default("tls_config", Tls::read),
                ip: IpPreference::read(fields),
                metadata: named.into_iter().flat_map(of_one).collect(),
            })
        })
    }

    pub(super) fn describe(&self) -> String {
        let mut yaml = Yaml::default();
        yaml.text("service", &self.service);
        yaml.flag("tls", self.tls);
        if self.tls_config != Tls::default() {
            yaml.tls(&self.tls_config);
        }
        self.ip.describe(&mut yaml);
        let mut metadata = Yaml::default();
        let mut names: Vec<&String> = self.metadata.iter().map(|(name, _)| name).collect();
        names.dedup();
        for name in names {
            // Tokens travel here.
            metadata.list(name, self.metadata.iter().filter(|(known, _)| known == name).map(|_| "<secret>"));
        }
        yaml.map("metadata", metadata);
        yaml.finish()
    }
}
