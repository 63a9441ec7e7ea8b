//! PEM as people and programs really send it (RFC 7468, its lax grammar).
//!
//! Text around the blocks, CRLF or LF, lines of any length and white space in them are taken.
//! What stands between a BEGIN and its END must be base64; RFC 1421 headers are not.

use base64ct::{Base64Unpadded, Encoding};

/// One block.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Block<'a> {
    /// What stands after BEGIN, e.g. `CERTIFICATE`.
    pub(crate) label: &'a str,
    /// What the base64 stands for.
    pub(crate) content: Vec<u8>,
}

/// Why a block cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PemError {
    /// A BEGIN line without its END line.
    #[error("a PEM block has no end")]
    NoEnd,
    /// What stands between the two lines is not base64.
    #[error("a PEM block is not base64")]
    NotBase64,
    /// The label is not ASCII text, or its line has no `-----` at its end.
    #[error("a PEM block has no proper label")]
    Label,
}

const BEGIN: &[u8] = b"-----BEGIN ";
const DASHES: &[u8] = b"-----";

/// Whether there is a BEGIN line anywhere.
pub(crate) fn is_pem(text: &[u8]) -> bool {
    find(text, BEGIN).is_some()
}

/// The blocks of `text` in order. After an error there are no more.
pub(crate) fn blocks(text: &[u8]) -> impl Iterator<Item = Result<Block<'_>, PemError>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let start = find(rest, BEGIN)?;
        let block = block(&rest[start + BEGIN.len()..]);
        rest = match &block {
            Ok((_, after)) => after,
            Err(_) => &[],
        };
        Some(block.map(|(block, _)| block))
    })
}

/// Decodes base64 with or without line breaks and padding.
pub(crate) fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let mut compact: String = text
        .iter()
        .filter(|byte| !byte.is_ascii_whitespace())
        .map(|&byte| char::from(byte))
        .collect();
    for _ in 0..2 {
        if compact.ends_with('=') {
            compact.pop();
        }
    }
    Base64Unpadded::decode_vec(&compact).ok()
}

/// The block whose BEGIN ends where `text` starts, and what comes after its END.
fn block(text: &[u8]) -> Result<(Block<'_>, &[u8]), PemError> {
    // Labels are a few words; a bound keeps a page of rubbish from being searched as one.
    const LABEL_MAX: usize = 64;
    let label = find(&text[..text.len().min(LABEL_MAX + DASHES.len())], DASHES)
        .and_then(|end| std::str::from_utf8(&text[..end]).ok())
        .filter(|label| label.bytes().all(|byte| (b' '..=b'~').contains(&byte)))
        .ok_or(PemError::Label)?;
    let body = &text[label.len() + DASHES.len()..];
    let end_line = format!("-----END {label}-----");
    let end = find(body, end_line.as_bytes()).ok_or(PemError::NoEnd)?;
    let content = base64(&body[..end]).ok_or(PemError::NotBase64)?;
    Ok((Block { label, content }, &body[end + end_line.len()..]))
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &[u8]) -> Result<Vec<Block<'_>>, PemError> {
        blocks(text).collect()
    }

    #[test]
    fn blocks_are_found_among_text_and_crlf() {
        let text =
            b"subject=CN = x\r\n-----BEGIN A-----\r\nAQ\r\nID\r\n-----END A-----\r\n\r\nmore\n\
            -----BEGIN B C-----\nBA==\n-----END B C-----";
        assert!(is_pem(text));
        assert_eq!(
            all(text),
            Ok(vec![
                Block {
                    label: "A",
                    content: vec![1, 2, 3]
                },
                Block {
                    label: "B C",
                    content: vec![4]
                },
            ])
        );
    }

    #[test]
    fn broken_blocks_are_told_apart() {
        assert_eq!(all(b"no block at all"), Ok(vec![]));
        assert_eq!(all(b"-----BEGIN A-----\nAQID\n"), Err(PemError::NoEnd));
        assert_eq!(
            all(b"-----BEGIN A-----\nAQID\n-----END B-----"),
            Err(PemError::NoEnd)
        );
        assert_eq!(
            all(b"-----BEGIN A-----\nA: B\n\nAQID\n-----END A-----"),
            Err(PemError::NotBase64)
        );
        assert_eq!(all(b"-----BEGIN \x83\x84-----"), Err(PemError::Label));
        assert_eq!(all(b"-----BEGIN A"), Err(PemError::Label));
    }

    #[test]
    fn base64_needs_neither_lines_nor_padding() {
        assert_eq!(base64(b" BA = =\n"), Some(vec![4]));
        assert_eq!(base64(b"BA"), Some(vec![4]));
        assert_eq!(base64(b"BA==="), None);
        assert_eq!(base64(b"B_"), None);
        assert_eq!(base64(b"\xff"), None);
    }
}
