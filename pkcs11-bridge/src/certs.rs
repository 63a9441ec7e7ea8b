//! Certificates on the token: written under their key's id, read back, removed.

use cryptoki::{
    object::{Attribute, AttributeType, CertificateType, ObjectClass, ObjectHandle},
    session::Session,
};
use ring::digest;

use crate::{
    TokenError,
    keys::read_back,
    locate::private_half,
    object::{Attributes, find},
    session::OpenToken,
    spki::{Fields, KeyBits},
};

/// Writes a certificate (DER) under the id of its private key and reads it back. One that is
/// there already is left as it is.
pub(crate) fn write(
    token: &mut OpenToken,
    certificate: &[u8],
    spki: &[u8],
    label: &str,
) -> Result<(), TokenError> {
    let fields = Fields::of(certificate)
        .filter(|fields| KeyBits::of(fields.spki) == KeyBits::of(spki))
        .ok_or_else(|| TokenError::Unsuitable {
            what: "a certificate that is not one of the key".to_owned(),
        })?;
    let id = private_half(token, spki)?
        .ok_or(TokenError::KeyNotFound)?
        .id;
    let there = |session: &Session| {
        let copies = find(
            session,
            ObjectClass::CERTIFICATE,
            &[Attribute::Id(id.clone())],
        )?;
        Ok(copies
            .into_iter()
            .any(|copy| value(session, copy) == certificate))
    };
    if token.with_session(there)? {
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

fn copies(session: &Session, sha256: &[u8; 32]) -> Result<Vec<ObjectHandle>, TokenError> {
    let mut found = find(session, ObjectClass::CERTIFICATE, &[])?;
    found.retain(|&handle| {
        digest::digest(&digest::SHA256, &value(session, handle)).as_ref() == sha256
    });
    Ok(found)
}

fn value(session: &Session, certificate: ObjectHandle) -> Vec<u8> {
    Attributes::read(session, certificate, &[AttributeType::Value]).value
}
