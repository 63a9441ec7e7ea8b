//! Whom a certificate that is yet to be made shall name.

use std::fmt;

use const_oid::db::rfc5280::ID_CE_SUBJECT_ALT_NAME;
use der::asn1::ObjectIdentifier;
use der::{Decode as _, Reader as _, Tag};

use super::name;
use crate::asn1;

/// The largest subject, and the largest extension with alternative names, in bytes of DER.
pub const MAX_SUBJECT: usize = 4 * 1024;

/// Why bytes are no subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SubjectError {
    /// More than [`MAX_SUBJECT`] bytes.
    #[error("the subject has {0} bytes, more than {MAX_SUBJECT}")]
    TooLarge(usize),
    /// Not the DER of a `Name`.
    #[error("the subject is no name")]
    Name(#[source] der::Error),
    /// A name without a part says nothing to the person who is asked.
    #[error("the subject is empty")]
    Empty,
    /// Not the DER of an `Extension` with subject alternative names.
    #[error("the alternative names are no such extension")]
    AlternativeNames(#[source] der::Error),
}

/// A subject with its alternative names, as the bank encoded them.
#[derive(Clone, PartialEq, Eq)]
pub struct Subject {
    name: Vec<u8>,
    alternative_names: Option<Vec<u8>>,
}

impl Subject {
    /// Takes the DER of a `Name` (RFC 5280, section 4.1.2.4), and of a whole `Extension` with
    /// subject alternative names (section 4.2.1.6) where there are any.
    ///
    /// # Errors
    /// When one of them is something else, empty or too large.
    pub fn from_der(name: &[u8], alternative_names: Option<&[u8]>) -> Result<Self, SubjectError> {
        for part in [Some(name), alternative_names].into_iter().flatten() {
            if part.len() > MAX_SUBJECT {
                return Err(SubjectError::TooLarge(part.len()));
            }
        }
        name::check(name).map_err(SubjectError::Name)?;
        if name::text(name).is_empty() {
            return Err(SubjectError::Empty);
        }
        if let Some(extension) = alternative_names {
            check_extension(extension).map_err(SubjectError::AlternativeNames)?;
        }
        Ok(Self {
            name: name.to_vec(),
            alternative_names: alternative_names.map(<[u8]>::to_vec),
        })
    }

    /// The `Name`, as it came.
    #[must_use]
    pub fn name_der(&self) -> &[u8] {
        &self.name
    }

    /// The whole `Extension` with the alternative names, as it came.
    #[must_use]
    pub fn san_extension_der(&self) -> Option<&[u8]> {
        self.alternative_names.as_deref()
    }

    /// The name as text (RFC 4514), for people.
    #[must_use]
    pub fn text(&self) -> String {
        name::text(&self.name)
    }

    /// The common name, the most specific one where there are several.
    #[must_use]
    pub fn common_name(&self) -> Option<String> {
        name::common_name(&self.name)
    }

    /// Each attribute of the name in the form of RFC 4514, section 2.3, e.g. `OU=Sales`.
    #[must_use]
    pub fn attributes(&self) -> Vec<String> {
        name::attributes(&self.name)
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Subject({})", self.text())
    }
}

fn check_extension(extension: &[u8]) -> der::Result<()> {
    asn1::read_all(extension, Tag::Sequence, |extension| {
        let oid: ObjectIdentifier = extension.decode()?;
        if oid != ID_CE_SUBJECT_ALT_NAME {
            return Err(der::ErrorKind::OidUnknown { oid }.into());
        }
        if asn1::next_is(extension, Tag::Boolean) {
            bool::decode(extension)?;
        }
        asn1::content(extension, Tag::OctetString)?;
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ca, name, san};

    #[test]
    fn name_and_extension_are_kept_as_they_came() {
        let der = name(&[("2.5.4.10", "株式会社みほん"), ("2.5.4.3", "keiri-01")]);
        let subject = Subject::from_der(&der, Some(&san())).unwrap();
        assert_eq!(subject.name_der(), der);
        assert_eq!(subject.san_extension_der(), Some(&san()[..]));
        assert_eq!(subject.common_name().as_deref(), Some("keiri-01"));
        assert_eq!(subject.text(), "CN=keiri-01,O=株式会社みほん");
    }

    #[test]
    fn anything_else_is_refused() {
        let der = name(&[("2.5.4.3", "keiri-01")]);
        assert_eq!(
            Subject::from_der(&name(&[]), None),
            Err(SubjectError::Empty)
        );
        let long = name(&[("2.5.4.3", &"x".repeat(MAX_SUBJECT))]);
        assert!(matches!(
            Subject::from_der(&long, None),
            Err(SubjectError::TooLarge(_))
        ));
        let more = [&der[..], &[0]].concat();
        for wrong in [&b""[..], b"no name", &more, &san()] {
            assert!(
                matches!(
                    Subject::from_der(wrong, None),
                    Err(SubjectError::Name(_) | SubjectError::Empty)
                ),
                "{wrong:?}"
            );
        }
        for wrong in [&b""[..], &ca(), &der] {
            assert!(matches!(
                Subject::from_der(&der, Some(wrong)),
                Err(SubjectError::AlternativeNames(_))
            ));
        }
    }
}
