//! Certificates on the token: written under their key's id, read back, removed.

use cryptoki::object::{Attribute, AttributeType, CertificateType, ObjectClass, ObjectHandle};
use ring::digest;

use crate::{
    TokenError,
    keys::{bearers, read_back},
    locate::private_half,
    object::{Access, Attributes, find},
    session::OpenToken,
    spki::{Fields, KeyBits},
};

/// Writes a certificate (DER) under the id of its private key and reads it back. One that is
/// there already is left as it is. The pair is looked for under the id that was given to it
/// first; that its private half is the right one is for a signature to show.
pub(crate) fn write(
    token: &mut OpenToken,
    certificate: &[u8],
    spki: &[u8],
    known: &[u8; 16],
    label: &str,
) -> Result<(), TokenError> {
    let fields = Fields::of(certificate)
        .filter(|fields| KeyBits::of(fields.spki) == KeyBits::of(spki))
        .ok_or_else(|| TokenError::Unsuitable {
            what: "a certificate that is not one of the key".to_owned(),
        })?;
    let (id, is_free) = match place(token, certificate, spki, known)? {
        Place::Taken => return Ok(()),
        Place::Free => (known.to_vec(), true),
        // Also where a crash took one half of the pair: the certificate may be there all the same.
        Place::Elsewhere => {
            let half = private_half(token, spki)?;
            (half.ok_or(TokenError::KeyNotFound)?.id, false)
        }
    };
    let there = |session: &Access<'_>| {
        let copies = find(
            session,
            ObjectClass::CERTIFICATE,
            &[Attribute::Id(id.clone())],
        )?;
        Ok(copies
            .into_iter()
            .any(|copy| value(session, copy) == certificate))
    };
    if !is_free && token.with_session(there)? {
        return Ok(());
    }
    let template = [
        Attribute::Class(ObjectClass::CERTIFICATE),
        Attribute::CertificateType(CertificateType::X_509),
        Attribute::Token(true),
        Attribute::Id(id.clone()),
        Attribute::Label(label.as_bytes().to_vec()),
        Attribute::Subject(fields.subject.to_vec()),
        Attribute::Issuer(fields.issuer.to_vec()),
        Attribute::SerialNumber(fields.serial.to_vec()),
        Attribute::Value(certificate.to_vec()),
        // Some modules refuse this one, and show every certificate to everybody anyhow.
        Attribute::Private(false),
    ];
    let create = |template: &[Attribute], token: &mut OpenToken| {
        token.with_session(|session| Ok(session.create_object(template)?))
    };
    let written = match create(&template, token) {
        Err(TokenError::TemplateRefused) => create(&template[..template.len() - 1], token)?,
        other => other?,
    };
    if token.with_fresh_session(there)? {
        return Ok(());
    }
    // What was stored in its place, if anything, is of no use to anybody.
    let _ = token.with_session(|session| Ok(session.destroy_object(written)?));
    Err(read_back("a certificate"))
}

/// Where a certificate belongs.
enum Place {
    /// It is there already.
    Taken,
    /// Its pair bears the id.
    Free,
    /// The id leads to no such pair.
    Elsewhere,
}

/// What bears the id of a certificate's pair.
fn place(
    token: &mut OpenToken,
    certificate: &[u8],
    spki: &[u8],
    id: &[u8; 16],
) -> Result<Place, TokenError> {
    token.with_session(|session| {
        let (mut private, mut public, mut there) = (0, 0, false);
        for object in bearers(session, id)? {
            let read = Attributes::read(session, object, Attributes::KEY);
            match read.class {
                Some(ObjectClass::PRIVATE_KEY) => private += 1,
                Some(ObjectClass::PUBLIC_KEY) => {
                    let own = read.spki();
                    let same = own.is_some_and(|own| KeyBits::of(&own) == KeyBits::of(spki));
                    public += usize::from(same);
                }
                Some(ObjectClass::CERTIFICATE) => there |= value(session, object) == certificate,
                _ => {}
            }
        }
        Ok(match (private, public) {
            (1, 1) if there => Place::Taken,
            (1, 1) => Place::Free,
            _ => Place::Elsewhere,
        })
    })
}

/// Removes every copy of the certificate whose DER has this SHA-256.
pub(crate) fn remove(token: &mut OpenToken, sha256: &[u8; 32]) -> Result<(), TokenError> {
    let removed = token.with_session(|session| {
        let copies = copies(session, sha256)?;
        for &copy in &copies {
            session.destroy_object(copy)?;
        }
        Ok(!copies.is_empty())
    })?;
    if removed && !token.with_fresh_session(|session| Ok(copies(session, sha256)?.is_empty()))? {
        return Err(read_back("the removal of a certificate"));
    }
    Ok(())
}

fn copies(session: &Access<'_>, sha256: &[u8; 32]) -> Result<Vec<ObjectHandle>, TokenError> {
    let mut found = find(session, ObjectClass::CERTIFICATE, &[])?;
    found.retain(|&handle| {
        digest::digest(&digest::SHA256, &value(session, handle)).as_ref() == sha256
    });
    Ok(found)
}

fn value(session: &Access<'_>, certificate: ObjectHandle) -> Vec<u8> {
    Attributes::read(session, certificate, &[AttributeType::Value]).value
}
