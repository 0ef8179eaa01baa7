//! `mattermost_configs`: a Mattermost webhook.

use super::Context;
use super::reading::{Common, Reader, reader};
use lgtm_settings::{Node, SecretSource};

/// One channel.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are named as Mattermost names them; all texts are templates")]
pub struct MattermostConfig {
    pub common: Common,
    pub webhook_url: SecretSource,
    pub channel: String,
    pub username: String,
    pub icon_url: String,
    pub icon_emoji: String,
    pub text: String,
    pub kind: String,
    /// The message's own attachment, sent when no others are written.
    pub own: Attachment,
    pub attachments: Vec<Attachment>,
    pub card: String,
    pub priority: Option<Priority>,
}

/// How urgent a message is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are named as Mattermost names them")]
pub struct Priority {
    pub priority: String,
    pub requested_ack: bool,
    pub persistent_notifications: bool,
}

/// A block of a message: templates by the names that Mattermost gives them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attachment {
    /// Texts by name; those that are empty are not sent.
    pub texts: Vec<(&'static str, String)>,
    /// Titled values.
    pub fields: Vec<(String, String, Option<bool>)>,
}

const TEXTS: [&str; 12] = [
    "fallback",
    "color",
    "pretext",
    "author_name",
    "author_link",
    "author_icon",
    "title",
    "title_link",
    "thumb_url",
    "footer",
    "footer_icon",
    "image_url",
];

/// Those of the message's own attachment that have a default.
const DEFAULTS: [(&str, &str); 4] =
    [("fallback", "fallback"), ("color", "color"), ("title", "title"), ("title_link", "titlelink")];

pub(super) fn read(node: Node<'_>, context: &Context<'_>) -> Option<MattermostConfig> {
    reader(node, context, |reader| {
        let webhook_url = reader
            .secret_url("webhook_url", "webhook_url_file")
            .or_else(|| context.global.mattermost_webhook_url.clone());
        if webhook_url.is_none() {
            reader.fields.node().problem("missing webhook_url or webhook_url_file on mattermost_config");
        }
        let default = |part: &str| format!("{{{{ template \"mattermost.default.{part}\" . }}}}");
        Some(MattermostConfig {
            common: reader.common(true),
            channel: reader.text("channel", ""),
            username: reader.text("username", &default("username")),
            icon_url: reader.text("icon_url", ""),
            icon_emoji: reader.text("icon_emoji", ""),
            text: reader.text("text", &default("text")),
            kind: reader.text("type", ""),
            own: attachment(reader, |name| {
                DEFAULTS.iter().find(|(known, _)| *known == name).map(|(_, part)| default(part)).unwrap_or_default()
            }),
            attachments: reader.list("attachments", |reader| {
                let text = reader.text("text", "");
                let mut attachment = attachment(reader, |_| String::new());
                attachment.texts.push(("text", text));
                Some(attachment)
            }),
            card: {
                let context = reader.context;
                let card = |node| self::reader(node, context, |reader| Some(reader.text("card", "")));
                reader.fields.or_default("props", card)
            },
            priority: {
                let context = reader.context;
                reader.fields.optional("priority", |node| self::reader(node, context, priority))
            },
            webhook_url: webhook_url?,
        })
    })
}

fn attachment(reader: &mut Reader<'_, '_, '_>, default: impl Fn(&str) -> String) -> Attachment {
    let texts = TEXTS.iter().map(|name| (*name, reader.text(name, &default(name)))).collect();
    let fields = reader.list("fields", |reader| {
        let (title, value) = (reader.text("title", ""), reader.text("value", ""));
        for (name, text) in [("title", &title), ("value", &value)] {
            if text.is_empty() {
                reader.fields.node().problem(format!("missing {name} in Mattermost field configuration"));
            }
        }
        Some((title, value, reader.fields.optional("short", |node| node.bool())))
    });
    Attachment { texts, fields }
}

fn priority(reader: &mut Reader<'_, '_, '_>) -> Option<Priority> {
    Some(Priority {
        priority: reader.text("priority", ""),
        requested_ack: reader.flag("requested_ack", false),
        persistent_notifications: reader.flag("persistent_notifications", false),
    })
}
