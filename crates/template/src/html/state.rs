//! Where in an HTML document something stands.

/// The state of the machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Between tags.
    #[default]
    Text,
    /// In `<!-- -->`.
    Comment,
    /// In an element whose content is no HTML.
    Raw(Element, Script),
    /// In a tag, between attributes.
    Tag { element: Option<Element> },
    /// In an attribute's name.
    AttributeName { element: Option<Element>, name: String },
    /// Behind an attribute's name, where `=` may follow.
    AfterName { element: Option<Element>, name: String },
    /// Behind `=`.
    BeforeValue { element: Option<Element>, name: String },
    /// In an attribute's value.
    Value { element: Option<Element>, attribute: Attribute },
}

/// Elements whose content is no HTML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Element {
    Script,
    Style,
    Textarea,
    Title,
}

impl Element {
    pub fn of(name: &str) -> Option<Self> {
        [Self::Script, Self::Style, Self::Textarea, Self::Title]
            .into_iter()
            .find(|element| name.eq_ignore_ascii_case(element.name()))
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Script => "script",
            Self::Style => "style",
            Self::Textarea => "textarea",
            Self::Title => "title",
        }
    }
}

/// Where in a script or a style something stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// In a text with these quotes.
    pub quote: Option<char>,
    /// In a comment.
    pub comment: Option<Comment>,
}

/// A comment in a script or a style.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comment {
    /// `//` to the end of the line.
    Line,
    /// `/* */`
    Block,
}

/// An attribute's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attribute {
    pub kind: Kind,
    pub quote: Quote,
}

/// What an attribute's value means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Plain,
    Url(UrlPart),
    Script(Script),
    Style,
}

/// Where in an address something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UrlPart {
    /// At its beginning, where the scheme is decided.
    Start,
    /// Before the query.
    Path,
    /// In the query or the fragment.
    Query,
}

/// What ends an attribute's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quote {
    Double,
    Single,
    None,
}

/// Attributes that hold addresses.
const URLS: [&str; 19] = [
    "action",
    "archive",
    "background",
    "cite",
    "classid",
    "codebase",
    "data",
    "formaction",
    "href",
    "icon",
    "longdesc",
    "manifest",
    "poster",
    "profile",
    "src",
    "srcset",
    "usemap",
    "xmlns",
    "ping",
];

impl Attribute {
    /// What an attribute of this name holds.
    pub fn of(name: &str, quote: Quote) -> Self {
        let name = name.to_ascii_lowercase();
        let name = name.strip_prefix("data-").unwrap_or(&name);
        // A namespace says nothing about what an attribute holds.
        let name = name.rsplit_once(':').map_or(name, |(space, name)| if space == "xmlns" { "xmlns" } else { name });
        let kind = match name {
            "style" => Kind::Style,
            _ if name.starts_with("on") => Kind::Script(Script::default()),
            _ if URLS.contains(&name) => Kind::Url(UrlPart::Start),
            _ if ["src", "uri", "url"].iter().any(|part| name.contains(part)) => Kind::Url(UrlPart::Start),
            _ => Kind::Plain,
        };
        Self { kind, quote }
    }
}
