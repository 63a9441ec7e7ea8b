//! DER, written and read element by element (X.690).
//!
//! Names, extensions and whole certificates are copied byte for byte wherever Koshin passes them
//! on. Typed structures would encode them anew, and differently: a GeneralizedTime before 2050
//! becomes a UTCTime, a SET OF is sorted, a BOOLEAN is normalised, and the signature over it, or
//! the bank's comparison with it, fails. So structures are put together from finished elements
//! here, and taken apart into slices of the input.

use std::ops::Range;

use der::asn1::ObjectIdentifier;
use der::{Decode, Encode, Header, Reader, SliceReader, Tag};

/// Identifier octets of the elements that Koshin writes.
pub(crate) mod tag {
    pub(crate) const INTEGER: u8 = 0x02;
    pub(crate) const BIT_STRING: u8 = 0x03;
    pub(crate) const OCTET_STRING: u8 = 0x04;
    pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
    pub(crate) const UTF8_STRING: u8 = 0x0c;
    pub(crate) const SEQUENCE: u8 = 0x30;
    pub(crate) const SET: u8 = 0x31;
    /// `[0]`, constructed.
    pub(crate) const CONTEXT_0: u8 = 0xa0;
}

/// One element: identifier octet, definite length, and the parts one after the other as content.
pub(crate) fn element(identifier: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut out = Vec::with_capacity(length + 6);
    out.push(identifier);
    push_length(&mut out, length);
    for part in parts {
        out.extend_from_slice(part);
    }
    out
}

/// A SEQUENCE of finished elements.
pub(crate) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    element(tag::SEQUENCE, parts)
}

/// A SET OF finished elements, sorted as DER wants it (X.690, 11.6).
pub(crate) fn set_of(mut elements: Vec<Vec<u8>>) -> Vec<u8> {
    elements.sort();
    let parts: Vec<&[u8]> = elements.iter().map(Vec::as_slice).collect();
    element(tag::SET, &parts)
}

/// An OBJECT IDENTIFIER.
pub(crate) fn oid(oid: ObjectIdentifier) -> Vec<u8> {
    element(tag::OBJECT_IDENTIFIER, &[oid.as_bytes()])
}

/// A BIT STRING without unused bits.
pub(crate) fn bit_string(bytes: &[u8]) -> Vec<u8> {
    element(tag::BIT_STRING, &[&[0], bytes])
}

/// The length of `content` as it stands before it.
fn push_length(out: &mut Vec<u8>, length: usize) {
    match u8::try_from(length) {
        Ok(short @ 0..=0x7f) => out.push(short),
        _ => {
            let bytes = length.to_be_bytes();
            let significant = bytes.iter().position(|&byte| byte != 0).unwrap_or(0);
            let bytes = &bytes[significant..];
            out.push(0x80 | bytes.len() as u8);
            out.extend_from_slice(bytes);
        }
    }
}

/// A reader over `der` that finds its own place again: [`element_range`] gives positions in it.
pub(crate) fn reader(der: &[u8]) -> der::Result<SliceReader<'_>> {
    SliceReader::new(der)
}

/// Reads `der` as one element with the given tag and nothing behind it; `read` gets its content
/// and must use it up.
pub(crate) fn read_all<'a, T>(
    der: &'a [u8],
    tag: Tag,
    read: impl FnOnce(&mut SliceReader<'a>) -> der::Result<T>,
) -> der::Result<T> {
    let mut reader = reader(der)?;
    let value = read_element(&mut reader, tag, read)?;
    reader.finish()?;
    Ok(value)
}

/// Reads the next element, which must have the given tag; `read` gets its content and must use it
/// up.
pub(crate) fn read_element<'a, T>(
    reader: &mut SliceReader<'a>,
    tag: Tag,
    read: impl FnOnce(&mut SliceReader<'a>) -> der::Result<T>,
) -> der::Result<T> {
    let header = Header::decode(reader)?;
    header.tag().assert_eq(tag)?;
    reader.read_nested(header.length(), read)
}

/// Where the next element lies, header included, in the slice that the reader was made for.
pub(crate) fn element_range(reader: &mut SliceReader<'_>) -> der::Result<Range<usize>> {
    let start = usize::try_from(reader.position())?;
    reader.tlv_bytes()?;
    Ok(start..usize::try_from(reader.position())?)
}

/// The next element as it stands, header included, if it has the given tag.
pub(crate) fn raw<'a>(reader: &mut SliceReader<'a>, tag: Tag) -> der::Result<&'a [u8]> {
    Tag::peek(reader)?.assert_eq(tag)?;
    reader.tlv_bytes()
}

/// The content of the next element, which must have the given tag.
pub(crate) fn content<'a>(reader: &mut SliceReader<'a>, tag: Tag) -> der::Result<&'a [u8]> {
    let header = Header::decode(reader)?;
    header.tag().assert_eq(tag)?;
    reader.read_slice(header.length())
}

/// Where the content of the next element lies, which must have the given tag.
pub(crate) fn content_range(reader: &mut SliceReader<'_>, tag: Tag) -> der::Result<Range<usize>> {
    let length = content(reader, tag)?.len();
    let end = usize::try_from(reader.position())?;
    Ok(end - length..end)
}

/// Whether the next element, if any, has the given tag.
pub(crate) fn next_is(reader: &SliceReader<'_>, tag: Tag) -> bool {
    !reader.is_finished() && Tag::peek(reader).is_ok_and(|next| next == tag)
}

/// The context-specific tag `[number]`.
pub(crate) fn context(number: u32, constructed: bool) -> Tag {
    Tag::ContextSpecific {
        constructed,
        number: der::TagNumber(number),
    }
}

/// The encoding of something whose encoding cannot fail.
pub(crate) fn encoded(value: &impl Encode) -> Vec<u8> {
    value
        .to_der()
        .expect("values that Koshin makes itself are far below DER's length limit")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_take_the_fewest_octets() {
        for (length, header) in [
            (0usize, &[0x04, 0x00][..]),
            (127, &[0x04, 0x7f]),
            (128, &[0x04, 0x81, 0x80]),
            (255, &[0x04, 0x81, 0xff]),
            (256, &[0x04, 0x82, 0x01, 0x00]),
            (65_536, &[0x04, 0x83, 0x01, 0x00, 0x00]),
        ] {
            let der = element(tag::OCTET_STRING, &[&vec![7; length]]);
            assert_eq!(&der[..header.len()], header);
            assert_eq!(der.len(), header.len() + length);
            assert_eq!(
                read_all(&der, Tag::OctetString, |r| r.read_slice(r.remaining_len())).unwrap(),
                vec![7; length]
            );
        }
    }

    #[test]
    fn a_set_is_sorted() {
        let set = set_of(vec![bit_string(&[2]), bit_string(&[1]), sequence(&[])]);
        assert_eq!(set, [0x31, 10, 3, 2, 0, 1, 3, 2, 0, 2, 0x30, 0],);
    }

    #[test]
    fn ranges_count_from_the_start_of_the_input() {
        let der = sequence(&[&[2, 1, 5], &sequence(&[&[2, 1, 6]])]);
        let (first, inner) = read_all(&der, Tag::Sequence, |r| {
            let first = element_range(r)?;
            let inner = read_element(r, Tag::Sequence, element_range)?;
            Ok((first, inner))
        })
        .unwrap();
        assert_eq!(&der[first], [2, 1, 5]);
        assert_eq!(&der[inner], [2, 1, 6]);
    }
}
