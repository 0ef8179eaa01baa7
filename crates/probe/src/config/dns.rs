//! The `dns` section.

use super::describe::Yaml;
use super::socket::source_ip;
use super::{IpPreference, Pattern};
use crate::dns::names;
use lgtm_client::Tls;
use lgtm_settings::{Fields, Node};
use std::net::IpAddr;

/// What a DNS probe asks and expects.
#[derive(Clone, Debug)]
pub struct DnsProbe {
    /// Which address of the name server is taken.
    pub ip: IpPreference,
    /// Over TLS.
    pub over_tls: bool,
    /// TLS towards the name server.
    pub tls: Tls,
    /// The address that it comes from.
    pub source_ip: Option<IpAddr>,
    /// Over TCP rather than UDP.
    pub tcp: bool,
    /// The class that is asked for.
    pub class: u16,
    /// The name that is asked for.
    pub name: String,
    /// The type that is asked for.
    pub record_type: u16,
    /// Whether the server may ask others.
    pub recursion: bool,
    /// Outcomes that are good; NOERROR when there is none.
    pub valid_rcodes: Vec<u16>,
    /// What the answers must be.
    pub answer: RecordRules,
    /// What the authority records must be.
    pub authority: RecordRules,
    /// What the additional records must be.
    pub additional: RecordRules,
}

/// What the records of one section must be, each as a line of a zone file.
#[derive(Clone, Debug, Default)]
pub struct RecordRules {
    /// Fail when one record matches.
    pub fail_if_matches: Vec<Pattern>,
    /// Meant to fail when all match; fails, as it always did, when one does not.
    pub fail_if_all_match: Vec<Pattern>,
    /// Fail when one record does not match.
    pub fail_if_not_matches: Vec<Pattern>,
    /// Fail when no record matches.
    pub fail_if_none_matches: Vec<Pattern>,
}

impl DnsProbe {
    pub(super) fn read(node: Node<'_>) -> Option<Self> {
        node.map(|fields| {
            let name = fields.required("query_name", |node| node.non_empty_string());
            let tcp = fields
                .or("transport_protocol", false, |node| node.one_of(&[("udp", false), ("tcp", true), ("", false)]));
            let over_tls = fields.or("dns_over_tls", false, |node| node.bool());
            if over_tls && !tcp {
                fields.problem_at("dns_over_tls", "needs transport_protocol: tcp");
            }
            let probe = Self {
                ip: IpPreference::read(fields),
                over_tls,
                tls: fields.or_default("tls_config", Tls::read),
                source_ip: source_ip(fields),
                tcp,
                class: word(fields, "query_class", "a query class", "IN", names::class),
                name: String::new(),
                record_type: word(fields, "query_type", "a query type", "ANY", names::record_type),
                recursion: fields.or("recursion_desired", true, |node| node.bool()),
                valid_rcodes: fields.or_default("valid_rcodes", |node| {
                    node.list(|item| item.parse("a response code such as NOERROR", |text| known(names::rcode(text))))
                }),
                answer: fields.or_default("validate_answer_rrs", RecordRules::read),
                authority: fields.or_default("validate_authority_rrs", RecordRules::read),
                additional: fields.or_default("validate_additional_rrs", RecordRules::read),
            };
            Some(Self { name: name?, ..probe })
        })
    }

    pub(super) fn describe(&self) -> String {
        let mut yaml = Yaml::default();
        self.ip.describe(&mut yaml);
        yaml.flag("dns_over_tls", self.over_tls);
        if self.tls != Tls::default() {
            yaml.tls(&self.tls);
        }
        yaml.text("source_ip_address", &self.source_ip.map(|ip| ip.to_string()).unwrap_or_default());
        yaml.text("transport_protocol", if self.tcp { "tcp" } else { "udp" });
        yaml.text("query_class", &names::class_name(self.class));
        yaml.text("query_name", &self.name);
        yaml.text("query_type", &names::type_name(self.record_type));
        yaml.plain("recursion_desired", self.recursion);
        yaml.list("valid_rcodes", self.valid_rcodes.iter().map(|code| names::rcode_name(*code)));
        yaml.map("validate_answer_rrs", self.answer.describe());
        yaml.map("validate_authority_rrs", self.authority.describe());
        yaml.map("validate_additional_rrs", self.additional.describe());
        yaml.finish()
    }
}

fn word(
    fields: &mut Fields<'_>,
    field: &'static str,
    expected: &str,
    default: &str,
    read: fn(&str) -> Option<u16>,
) -> u16 {
    let given = fields.optional(field, |node| match node.string()?.as_str() {
        "" => None,
        _ => node.parse(expected, |text| known(read(text))),
    });
    given.or_else(|| read(default)).unwrap_or_default()
}

fn known(number: Option<u16>) -> Result<u16, &'static str> {
    number.ok_or("there is none of that name")
}

impl RecordRules {
    fn read(node: Node<'_>) -> Option<Self> {
        node.map(|fields| {
            Some(Self {
                fail_if_matches: fields.or_default("fail_if_matches_regexp", Pattern::list),
                fail_if_all_match: fields.or_default("fail_if_all_match_regexp", Pattern::list),
                fail_if_not_matches: fields.or_default("fail_if_not_matches_regexp", Pattern::list),
                fail_if_none_matches: fields.or_default("fail_if_none_matches_regexp", Pattern::list),
            })
        })
    }

    fn describe(&self) -> Yaml {
        let mut yaml = Yaml::default();
        let texts = |patterns: &[Pattern]| patterns.iter().map(Pattern::to_string).collect::<Vec<_>>();
        yaml.list("fail_if_matches_regexp", texts(&self.fail_if_matches));
        yaml.list("fail_if_all_match_regexp", texts(&self.fail_if_all_match));
        yaml.list("fail_if_not_matches_regexp", texts(&self.fail_if_not_matches));
        yaml.list("fail_if_none_matches_regexp", texts(&self.fail_if_none_matches));
        yaml
    }
}
