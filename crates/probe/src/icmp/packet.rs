//! Echo requests and replies as bytes.
//!
//! type (8 request, 0 reply; 128 and 129 in ICMPv6) · code 0 · checksum, 2 bytes · identifier, 2 · sequence, 2 · payload

/// One echo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Echo {
    pub v6: bool,
    pub identifier: u16,
    pub sequence: u16,
    pub payload: Vec<u8>,
}

const HEADER_BYTES: usize = 8;

impl Echo {
    pub(super) fn request(&self) -> Vec<u8> {
        let mut bytes = vec![if self.v6 { 128 } else { 8 }, 0, 0, 0];
        bytes.extend(self.identifier.to_be_bytes());
        bytes.extend(self.sequence.to_be_bytes());
        bytes.extend(&self.payload);
        if !self.v6 {
            // The kernel sums ICMPv6 by itself, since that includes addresses.
            let sum = checksum(&bytes);
            bytes[2..4].copy_from_slice(&sum.to_be_bytes());
        }
        bytes
    }

    /// Whether a packet is the reply. The kernel chooses the identifier of unprivileged sockets, and looks after it.
    pub(super) fn is_answered_by(&self, packet: &[u8], kernel_identifies: bool) -> bool {
        let Some((header, payload)) = packet.split_first_chunk::<HEADER_BYTES>() else { return false };
        let identifier = u16::from_be_bytes([header[4], header[5]]);
        header[0] == if self.v6 { 129 } else { 0 }
            && header[1] == 0
            && (kernel_identifies || identifier == self.identifier)
            && u16::from_be_bytes([header[6], header[7]]) == self.sequence
            && payload == self.payload
    }
}

/// The ones' complement of the ones' complement sum of all 16-bit words.
fn checksum(bytes: &[u8]) -> u16 {
    let words = bytes.chunks(2).map(|pair| u32::from(pair[0]) << 8 | u32::from(pair.get(1).copied().unwrap_or(0)));
    let mut sum: u32 = words.sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

/// The payload of an IPv4 packet, and its time to live.
pub(super) fn without_ip_header(packet: &[u8]) -> Option<(&[u8], u8)> {
    let first = *packet.first()?;
    let length = usize::from(first & 0x0f) * 4;
    (first >> 4 == 4 && length >= 20).then_some(())?;
    Some((packet.get(length..)?, *packet.get(8)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_the_request_with_another_type() {
        let echo = Echo { v6: false, identifier: 7, sequence: 9, payload: b"abc".to_vec() };
        let mut packet = echo.request();
        assert_eq!(checksum(&packet), 0, "a packet with its checksum sums to nothing");
        assert!(!echo.is_answered_by(&packet, false), "a request is no reply");
        packet[0] = 0;
        assert!(echo.is_answered_by(&packet, false));
        packet[5] = 8;
        assert!(!echo.is_answered_by(&packet, false) && echo.is_answered_by(&packet, true));
        assert!(!echo.is_answered_by(&packet[..10], true) && !echo.is_answered_by(&[], true));
    }

    #[test]
    fn ip_headers_are_cut_off() {
        let mut packet = vec![0x45, 0, 0, 0, 0, 0, 0, 0, 64];
        packet.resize(20, 0);
        packet.extend(b"xy");
        assert_eq!(without_ip_header(&packet), Some((&b"xy"[..], 64)));
        assert_eq!(without_ip_header(&packet[..10]), None);
        assert_eq!(without_ip_header(&[0x60; 40]), None);
    }
}
