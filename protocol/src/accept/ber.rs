//! BER, read element by element (X.690, section 8.1): enough to find certificates in CMS that was
//! written as a stream, with indefinite lengths.
//!
//! Nothing is converted: elements are slices of the input, so a certificate in them stays byte for
//! byte what its issuer signed. Constructed strings, BER's other freedom, occur only in content
//! that is passed over.
//!
//! Bounds: identifiers of one octet, lengths of four, 32 indefinite lengths inside each other.

/// One element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Element<'a> {
    /// The identifier octet.
    pub(super) identifier: u8,
    /// What is in it, without end-of-contents octets.
    pub(super) content: &'a [u8],
    /// All of it.
    pub(super) whole: &'a [u8],
}

/// The element with that identifier that `bytes` is, with nothing behind it.
pub(super) fn only(bytes: &[u8], identifier: u8) -> Option<Element<'_>> {
    first(bytes)
        .filter(|element| element.identifier == identifier && element.whole.len() == bytes.len())
}

/// The elements of `bytes`, one after the other; `None` for what is not BER, and then no more.
pub(super) fn elements(bytes: &[u8]) -> impl Iterator<Item = Option<Element<'_>>> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let element = first(rest);
        rest = element.map_or(&[], |element| &rest[element.whole.len()..]);
        Some(element)
    })
}

const MAX_DEPTH: usize = 32;
const CONSTRUCTED: u8 = 0x20;
const END_OF_CONTENTS: [u8; 2] = [0, 0];

enum Length {
    Definite(usize),
    Indefinite,
}

/// Identifier, length, and how many octets these two take.
fn header(bytes: &[u8]) -> Option<(u8, Length, usize)> {
    let (&identifier, rest) = bytes.split_first()?;
    if identifier & 0x1f == 0x1f {
        return None;
    }
    let (&initial, rest) = rest.split_first()?;
    match initial {
        0..=0x7f => Some((identifier, Length::Definite(usize::from(initial)), 2)),
        0x80 if identifier & CONSTRUCTED != 0 => Some((identifier, Length::Indefinite, 2)),
        0x81..=0x84 => {
            let count = usize::from(initial & 0x7f);
            let length = rest
                .get(..count)?
                .iter()
                .fold(0usize, |length, &byte| length << 8 | usize::from(byte));
            Some((identifier, Length::Definite(length), 2 + count))
        }
        _ => None,
    }
}

fn first(bytes: &[u8]) -> Option<Element<'_>> {
    let (identifier, length, header) = header(bytes)?;
    let (content_end, end) = match length {
        Length::Definite(length) => {
            let end = header.checked_add(length)?;
            (end, end)
        }
        Length::Indefinite => {
            let end = end_of_contents(bytes, header)?;
            (end, end + END_OF_CONTENTS.len())
        }
    };
    Some(Element {
        identifier,
        content: bytes.get(header..content_end)?,
        whole: bytes.get(..end)?,
    })
}

/// Where the end-of-contents octets lie that end a content of indefinite length, which begins at
/// `position`.
fn end_of_contents(bytes: &[u8], mut position: usize) -> Option<usize> {
    let mut depth = 1;
    loop {
        let rest = bytes.get(position..)?;
        if rest.starts_with(&END_OF_CONTENTS) {
            depth -= 1;
            if depth == 0 {
                return Some(position);
            }
            position += END_OF_CONTENTS.len();
            continue;
        }
        let (_, length, header) = header(rest)?;
        position = position.checked_add(header)?;
        match length {
            Length::Definite(length) => position = position.checked_add(length)?,
            Length::Indefinite if depth < MAX_DEPTH => depth += 1,
            Length::Indefinite => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definite_lengths_need_not_be_the_shortest() {
        for bytes in [
            &[0x30, 2, 5, 0][..],
            &[0x30, 0x81, 2, 5, 0],
            &[0x30, 0x84, 0, 0, 0, 2, 5, 0],
            &[0x30, 0x80, 5, 0, 0, 0],
        ] {
            let element = only(bytes, 0x30).unwrap();
            assert_eq!(element.content, [5, 0]);
            assert_eq!(element.whole, bytes);
        }
    }

    #[test]
    fn indefinite_lengths_nest() {
        // Zeros in a content of definite length end nothing.
        let bytes = [0x30, 0x80, 0x31, 0x80, 4, 2, 0, 0, 0, 0, 5, 0, 0, 0, 9];
        let element = first(&bytes).unwrap();
        assert_eq!(element.whole, &bytes[..14]);
        let inner: Vec<_> = elements(element.content).map(Option::unwrap).collect();
        assert_eq!(inner[0].content, [4, 2, 0, 0]);
        assert_eq!(inner[1].identifier, 5);
        assert_eq!(only(&bytes, 0x30), None);
    }

    #[test]
    fn what_is_cut_or_too_deep_is_nothing() {
        for bytes in [
            &[][..],
            &[0x30],
            &[0x30, 1],
            &[0x30, 0x80, 5, 0],
            &[0x30, 0x82, 1],
            &[0x30, 0x85, 0, 0, 0, 0, 0],
            &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff],
            &[0x04, 0x80, 0, 0],
            &[0x1f, 0x20, 0],
        ] {
            assert_eq!(first(bytes), None, "{bytes:x?}");
        }
        let nested = |depth: usize| {
            let mut bytes = [0x30, 0x80].repeat(depth);
            bytes.extend(vec![0; 2 * depth]);
            bytes
        };
        assert!(first(&nested(MAX_DEPTH)).is_some());
        assert_eq!(first(&nested(MAX_DEPTH + 1)), None);
    }

    #[test]
    fn after_what_is_not_ber_there_is_no_more() {
        let all: Vec<_> = elements(&[5, 0, 0x30, 9, 5, 0]).collect();
        assert_eq!(all.len(), 2);
        assert_eq!(all[1], None);
    }
}
