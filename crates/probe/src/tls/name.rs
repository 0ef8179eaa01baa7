//! A certificate's names as text, in the order and with the escapes of RFC 2253, as Go writes them.

use std::collections::BTreeMap;
use x509_parser::x509::X509Name;

/// Attributes with a short name of their own, in the order in which they are written from the end.
const KNOWN: [(&str, &str); 9] = [
    ("2.5.4.6", "C"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.9", "STREET"),
    ("2.5.4.17", "POSTALCODE"),
    ("2.5.4.3", "CN"),
    ("2.5.4.5", "SERIALNUMBER"),
];
/// Of these only the last counts.
const SINGLE: [&str; 2] = ["CN", "SERIALNUMBER"];

pub(super) fn text(name: &X509Name<'_>) -> String {
    let mut known: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    let mut parts: Vec<String> = Vec::new();
    for attribute in name.iter_attributes() {
        let id = attribute.attr_type().to_id_string();
        let value = attribute
            .as_str()
            .map_or_else(|_| String::from_utf8_lossy(attribute.as_slice()).into_owned(), str::to_owned);
        match KNOWN.iter().position(|(known, _)| *known == id) {
            None => parts.push(format!("{id}=#{}", der(&value))),
            Some(index) => {
                let values = known.entry(index).or_default();
                if SINGLE.contains(&KNOWN[index].1) {
                    values.clear();
                }
                values.push(format!("{}={}", KNOWN[index].1, escaped(&value)));
            }
        }
    }
    parts.extend(known.into_values().map(|values| values.join("+")));
    parts.reverse();
    parts.join(",")
}

/// The value as DER in hexadecimal: a PrintableString where it is one, else a UTF8String.
fn der(value: &str) -> String {
    let is_printable = |byte: u8| byte.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(&byte);
    let tag = if value.bytes().all(is_printable) { 0x13_u8 } else { 0x0c };
    let length = value.len();
    let mut bytes = vec![tag];
    match length {
        0..=127 => bytes.push(length as u8),
        128..=255 => bytes.extend([0x81, length as u8]),
        _ => bytes.extend([0x82, (length >> 8) as u8, length as u8]),
    }
    bytes.extend(value.as_bytes());
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn escaped(value: &str) -> String {
    let last = value.chars().count().saturating_sub(1);
    let mut text = String::new();
    for (index, character) in value.chars().enumerate() {
        let at_edge = (index == 0 && matches!(character, ' ' | '#')) || (index == last && character == ' ');
        if at_edge || ",+\"\\<>;".contains(character) {
            text.push('\\');
        }
        text.push(character);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_and_separators_are_escaped() {
        assert_eq!(escaped(" a,b+c "), "\\ a\\,b\\+c\\ ");
        assert_eq!(escaped("#a"), "\\#a");
        assert_eq!(der("a@b"), "0c03614062");
        assert_eq!(der("ab"), "13026162");
    }
}
