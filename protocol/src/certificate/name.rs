//! Names as text (RFC 4514), for people.
//!
//! Every string type that RFC 5280 allows in a name is rendered, and some that old CAs use:
//! UTF8String, PrintableString, IA5String, NumericString, VisibleString, BMPString (UTF-16),
//! UniversalString (UTF-32) and TeletexString. What a TeletexString holds depends on who wrote it:
//! bytes that are valid UTF-8 are taken as such, others as ISO 8859-1, as most programs do.
//!
//! Characters that would let a name pass for another on a screen (controls, marks that change the
//! direction of writing, characters without width) are escaped as RFC 4514 escapes any byte.

use std::fmt::Write;

use const_oid::db::rfc4519;
use der::asn1::ObjectIdentifier;
use der::{Decode, Length, Reader, SliceReader, Tag};

use crate::asn1;

/// The name as RFC 4514 writes it: the last relative name first. A name that cannot be read is
/// written as `#` and hexadecimal digits.
pub(crate) fn text(name_der: &[u8]) -> String {
    let Ok(name) = parse(name_der) else {
        return hex_form(name_der);
    };
    let mut text = String::new();
    for (index, relative) in name.iter().rev().enumerate() {
        if index > 0 {
            text.push(',');
        }
        for (index, attribute) in relative.iter().enumerate() {
            if index > 0 {
                text.push('+');
            }
            push_attribute(&mut text, attribute);
        }
    }
    text
}

/// The last common name, unescaped, with the characters that [`text`] would escape because they
/// deceive left out.
pub(crate) fn common_name(name_der: &[u8]) -> Option<String> {
    let name = parse(name_der).ok()?;
    name.iter()
        .rev()
        .flatten()
        .filter(|attribute| attribute.oid == rfc4519::COMMON_NAME)
        .find_map(|attribute| string(&attribute.value))
        .map(|text| text.chars().filter(|&c| !is_deceptive(c)).collect())
}

/// Each attribute as it stands in [`text`], e.g. `OU=Sales`.
pub(super) fn attributes(name_der: &[u8]) -> Vec<String> {
    let written = |attribute: &Attribute<'_>| {
        let mut text = String::new();
        push_attribute(&mut text, attribute);
        text
    };
    let name = parse(name_der).unwrap_or_default();
    name.iter().flatten().map(written).collect()
}

/// Whether the bytes are a `Name`.
pub(super) fn check(name_der: &[u8]) -> der::Result<()> {
    parse(name_der).map(|_| ())
}

struct Attribute<'a> {
    oid: ObjectIdentifier,
    value: Value<'a>,
}

/// An attribute's value. Read by hand, because `der` knows no UniversalString.
struct Value<'a> {
    identifier: u8,
    content: &'a [u8],
    whole: &'a [u8],
}

/// `Name ::= SEQUENCE OF SET OF SEQUENCE { type, value }`
fn parse(name_der: &[u8]) -> der::Result<Vec<Vec<Attribute<'_>>>> {
    asn1::read_all(name_der, Tag::Sequence, |name| {
        let mut relatives = Vec::new();
        while !name.is_finished() {
            relatives.push(asn1::read_element(name, Tag::Set, |relative| {
                let mut attributes = Vec::new();
                while !relative.is_finished() {
                    attributes.push(asn1::read_element(relative, Tag::Sequence, |attribute| {
                        Ok(Attribute {
                            oid: attribute.decode()?,
                            value: value(attribute)?,
                        })
                    })?);
                }
                Ok(attributes)
            })?);
        }
        Ok(relatives)
    })
}

fn value<'a>(attribute: &mut SliceReader<'a>) -> der::Result<Value<'a>> {
    let whole = attribute.clone().read_slice(attribute.remaining_len())?;
    let identifier = attribute.read_byte()?;
    let length = Length::decode(attribute)?;
    Ok(Value {
        identifier,
        content: attribute.read_slice(length)?,
        whole,
    })
}

fn push_attribute(out: &mut String, attribute: &Attribute<'_>) {
    match (keyword(attribute.oid), string(&attribute.value)) {
        (Some(keyword), Some(value)) => {
            out.push_str(keyword);
            out.push('=');
            push_escaped(out, &value);
        }
        // RFC 4514, section 2.4: a type in dotted form has its value in hexadecimal.
        _ => {
            let _ = write!(out, "{}={}", attribute.oid, hex_form(attribute.value.whole));
        }
    }
}

/// The short name that is registered for an attribute type (RFC 4519, RFC 4520), for those seen in
/// certificates.
fn keyword(oid: ObjectIdentifier) -> Option<&'static str> {
    const KEYWORDS: &[(ObjectIdentifier, &str)] = &[
        (rfc4519::COMMON_NAME, "CN"),
        (rfc4519::ORGANIZATIONAL_UNIT_NAME, "OU"),
        (rfc4519::ORGANIZATION_NAME, "O"),
        (rfc4519::COUNTRY_NAME, "C"),
        (rfc4519::LOCALITY_NAME, "L"),
        (rfc4519::ST, "ST"),
        (rfc4519::STREET, "STREET"),
        (rfc4519::DOMAIN_COMPONENT, "DC"),
        (rfc4519::UID, "UID"),
        (rfc4519::SERIAL_NUMBER, "serialNumber"),
        (rfc4519::SN, "SN"),
        (rfc4519::GIVEN_NAME, "givenName"),
        (rfc4519::INITIALS, "initials"),
        (rfc4519::GENERATION_QUALIFIER, "generationQualifier"),
        (rfc4519::TITLE, "title"),
        (rfc4519::DESCRIPTION, "description"),
        (rfc4519::BUSINESS_CATEGORY, "businessCategory"),
        (rfc4519::POSTAL_CODE, "postalCode"),
        (rfc4519::DN_QUALIFIER, "dnQualifier"),
        (
            ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.1"),
            "emailAddress",
        ),
        (ObjectIdentifier::new_unwrap("2.5.4.65"), "pseudonym"),
        (
            ObjectIdentifier::new_unwrap("2.5.4.97"),
            "organizationIdentifier",
        ),
    ];
    KEYWORDS
        .iter()
        .find(|(known, _)| *known == oid)
        .map(|(_, keyword)| *keyword)
}

/// A string of any type as text; `None` where the bytes are not what the type says.
fn string(value: &Value<'_>) -> Option<String> {
    let bytes = value.content;
    match value.identifier {
        string_type::UTF8 => String::from_utf8(bytes.to_vec()).ok(),
        // Any ASCII, because '@', '*' and '_' are common in PrintableStrings.
        string_type::NUMERIC | string_type::PRINTABLE | string_type::IA5 | string_type::VISIBLE => {
            std::str::from_utf8(bytes)
                .ok()
                .filter(|text| text.is_ascii())
                .map(str::to_owned)
        }
        string_type::TELETEX => Some(match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => bytes.iter().copied().map(char::from).collect(),
        }),
        string_type::BMP => {
            let (units, []) = bytes.as_chunks::<2>() else {
                return None;
            };
            char::decode_utf16(units.iter().copied().map(u16::from_be_bytes))
                .collect::<Result<_, _>>()
                .ok()
        }
        string_type::UNIVERSAL => {
            let (units, []) = bytes.as_chunks::<4>() else {
                return None;
            };
            units
                .iter()
                .map(|&unit| char::from_u32(u32::from_be_bytes(unit)))
                .collect()
        }
        _ => None,
    }
}

/// Identifier octets of the string types (X.680, section 8.4).
mod string_type {
    pub(super) const UTF8: u8 = 0x0c;
    pub(super) const NUMERIC: u8 = 0x12;
    pub(super) const PRINTABLE: u8 = 0x13;
    pub(super) const TELETEX: u8 = 0x14;
    pub(super) const IA5: u8 = 0x16;
    pub(super) const VISIBLE: u8 = 0x1a;
    pub(super) const UNIVERSAL: u8 = 0x1c;
    pub(super) const BMP: u8 = 0x1e;
}

/// RFC 4514, section 2.4.
fn push_escaped(out: &mut String, value: &str) {
    let last = value
        .char_indices()
        .next_back()
        .map_or(0, |(index, _)| index);
    for (index, character) in value.char_indices() {
        match character {
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' => {
                out.push('\\');
                out.push(character);
            }
            '#' | ' ' if index == 0 => {
                out.push('\\');
                out.push(character);
            }
            ' ' if index == last => out.push_str("\\ "),
            _ if is_deceptive(character) => {
                for byte in character.encode_utf8(&mut [0; 4]).bytes() {
                    let _ = write!(out, "\\{byte:02X}");
                }
            }
            _ => out.push(character),
        }
    }
}

/// Controls, marks of writing direction, characters without width.
fn is_deceptive(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

fn hex_form(der: &[u8]) -> String {
    let mut text = String::from("#");
    for byte in der {
        let _ = write!(text, "{byte:02X}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::string_type::{BMP, IA5, NUMERIC, PRINTABLE, TELETEX, UNIVERSAL, UTF8, VISIBLE};
    use super::*;
    use crate::testing::{name, name_with};

    const CN: &str = "2.5.4.3";

    fn cn(tag: u8, bytes: &[u8]) -> String {
        text(&name_with(&[(CN, tag, bytes)]))
    }

    #[test]
    fn the_last_relative_name_comes_first() {
        let der = name_with(&[
            ("2.5.4.6", PRINTABLE, b"JP"),
            ("2.5.4.10", UTF8, "しんきん商事株式会社".as_bytes()),
            (CN, UTF8, "経理 花子".as_bytes()),
        ]);
        assert_eq!(text(&der), "CN=経理 花子,O=しんきん商事株式会社,C=JP");
        assert_eq!(common_name(&der).unwrap(), "経理 花子");
        assert_eq!(text(&name(&[])), "");
        assert_eq!(common_name(&name(&[])), None);
    }

    #[test]
    fn several_attributes_of_one_relative_name_are_joined() {
        let pair = |oid: &str, value: &str| {
            asn1::sequence(&[
                &asn1::oid(ObjectIdentifier::new_unwrap(oid)),
                &asn1::element(UTF8, &[value.as_bytes()]),
            ])
        };
        let relative = asn1::set_of(vec![pair(CN, "a"), pair("2.5.4.5", "7")]);
        assert_eq!(text(&asn1::sequence(&[&relative])), "CN=a+serialNumber=7");
    }

    #[test]
    fn every_string_type_is_legible() {
        assert_eq!(cn(UTF8, "更新".as_bytes()), "CN=更新");
        assert_eq!(cn(PRINTABLE, b"Keiri 01"), "CN=Keiri 01");
        assert_eq!(cn(NUMERIC, b"0123"), "CN=0123");
        assert_eq!(cn(IA5, b"a@b"), "CN=a@b");
        assert_eq!(cn(VISIBLE, b"visible"), "CN=visible");
        assert_eq!(cn(TELETEX, b"K\xf6ln"), "CN=Köln");
        assert_eq!(cn(TELETEX, "更新".as_bytes()), "CN=更新");
        assert_eq!(cn(BMP, b"\x66\xf4\x65\xb0"), "CN=更新");
        assert_eq!(cn(BMP, b"\xd8\x42\xdf\xb7"), "CN=𠮷");
        assert_eq!(cn(UNIVERSAL, b"\x00\x00\x66\xf4"), "CN=更");
    }

    #[test]
    fn what_is_no_text_is_written_in_hexadecimal() {
        assert_eq!(cn(UTF8, b"\xff"), "2.5.4.3=#0C01FF");
        assert_eq!(cn(PRINTABLE, b"\x80"), "2.5.4.3=#130180");
        assert_eq!(cn(BMP, b"\x66"), "2.5.4.3=#1E0166");
        assert_eq!(cn(BMP, b"\xd8\x00"), "2.5.4.3=#1E02D800");
        assert_eq!(cn(UNIVERSAL, b"\x00\x11\x00\x00"), "2.5.4.3=#1C0400110000");
        assert_eq!(cn(0x04, b"x"), "2.5.4.3=#040178");
        let unknown = name_with(&[("1.3.6.1.4.1.32473.9", UTF8, b"x")]);
        assert_eq!(text(&unknown), "1.3.6.1.4.1.32473.9=#0C0178");
        assert_eq!(text(b"\x30\x01"), "#3001");
    }

    #[test]
    fn what_would_deceive_is_escaped() {
        assert_eq!(cn(UTF8, b" a,b+c "), "CN=\\ a\\,b\\+c\\ ");
        assert_eq!(cn(UTF8, b"#1\\2"), "CN=\\#1\\\\2");
        assert_eq!(cn(UTF8, b"a#\n"), "CN=a#\\0A");
        assert_eq!(cn(UTF8, "a\u{202e}b".as_bytes()), "CN=a\\E2\\80\\AEb");
        let der = name_with(&[(CN, UTF8, "a\u{202e}\u{200b}b".as_bytes())]);
        assert_eq!(common_name(&der).unwrap(), "ab");
    }
}
