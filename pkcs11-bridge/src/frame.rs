//! The frames between the agent and its worker.
//!
//! A frame is a `u32` length in little-endian order, then as many bytes: a version, a kind,
//! and the body. The body is postcard, except that of a PIN, which is the PIN's bytes. Both
//! sides bound the length before they allocate and refuse what they don't know.

use std::io::{self, Read};

use serde::{Serialize, de::DeserializeOwned};
use tokio::io::{AsyncRead, AsyncReadExt};
use zeroize::Zeroizing;

/// The bytes before a frame's body.
pub(crate) const HEADER: usize = 6;

/// The longest frame, without its length: 1 MiB.
const LONGEST: usize = 1 << 20;
const VERSION: u8 = 1;

/// What a frame's body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A [`Request`](crate::message::Request).
    Request = 1,
    /// The bytes of a PIN: a request to log in.
    Pin = 2,
    /// An [`Answer`](crate::message::Answer).
    Answer = 3,
}

/// A received frame. It is wiped when dropped, since it may be a PIN.
pub(crate) struct Frame {
    pub(crate) kind: Kind,
    pub(crate) body: Zeroizing<Vec<u8>>,
}

impl Frame {
    /// The body as a message; `None` if it isn't exactly one.
    pub(crate) fn message<T: DeserializeOwned>(&self) -> Option<T> {
        match postcard::take_from_bytes(&self.body) {
            Ok((message, [])) => Some(message),
            _ => None,
        }
    }
}

/// The header of a frame with a body of `length` bytes.
pub(crate) fn header(kind: Kind, length: usize) -> [u8; HEADER] {
    let mut header = [0; HEADER];
    let length = u32::try_from(length + 2).unwrap_or(u32::MAX);
    header[..4].copy_from_slice(&length.to_le_bytes());
    header[4] = VERSION;
    header[5] = kind as u8;
    header
}

/// A frame with a message; an error of kind `InvalidData` if it is too long to send.
pub(crate) fn encode<T: Serialize>(kind: Kind, message: &T) -> io::Result<Vec<u8>> {
    let mut bytes = postcard::to_extend(message, vec![0; HEADER]).map_err(invalid)?;
    if bytes.len() - HEADER + 2 > LONGEST {
        return Err(invalid("a frame is too long"));
    }
    let header = header(kind, bytes.len() - HEADER);
    bytes[..HEADER].copy_from_slice(&header);
    Ok(bytes)
}

/// Reads a frame; `None` where the other side has closed the channel between two frames.
pub(crate) fn read(mut channel: impl Read) -> io::Result<Option<Frame>> {
    let mut start = [0; HEADER];
    match channel.read_exact(&mut start) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let (kind, length) = parse(start)?;
    let mut body = Zeroizing::new(vec![0; length]);
    channel.read_exact(&mut body)?;
    Ok(Some(Frame { kind, body }))
}

/// As [`read`], for the agent's side, where a closed channel is an error.
pub(crate) async fn receive(mut channel: impl AsyncRead + Unpin) -> io::Result<Frame> {
    let mut start = [0; HEADER];
    channel.read_exact(&mut start).await?;
    let (kind, length) = parse(start)?;
    let mut body = Zeroizing::new(vec![0; length]);
    channel.read_exact(&mut body).await?;
    Ok(Frame { kind, body })
}

/// The kind and the length of the body.
fn parse(header: [u8; HEADER]) -> io::Result<(Kind, usize)> {
    let [a, b, c, d, version, kind] = header;
    let length = u32::from_le_bytes([a, b, c, d]);
    let length = usize::try_from(length).map_err(invalid)?;
    if !(2..=LONGEST).contains(&length) || version != VERSION {
        return Err(invalid("not a frame of this version"));
    }
    let kind = match kind {
        1 => Kind::Request,
        2 => Kind::Pin,
        3 => Kind::Answer,
        _ => return Err(invalid("an unknown kind of frame")),
    };
    Ok((kind, length - 2))
}

fn invalid(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_comes_back_as_it_was_sent() {
        let bytes = encode(Kind::Request, &("a label".to_owned(), 7_u8)).unwrap();
        let frame = read(bytes.as_slice()).unwrap().unwrap();
        assert_eq!(frame.kind, Kind::Request);
        assert_eq!(frame.message(), Some(("a label".to_owned(), 7_u8)));
    }

    #[test]
    fn nonsense_is_refused_before_anything_is_allocated() {
        let too_long = [0xff, 0xff, 0xff, 0x7f, VERSION, 1];
        let other_version = [2, 0, 0, 0, VERSION + 1, 1];
        let unknown_kind = [2, 0, 0, 0, VERSION, 9];
        let too_short = [1, 0, 0, 0, VERSION, 1];
        for bytes in [too_long, other_version, unknown_kind, too_short] {
            let error = read(bytes.as_slice()).err().unwrap();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        }
    }

    #[test]
    fn a_message_followed_by_more_bytes_is_refused() {
        let frame = Frame {
            kind: Kind::Answer,
            body: Zeroizing::new(vec![7, 7]),
        };
        assert_eq!(frame.message::<u8>(), None);
    }

    #[test]
    fn a_message_that_is_too_long_is_not_sent() {
        let error = encode(Kind::Request, &"x".repeat(LONGEST)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }
}
