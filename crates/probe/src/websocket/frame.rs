//! Messages of a WebSocket, as frames (RFC 6455).
//!
//! final bit and kind, 1 byte · mask bit and length, 1 byte (126: 2 bytes more, 127: 8 bytes more) · mask, 4 bytes, from
//! clients alone · payload

use crate::dial::BoxedStream;
use lgtm_runtime::Random;
use std::io;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Bytes of one message.
const MESSAGE_BYTES_MAX: usize = 1 << 20;
/// Pings that are answered while a message is waited for.
const PINGS_MAX: usize = 1_000;

const CONTINUED: u8 = 0x0;
const TEXT: u8 = 0x1;
const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;
const PONG: u8 = 0xa;

pub(super) struct Messages {
    stream: BoxedStream,
    random: Random,
}

impl Messages {
    pub(super) fn new(stream: BoxedStream, random: Random) -> Self {
        Self { stream, random }
    }

    /// The next message; pings before it are answered.
    pub(super) async fn receive(&mut self) -> io::Result<Vec<u8>> {
        let mut message = Vec::new();
        for _ in 0..PINGS_MAX {
            let head = self.stream.read_u8().await?;
            let payload = self.payload(message.len()).await?;
            match head & 0x0f {
                PING => self.write(PONG, &payload).await?,
                PONG => {}
                CLOSE => return Err(io::Error::other("the server closed the WebSocket")),
                kind if kind <= 0x2 => {
                    if kind != CONTINUED {
                        message.clear();
                    }
                    message.extend(payload);
                    if head & 0x80 != 0 {
                        return Ok(message);
                    }
                }
                kind => return Err(io::Error::other(format!("a frame of unknown kind {kind}"))),
            }
        }
        Err(io::Error::other(format!("no message among {PINGS_MAX} frames")))
    }

    async fn payload(&mut self, before: usize) -> io::Result<Vec<u8>> {
        let second = self.stream.read_u8().await?;
        let length = match second & 0x7f {
            126 => u64::from(self.stream.read_u16().await?),
            127 => self.stream.read_u64().await?,
            short => u64::from(short),
        };
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if length.saturating_add(before) > MESSAGE_BYTES_MAX {
            return Err(io::Error::other(format!("a message is larger than {MESSAGE_BYTES_MAX} bytes")));
        }
        let mut mask = [0; 4];
        if second & 0x80 != 0 {
            self.stream.read_exact(&mut mask).await?;
        }
        let mut payload = vec![0; length];
        self.stream.read_exact(&mut payload).await?;
        apply(mask, &mut payload);
        Ok(payload)
    }

    /// Sends a text message.
    pub(super) async fn send(&mut self, message: &[u8]) -> io::Result<()> {
        self.write(TEXT, message).await
    }

    async fn write(&mut self, kind: u8, payload: &[u8]) -> io::Result<()> {
        let mut mask = [0; 4];
        self.random.fill(&mut mask);
        let mut frame = vec![0x80 | kind];
        match payload.len() {
            short @ 0..=125 => frame.push(0x80 | short as u8),
            middle @ 126..=0xffff => {
                frame.push(0x80 | 126);
                frame.extend((middle as u16).to_be_bytes());
            }
            long => {
                frame.push(0x80 | 127);
                frame.extend((long as u64).to_be_bytes());
            }
        }
        frame.extend(mask);
        let start = frame.len();
        frame.extend(payload);
        apply(mask, &mut frame[start..]);
        self.stream.write_all(&frame).await?;
        self.stream.flush().await
    }
}

fn apply(mask: [u8; 4], payload: &mut [u8]) {
    for (byte, mask) in payload.iter_mut().zip(mask.into_iter().cycle()) {
        *byte ^= mask;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn messages_come_whole_and_pings_are_answered() {
        let (mine, mut theirs) = tokio::io::duplex(1 << 16);
        let mut messages = Messages::new(Box::new(mine), Random::from_seed(1));
        theirs.write_all(&[0x89, 1, b'p', 0x01, 2, b'a', b'b', 0x80, 1, b'c']).await.unwrap();
        assert_eq!(messages.receive().await.unwrap(), b"abc");
        let mut pong = [0; 7];
        theirs.read_exact(&mut pong).await.unwrap();
        assert_eq!((pong[0], pong[1], pong[6] ^ pong[2]), (0x8a, 0x81, b'p'));
        messages.send(&[b'x'; 300]).await.unwrap();
        let mut head = [0; 4];
        theirs.read_exact(&mut head).await.unwrap();
        assert_eq!(head, [0x81, 0xfe, 1, 44]);
        theirs.write_all(&[0x82, 127, 0, 0, 0, 0, 0xff, 0, 0, 0]).await.unwrap();
        assert!(messages.receive().await.unwrap_err().to_string().contains("larger than"));
    }
}
