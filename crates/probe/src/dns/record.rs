//! A record as a line of a zone file, with tabs between its parts: what the patterns of a module are written for.

use super::names;
use hickory_proto::op::Edns;
use hickory_proto::rr::{RData, Record};

pub(super) fn lines(records: &[Record]) -> Vec<String> {
    records.iter().map(line).collect()
}

fn line(record: &Record) -> String {
    let class = names::class_name(record.dns_class.into());
    let kind = names::type_name(record.data.record_type().into());
    format!("{}\t{}\t{class}\t{kind}\t{}", dotted(&record.name.to_ascii()), record.ttl, data(&record.data))
}

/// Names end with a dot.
fn dotted(name: &str) -> String {
    if name.ends_with('.') { name.to_owned() } else { format!("{name}.") }
}

fn data(data: &RData) -> String {
    match data {
        RData::TXT(text) => quoted(&text.txt_data),
        RData::HINFO(host) => quoted(&[host.cpu.clone(), host.os.clone()]),
        RData::Unknown { rdata, .. } => {
            let bytes = &rdata.anything;
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("\\# {} {hex}", bytes.len())
        }
        data => data.to_string(),
    }
}

fn quoted(parts: &[Box<[u8]>]) -> String {
    let quoted = parts.iter().map(|part| {
        let text: String = part
            .iter()
            .map(|byte| match byte {
                b'"' | b'\\' => format!("\\{}", char::from(*byte)),
                b' '..=b'~' => char::from(*byte).to_string(),
                byte => format!("\\{byte:03}"),
            })
            .collect();
        format!("\"{text}\"")
    });
    quoted.collect::<Vec<_>>().join(" ")
}

/// The pseudo-record that carries extensions.
pub(super) fn edns(edns: &Edns) -> String {
    format!(";; OPT PSEUDOSECTION:\n; EDNS: version {}; flags:; udp: {}", edns.version(), edns.max_payload())
}

#[cfg(test)]
mod tests {
    use super::*;
    use hickory_proto::rr::rdata::{A, MX, TXT};
    use hickory_proto::rr::{DNSClass, Name};

    #[test]
    fn records_read_like_lines_of_a_zone_file() {
        let name = || Name::from_ascii("www.example.com.").unwrap();
        let address = Record::from_rdata(name(), 300, RData::A(A::new(127, 0, 0, 1)));
        assert_eq!(line(&address), "www.example.com.\t300\tIN\tA\t127.0.0.1");
        let mail = Record::from_rdata(name(), 60, RData::MX(MX::new(10, Name::from_ascii("mx.example.com.").unwrap())));
        assert_eq!(line(&mail), "www.example.com.\t60\tIN\tMX\t10 mx.example.com.");
        let mut text = Record::from_rdata(name(), 1, RData::TXT(TXT::from_bytes(vec![b"say \"a\"", b"\xff"])));
        text.dns_class = DNSClass::CH;
        assert_eq!(line(&text), "www.example.com.\t1\tCH\tTXT\t\"say \\\"a\\\"\" \"\\255\"");
    }
}
