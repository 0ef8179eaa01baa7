//! `sns_configs`: Amazon SNS.

use super::Context;
use super::reading::{Common, reader};
use lgtm_settings::{Node, Secret, SecretSource};

/// One topic, endpoint or phone.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are named as SNS names them; all texts are templates")]
pub struct SnsConfig {
    pub common: Common,
    pub api_url: String,
    pub region: String,
    pub access_key: String,
    pub secret_key: SecretSource,
    pub topic_arn: String,
    pub phone_number: String,
    pub target_arn: String,
    pub subject: String,
    pub message: String,
    pub attributes: Vec<(String, String)>,
}

pub(super) fn read(node: Node<'_>, context: &Context<'_>) -> Option<SnsConfig> {
    reader(node, context, |reader| {
        if !reader.fields.has("sigv4") {
            reader.fields.node().problem("sigv4 is missing: give region, access_key and secret_key");
        }
        let (region, access_key, secret_key) = reader.fields.or_default("sigv4", sigv4);
        reader.fields.accept(&["use_aws_http_client"], "has no effect: there is one HTTP client here");
        let config = SnsConfig {
            common: reader.common(true),
            api_url: reader.text("api_url", ""),
            region,
            access_key,
            secret_key: secret_key.unwrap_or_else(|| SecretSource::Inline(Secret::new(""))),
            topic_arn: reader.text("topic_arn", ""),
            phone_number: reader.text("phone_number", ""),
            target_arn: reader.text("target_arn", ""),
            subject: reader.text("subject", "{{ template \"sns.default.subject\" . }}"),
            message: reader.text("message", "{{ template \"sns.default.message\" . }}"),
            attributes: reader.texts("attributes"),
        };
        let addresses = [&config.topic_arn, &config.target_arn, &config.phone_number];
        if addresses.iter().filter(|text| !text.is_empty()).count() != 1 {
            let problem = "must provide either a Target ARN, Topic ARN, or Phone Number for SNS config";
            reader.fields.node().problem(problem);
        }
        Some(config)
    })
}

/// Region and keys.
fn sigv4(node: Node<'_>) -> Option<(String, String, Option<SecretSource>)> {
    node.map(|fields| {
        let region = fields.or_default("region", |node| node.string());
        if region.is_empty() {
            fields.node().problem("region is missing");
        }
        let access_key = fields.or_default("access_key", |node| node.string());
        let secret_key = fields
            .optional("secret_key", |node| node.string())
            .filter(|text| !text.is_empty())
            .map(|text| SecretSource::Inline(Secret::new(text)));
        if access_key.is_empty() || secret_key.is_none() {
            let problem =
                "give access_key and secret_key: keys of the machine, of a profile or of a role are not looked up";
            fields.node().problem(problem);
        }
        for name in ["profile", "role_arn", "external_id", "use_fips_sts_endpoint"] {
            if fields.given(name).is_some_and(|node| !node.is_null()) {
                fields.problem_at(name, format!("{name} is not supported: give region, access_key and secret_key"));
            }
        }
        Some((region, access_key, secret_key))
    })
}
