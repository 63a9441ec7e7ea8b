//! The forms of an answer, down to the certificates in it.

use const_oid::db::rfc5911::ID_SIGNED_DATA;

use super::ber::{self, Element};
use super::{MAX_ANSWER, MAX_CERTIFICATES, Unreadable};
use crate::asn1::tag;
use crate::certificate::Certificate;
use crate::pem;

/// The certificates of an answer, each once.
pub(super) fn read(answer: &[u8]) -> Result<Vec<Certificate>, Unreadable> {
    if answer.len() > MAX_ANSWER {
        return Err(Unreadable::TooLarge(answer.len()));
    }
    let mut found = Found::default();
    // DER first, for there may be PEM in it, and not the other way round.
    if let Some(outer) = ber::only(answer, tag::SEQUENCE) {
        found.binary(outer)?;
    } else if pem::is_pem(answer) {
        for block in pem::blocks(answer) {
            let block = block.map_err(Unreadable::Pem)?;
            match block.label {
                "CERTIFICATE" | "X509 CERTIFICATE" => found.certificate(&block.content)?,
                "PKCS7" | "PKCS #7 SIGNED DATA" | "CMS" => found.signed_data(&block.content)?,
                _ => {}
            }
        }
    } else if answer.first() == Some(&tag::SEQUENCE) {
        // Cut short, for no base64 of DER begins with '0', the identifier of a SEQUENCE.
        return Err(Unreadable::NotCertificates);
    } else {
        let text = answer.strip_prefix(BYTE_ORDER_MARK).unwrap_or(answer);
        if text.trim_ascii().is_empty() {
            return Err(Unreadable::Empty);
        }
        let binary = pem::base64(text).ok_or(Unreadable::UnknownForm)?;
        found.binary(ber::only(&binary, tag::SEQUENCE).ok_or(Unreadable::NotCertificates)?)?;
    }
    if found.0.is_empty() {
        return Err(Unreadable::Empty);
    }
    Ok(found.0)
}

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

#[derive(Default)]
struct Found(Vec<Certificate>);

impl Found {
    /// A certificate or CMS: the one begins with a SEQUENCE in its SEQUENCE, the other with an
    /// object identifier.
    fn binary(&mut self, outer: Element<'_>) -> Result<(), Unreadable> {
        match ber::elements(outer.content).next() {
            Some(Some(first)) if first.identifier == tag::OBJECT_IDENTIFIER => {
                self.signed_data(outer.whole)
            }
            Some(Some(first)) if first.identifier == tag::SEQUENCE => self.certificate(outer.whole),
            _ => Err(Unreadable::NotCertificates),
        }
    }

    fn certificate(&mut self, der: &[u8]) -> Result<(), Unreadable> {
        if self.0.iter().any(|known| known.der() == der) {
            return Ok(());
        }
        if self.0.len() == MAX_CERTIFICATES {
            return Err(Unreadable::TooMany);
        }
        self.0
            .push(Certificate::from_der(der).map_err(Unreadable::Certificate)?);
        Ok(())
    }

    /// The certificates of a SignedData, whatever else is in it.
    fn signed_data(&mut self, bytes: &[u8]) -> Result<(), Unreadable> {
        let set = certificate_set(bytes).ok_or(Unreadable::NotCertificates)?;
        let Some(set) = set else {
            return Ok(());
        };
        for choice in ber::elements(set) {
            let choice = choice.ok_or(Unreadable::NotCertificates)?;
            // The other choices, attribute certificates and the like, have tags of their own.
            if choice.identifier == tag::SEQUENCE {
                self.certificate(choice.whole)?;
            }
        }
        Ok(())
    }
}

/// The content of `certificates [0]`, if there is one.
///
/// ```text
/// ContentInfo ::= SEQUENCE { contentType, content [0] EXPLICIT SignedData }
/// SignedData  ::= SEQUENCE { version, digestAlgorithms SET, encapContentInfo SEQUENCE,
///                            certificates [0] IMPLICIT SET OPTIONAL, ... }
/// ```
fn certificate_set(bytes: &[u8]) -> Option<Option<&[u8]>> {
    let mut info = ber::elements(ber::only(bytes, tag::SEQUENCE)?.content);
    let content_type = next(&mut info, tag::OBJECT_IDENTIFIER)?;
    if content_type.content != ID_SIGNED_DATA.as_bytes() {
        return None;
    }
    let explicit = next(&mut info, tag::CONTEXT_0)?;
    let mut fields = ber::elements(ber::only(explicit.content, tag::SEQUENCE)?.content);
    next(&mut fields, tag::INTEGER)?;
    next(&mut fields, tag::SET)?;
    next(&mut fields, tag::SEQUENCE)?;
    let set = fields.next()??;
    Some((set.identifier == tag::CONTEXT_0).then_some(set.content))
}

fn next<'a>(
    elements: &mut impl Iterator<Item = Option<Element<'a>>>,
    identifier: u8,
) -> Option<Element<'a>> {
    elements
        .next()?
        .filter(|element| element.identifier == identifier)
}
