//! The Assuan protocol as far as pinentry speaks it (libassuan manual, "Assuan"): one line a
//! command, lines of at most 1000 bytes, `%`, CR and LF as `%XX`.
//!
//! Whatever is read may be a PIN, so every buffer here has a fixed size and is wiped.

use std::io;

use thiserror::Error;
use tokio::io::{AsyncRead, AsyncReadExt};
use zeroize::Zeroizing;

/// The longest line with its end, in bytes.
pub(super) const LINE: usize = 1000;

/// Why a conversation broke off.
#[derive(Debug, Error)]
pub(super) enum AssuanError {
    #[error("reading failed")]
    Read(#[source] io::Error),
    #[error("it ended without an answer")]
    Ended,
    #[error("a line has more than {LINE} bytes")]
    LineTooLong,
    #[error("a line is none that the protocol has")]
    UnknownLine,
}

/// A line from the other side.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    Ok,
    /// The error's code without its source (libgpg-error keeps that in the upper half).
    Err(u16),
    /// Still encoded.
    Data(&'a [u8]),
    Status(&'a [u8]),
    Comment,
}

/// A command with its argument, encoded, ready to be sent.
///
/// An argument too long for a line is cut at a character's end: what comes first in a text is
/// what matters most.
pub(super) fn command(name: &str, argument: &str) -> String {
    let mut line = format!("{name} ");
    let mut encoded = [0; 4];
    for character in argument.chars() {
        let piece: &str = match character {
            '%' => "%25",
            '\r' => "%0D",
            '\n' => "%0A",
            other => other.encode_utf8(&mut encoded),
        };
        if line.len() + piece.len() + 1 > LINE {
            break;
        }
        line.push_str(piece);
    }
    line.push('\n');
    line
}

/// Replaces each `%XX` by its byte, in place; `false` if one is malformed.
pub(super) fn decode(bytes: &mut Zeroizing<Vec<u8>>) -> bool {
    let (mut from, mut to) = (0, 0);
    while from < bytes.len() {
        let byte = bytes[from];
        from += 1;
        bytes[to] = if byte == b'%' {
            let digits = (bytes.get(from), bytes.get(from + 1));
            let (Some(high), Some(low)) = (digits.0.and_then(digit), digits.1.and_then(digit))
            else {
                return false;
            };
            from += 2;
            high * 16 + low
        } else {
            byte
        };
        to += 1;
    }
    // The cut-off end is wiped with the rest of the capacity.
    bytes.truncate(to);
    true
}

fn digit(byte: &u8) -> Option<u8> {
    let value = char::from(*byte).to_digit(16)?;
    u8::try_from(value).ok()
}

/// Reads lines.
pub(super) struct Reader<R> {
    source: R,
    buffer: Zeroizing<Vec<u8>>,
    /// What is read and not yet handed out.
    start: usize,
    end: usize,
}

impl<R: AsyncRead + Unpin> Reader<R> {
    pub(super) fn new(source: R) -> Self {
        Self {
            source,
            buffer: Zeroizing::new(vec![0; 2 * LINE]),
            start: 0,
            end: 0,
        }
    }

    /// The next line.
    pub(super) async fn next(&mut self) -> Result<Line<'_>, AssuanError> {
        let length = loop {
            let unread = &self.buffer[self.start..self.end];
            if let Some(length) = unread.iter().position(|byte| *byte == b'\n') {
                break length;
            }
            if unread.len() >= LINE {
                return Err(AssuanError::LineTooLong);
            }
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
            let read = self
                .source
                .read(&mut self.buffer[self.end..])
                .await
                .map_err(AssuanError::Read)?;
            if read == 0 {
                return Err(AssuanError::Ended);
            }
            self.end += read;
        };
        let line = self.start..self.start + length;
        self.start += length + 1;
        parse(&self.buffer[line])
    }
}

fn parse(line: &[u8]) -> Result<Line<'_>, AssuanError> {
    let (word, rest) = match line.iter().position(|byte| *byte == b' ') {
        Some(space) => (&line[..space], &line[space + 1..]),
        None => (line, &line[line.len()..]),
    };
    match word {
        b"OK" => Ok(Line::Ok),
        b"ERR" => error_code(rest)
            .map(Line::Err)
            .ok_or(AssuanError::UnknownLine),
        b"D" => Ok(Line::Data(rest)),
        b"S" => Ok(Line::Status(rest)),
        _ if line.is_empty() || line.starts_with(b"#") => Ok(Line::Comment),
        _ => Err(AssuanError::UnknownLine),
    }
}

fn error_code(rest: &[u8]) -> Option<u16> {
    let text = std::str::from_utf8(rest).ok()?;
    let code: u32 = text.split(' ').next()?.parse().ok()?;
    u16::try_from(code & 0xffff).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &str) -> Option<String> {
        let mut bytes = Zeroizing::new(text.as_bytes().to_vec());
        decode(&mut bytes).then(|| String::from_utf8(bytes.to_vec()).unwrap())
    }

    #[test]
    fn what_a_line_cannot_hold_is_encoded() {
        assert_eq!(command("SETDESC", "100%\n次"), "SETDESC 100%25%0A次\n");
    }

    #[test]
    fn a_long_argument_is_cut_between_characters() {
        let line = command("SETDESC", &"更".repeat(500));
        assert!(line.len() <= LINE && line.len() > LINE - 3);
        assert!(line.ends_with("更\n"));
        let line = command("SETDESC", &"%".repeat(500));
        assert!(line.len() <= LINE && line.ends_with("%25\n"));
    }

    #[test]
    fn what_was_encoded_comes_back() {
        assert_eq!(decoded("12%25%0a%E6%9B%B4").unwrap(), "12%\n更");
        assert_eq!(decoded("").unwrap(), "");
        for malformed in ["%", "%2", "%zz", "1%2", "%+1"] {
            assert_eq!(decoded(malformed), None, "{malformed}");
        }
    }

    #[test]
    fn lines_are_told_apart() {
        assert_eq!(parse(b"OK closing connection").unwrap(), Line::Ok);
        let cancelled = parse(b"ERR 83886179 Operation cancelled <Pinentry>").unwrap();
        assert_eq!(cancelled, Line::Err(99));
        assert_eq!(parse(b"D 12 34").unwrap(), Line::Data(b"12 34"));
        assert_eq!(
            parse(b"S BUTTON_INFO close").unwrap(),
            Line::Status(b"BUTTON_INFO close")
        );
        assert_eq!(parse(b"# hello").unwrap(), Line::Comment);
        for unknown in ["INQUIRE QUALITY", "ERR", "ERR x", "ERR 99999999999"] {
            assert!(parse(unknown.as_bytes()).is_err(), "{unknown}");
        }
    }

    #[tokio::test]
    async fn lines_arrive_however_they_are_cut() {
        let (mut there, here) = tokio::io::duplex(7);
        let writer = tokio::spawn(async move {
            let text = format!("OK hello\nD {}\nOK\n", "1".repeat(900));
            tokio::io::AsyncWriteExt::write_all(&mut there, text.as_bytes()).await
        });
        let mut reader = Reader::new(here);
        assert_eq!(reader.next().await.unwrap(), Line::Ok);
        let Line::Data(data) = reader.next().await.unwrap() else {
            panic!("no data");
        };
        assert_eq!(data.len(), 900);
        assert_eq!(reader.next().await.unwrap(), Line::Ok);
        assert!(matches!(reader.next().await, Err(AssuanError::Ended)));
        writer.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn an_endless_line_is_refused() {
        let endless = vec![b'D'; 5000];
        let mut reader = Reader::new(&endless[..]);
        assert!(matches!(reader.next().await, Err(AssuanError::LineTooLong)));
    }
}
