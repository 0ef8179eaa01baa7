//! Amazon SNS: `Publish`, signed with the receiver's own keys (Signature Version 4).

use super::With;
use super::post::{Post, load};
use super::rendering::{Rendering, key_hash};
use crate::config::receivers::sns::SnsConfig;
use crate::{Integration, Notification, NotifyError, Receipt};
use async_trait::async_trait;
use lgtm_template::Time;
use reqwest::{Method, Url};
use ring::digest::{SHA256, digest};
use ring::hmac;

/// Bytes of a message, and of one to a phone.
const MESSAGE_SIZE_BYTES_MAX: usize = 256 << 10;
const SMS_SIZE_BYTES_MAX: usize = 1600;

const CONTENT_TYPE: &str = "application/x-www-form-urlencoded; charset=utf-8";

pub(super) struct Sns {
    config: SnsConfig,
    post: Post,
    with: With,
}

impl Sns {
    pub fn new(config: &SnsConfig, with: &With) -> Result<Self, String> {
        Ok(Self { config: config.clone(), post: Post::new(&config.common.http, None)?, with: with.clone() })
    }

    fn form(&self, notification: &Notification, rendering: &mut Rendering<'_>) -> String {
        let config = &self.config;
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("Action", "Publish").append_pair("Version", "2010-03-31");
        let topic = rendering.text(&config.topic_arn);
        let target = rendering.text(&config.target_arn);
        let phone = rendering.text(&config.phone_number);
        for (name, text) in [("TopicArn", &topic), ("TargetArn", &target), ("PhoneNumber", &phone)] {
            if !text.is_empty() {
                form.append_pair(name, text);
            }
        }
        if topic.ends_with(".fifo") {
            let key = key_hash(notification);
            form.append_pair("MessageDeduplicationId", &key).append_pair("MessageGroupId", &key);
        }
        let subject = rendering.text(&config.subject);
        if !subject.is_empty() {
            form.append_pair("Subject", &subject);
        }
        let mut attributes: Vec<(String, String)> = Vec::new();
        for (name, value) in &config.attributes {
            attributes.push((rendering.text(name), rendering.text(value)));
        }
        let mut message = rendering.text(&config.message);
        let limit = if config.phone_number.is_empty() { MESSAGE_SIZE_BYTES_MAX } else { SMS_SIZE_BYTES_MAX };
        if message.len() > limit {
            message.truncate(message.floor_char_boundary(limit));
            attributes.push(("truncated".to_owned(), "true".to_owned()));
        }
        form.append_pair("Message", &message);
        for (index, (name, value)) in attributes.iter().enumerate() {
            let entry = format!("MessageAttributes.entry.{}", index + 1);
            form.append_pair(&format!("{entry}.Name"), name)
                .append_pair(&format!("{entry}.Value.DataType"), "String")
                .append_pair(&format!("{entry}.Value.StringValue"), value);
        }
        form.finish()
    }
}

/// The signature's headers over a form posted to `url` at `time`.
fn sign(
    url: &Url,
    form: &str,
    time: &Time,
    region: &str,
    access_key: &str,
    secret_key: &str,
) -> [(&'static str, String); 2] {
    let (date, day) = (time.format("20060102T150405Z"), time.format("20060102"));
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let host = format!("{}{port}", url.host_str().unwrap_or_default());
    let hash = |text: &str| hex::encode(digest(&SHA256, text.as_bytes()));
    let headers = format!("content-type:{CONTENT_TYPE}\nhost:{host}\nx-amz-date:{date}\n");
    let signed = "content-type;host;x-amz-date";
    let canonical = format!("POST\n{}\n\n{headers}\n{signed}\n{}", url.path(), hash(form));
    let scope = format!("{day}/{region}/sns/aws4_request");
    let to_sign = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hash(&canonical));
    let mac =
        |key: &[u8], text: &str| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes()).as_ref().to_vec();
    let day_key = mac(format!("AWS4{secret_key}").as_bytes(), &day);
    let key = [region, "sns", "aws4_request"].iter().fold(day_key, |key, part| mac(&key, part));
    let signature = hex::encode(mac(&key, &to_sign));
    let authorization =
        format!("AWS4-HMAC-SHA256 Credential={access_key}/{scope}, SignedHeaders={signed}, Signature={signature}");
    [("X-Amz-Date", date), ("Authorization", authorization)]
}

#[async_trait]
impl Integration for Sns {
    fn kind(&self) -> &'static str {
        "sns"
    }

    fn sends_resolved(&self) -> bool {
        self.config.common.send_resolved
    }

    async fn notify(&self, notification: &Notification, _: Option<&Receipt>) -> Result<Receipt, NotifyError> {
        let mut rendering = Rendering::new(notification, &self.with);
        let form = self.form(notification, &mut rendering);
        let mut url = rendering.text(&self.config.api_url);
        rendering.finish()?;
        let region = &self.config.region;
        if url.is_empty() {
            url = format!("https://sns.{region}.amazonaws.com/");
        }
        let url = Url::parse(&url).map_err(|_| NotifyError::Permanent("api_url is no URL".to_owned()))?;
        let secret_key = load(&self.config.secret_key)?;
        let time = Time::from(self.with.clock.now());
        let mut request = self.post.request(Method::POST, url.as_str())?.header("Content-Type", CONTENT_TYPE);
        for (name, value) in sign(&url, &form, &time, region, &self.config.access_key, &secret_key) {
            request = request.header(name, value);
        }
        self.post.checked(request.body(form)).await?;
        Ok(Receipt::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receivers::fake::{Service, configured, notification, one};

    #[tokio::test]
    async fn a_message_is_published_and_signed() {
        let service = Service::start(&[(200, "<PublishResponse/>")]).await;
        let sns = one(&format!(
            "sns_configs:\n- api_url: {}\n  topic_arn: 'arn:aws:sns:eu-central-1:1:ops.fifo'\n  attributes: {{severity: '{{{{ .CommonLabels.severity }}}}'}}\n  \
             sigv4: {{region: eu-central-1, access_key: AK, secret_key: SK}}\n",
            service.url
        ));
        sns.notify(&notification(&[("firing", "a")]), None).await.unwrap();
        let seen = service.only();
        for part in [
            "Action=Publish",
            "MessageAttributes.entry.1.Name=severity",
            "MessageAttributes.entry.1.Value.StringValue=critical",
        ] {
            assert!(seen.body.split('&').any(|pair| pair == part), "{part} in {}", seen.body);
        }
        assert!(seen.body.contains("MessageGroupId="));
        let authorization = seen.header("authorization");
        assert!(
            authorization.starts_with("AWS4-HMAC-SHA256 Credential=AK/20260102/eu-central-1/sns/aws4_request, "),
            "{authorization}"
        );
        assert_eq!(seen.header("x-amz-date"), "20260102T030405Z");
        let neither = "sns_configs: [{sigv4: {region: a, access_key: b, secret_key: c}}]";
        assert!(configured(neither).map(|made| made.len()).unwrap_err().contains("Target ARN"));
    }

    /// Computed once with Python's hmac over the steps that AWS documents.
    #[test]
    fn the_signature_is_the_documented_one() {
        let url = Url::parse("https://sns.us-east-1.amazonaws.com/").unwrap();
        let time = Time::from(lgtm_model::TimestampNs(1_440_938_160_000_000_000));
        let [(_, date), (_, authorization)] =
            sign(&url, "Action=Publish", &time, "us-east-1", "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
        assert_eq!(date, "20150830T123600Z");
        assert!(
            authorization.ends_with("Signature=75882899654b5eb833343acb83eccff7576a2cb2cda4c16f6866c0a891999177"),
            "{authorization}"
        );
    }
}
