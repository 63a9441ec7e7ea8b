//! From a public key to a certificate that is entered in the database.

use base64ct::{Base64, Encoding as _};
use cms::{
    cert::CertificateChoices,
    content_info::{CmsVersion, ContentInfo},
    signed_data::{CertificateSet, EncapsulatedContentInfo, SignedData, SignerInfos},
};
use der::{Any, Decode as _, Encode as _, asn1::SetOfVec};
use protocol::{certificate::Certificate, csr::SignedRequest};
use spki::SubjectPublicKeyInfoRef;

use crate::{
    AnswerForm, BankError, Misbehaviour,
    ca::{self, Authorities, Blueprint, Usage, email_name, name},
    store::{Issue, IssuedCertificate, Renewal, Store, User},
    time::{self, DAY},
};

/// The customer to whom all IDs of the demo belong.
const COMPANY: &str = "株式会社みほん商事";

/// The number of its contract with the demo's bank.
pub(crate) const UNIT: &str = "EB-0001";

/// Seconds by which a certificate's validity begins before its issue: PC clocks differ.
const BACKDATE: i64 = 300;

/// A certificate as the bank's counter would issue it.
#[derive(Clone, Copy, Debug)]
pub struct Order<'a> {
    /// The ID: the certificate's common name.
    pub user: &'a str,
    /// The public key: SubjectPublicKeyInfo, DER.
    pub public_key: &'a [u8],
    /// How long it lasts.
    pub validity: Validity,
}

/// How long a certificate lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// To the end, in Japan, of the day that lies so many days ahead (or, negative, back); it
    /// began a year before its end.
    Days(i64),
    /// Exactly these seconds of Unix time, both valid.
    Exactly {
        /// The first.
        not_before: i64,
        /// The last.
        not_after: i64,
    },
}

/// Issues what was ordered; it is active at once.
pub(crate) fn to_order(
    store: &Store,
    authorities: &Authorities,
    order: &Order<'_>,
    now: i64,
) -> Result<IssuedCertificate, BankError> {
    let user = store.user(order.user)?;
    SubjectPublicKeyInfoRef::from_der(order.public_key)
        .map_err(|_| BankError::Unusable("public key"))?;
    let (not_before, not_after) = match order.validity {
        Validity::Days(days) => {
            let end = time::end_of_day(now, days);
            (time::one_year_before(end).min(now - BACKDATE), end)
        }
        Validity::Exactly {
            not_before,
            not_after,
        } => (not_before, not_after),
    };
    let (subject, alternative_names) = names(store, &user)?;
    let der = authorities.user_issuing.issue(&Blueprint {
        subject,
        san: Some(alternative_names),
        spki: order.public_key.to_vec(),
        not_before,
        not_after,
        usage: Usage::Client,
    })?;
    enter(store, &user.id, &der, None, now)
}

/// The subject of an ID's certificates, and the extension with its alternative names, DER.
pub(crate) fn names(store: &Store, user: &User) -> Result<(Vec<u8>, Vec<u8>), BankError> {
    Ok((
        name(COMPANY, Some(&store.unit()?), &user.id)?,
        email_name(&user.email)?,
    ))
}

/// Issues what a one-time code authorised: the ID's own names, the request's key, one year. The
/// code is used up.
pub(crate) fn acquisition(
    store: &Store,
    authorities: &Authorities,
    user: &User,
    request: &SignedRequest,
    nonce: &str,
    now: i64,
) -> Result<IssuedCertificate, BankError> {
    let (subject, alternative_names) = names(store, user)?;
    let der = authorities.user_issuing.issue(&Blueprint {
        subject,
        san: Some(alternative_names),
        spki: request.spki_der().to_vec(),
        not_before: now - BACKDATE,
        not_after: time::end_of_one_year(now),
        usage: Usage::Client,
    })?;
    let csr_sha256 = ca::hex(&ca::digest(request.der()));
    let renewal = Renewal {
        csr_sha256: &csr_sha256,
        replaces: None,
        nonce,
    };
    enter(store, &user.id, &der, Some(renewal), now)
}

/// Issues a renewal: the old certificate's subject and names, the request's key, one year.
pub(crate) fn renewal(
    store: &Store,
    authorities: &Authorities,
    old: &IssuedCertificate,
    request: &SignedRequest,
    nonce: &str,
    misbehaviour: Option<Misbehaviour>,
    now: i64,
) -> Result<IssuedCertificate, BankError> {
    let before =
        Certificate::from_der(&old.der).map_err(|_| BankError::Unusable("old certificate"))?;
    let mut blueprint = Blueprint {
        subject: before.subject_der().to_vec(),
        san: before.san_extension_der().map(<[u8]>::to_vec),
        spki: request.spki_der().to_vec(),
        not_before: now - BACKDATE,
        not_after: time::end_of_one_year(now),
        usage: Usage::Client,
    };
    if let Some(misbehaviour) = misbehaviour {
        spoil(&mut blueprint, misbehaviour, old, now)?;
    }
    let der = match misbehaviour {
        Some(Misbehaviour::OtherIssuer) => {
            Authorities::create(now)?.user_issuing.issue(&blueprint)?
        }
        _ => authorities.user_issuing.issue(&blueprint)?,
    };
    let csr_sha256 = ca::hex(&ca::digest(request.der()));
    let renewal = Renewal {
        csr_sha256: &csr_sha256,
        replaces: Some(&old.sha256),
        nonce,
    };
    enter(store, &old.user, &der, Some(renewal), now)
}

/// The certificate in the form in which the CA answers.
pub(crate) fn answer(
    authorities: &Authorities,
    certificate: &[u8],
    form: AnswerForm,
) -> Result<String, BankError> {
    let issuing = authorities.user_issuing.certificate();
    let root = authorities.user_root.certificate();
    match form {
        AnswerForm::Pem => Ok(ca::pem(certificate)? + &ca::pem(issuing)?),
        AnswerForm::PemRootFirst => {
            Ok(ca::pem(root)? + &ca::pem(issuing)? + &ca::pem(certificate)?)
        }
        AnswerForm::Base64 => Ok(Base64::encode_string(certificate)),
        AnswerForm::Pkcs7 => {
            let text = Base64::encode_string(&certs_only(&[issuing, certificate])?);
            let lines: Vec<&str> = text
                .as_bytes()
                .chunks(64)
                .filter_map(|line| std::str::from_utf8(line).ok())
                .collect();
            Ok(lines.join("\n"))
        }
    }
}

fn spoil(
    blueprint: &mut Blueprint,
    misbehaviour: Misbehaviour,
    old: &IssuedCertificate,
    now: i64,
) -> Result<(), BankError> {
    match misbehaviour {
        Misbehaviour::WrongKey => blueprint.spki = ca::Key::generate()?.spki().to_vec(),
        Misbehaviour::OtherSubject => blueprint.subject = name(COMPANY, None, "someone-else")?,
        Misbehaviour::Expired => {
            blueprint.not_before = now - 30 * DAY;
            blueprint.not_after = now - DAY;
        }
        Misbehaviour::NotYetValid(seconds) => blueprint.not_before = now + seconds,
        Misbehaviour::NotLater => blueprint.not_after = old.not_after,
        Misbehaviour::WrongUsage => blueprint.usage = Usage::Server,
        Misbehaviour::AcceptAnything
        | Misbehaviour::OtherIssuer
        | Misbehaviour::Rubbish(_)
        | Misbehaviour::Pending { .. }
        | Misbehaviour::AnswerLost
        | Misbehaviour::OutOfService => {}
    }
    Ok(())
}

fn enter(
    store: &Store,
    user: &str,
    der: &[u8],
    renewal: Option<Renewal<'_>>,
    now: i64,
) -> Result<IssuedCertificate, BankError> {
    let issued = Certificate::from_der(der).map_err(|_| BankError::Unusable("certificate"))?;
    store.enter(&Issue {
        user,
        der,
        serial: &issued.serial_hex(),
        spki: issued.spki_der(),
        not_before: issued.not_before(),
        not_after: issued.not_after(),
        renewal,
        now,
    })
}

/// A SignedData that carries certificates and nothing else (RFC 5652, section 5.2).
fn certs_only(certificates: &[&[u8]]) -> Result<Vec<u8>, BankError> {
    let choices = certificates
        .iter()
        .map(|der| {
            Ok(CertificateChoices::Certificate(
                x509_cert::Certificate::from_der(der)?,
            ))
        })
        .collect::<Result<Vec<_>, der::Error>>()?;
    let data = SignedData {
        version: CmsVersion::V1,
        digest_algorithms: SetOfVec::new(),
        encap_content_info: EncapsulatedContentInfo {
            econtent_type: const_oid::db::rfc5911::ID_DATA,
            econtent: None,
        },
        certificates: Some(CertificateSet::try_from(choices)?),
        crls: None,
        signer_infos: SignerInfos(SetOfVec::new()),
    };
    Ok(ContentInfo {
        content_type: const_oid::db::rfc5911::ID_SIGNED_DATA,
        content: Any::encode_from(&data)?,
    }
    .to_der()?)
}
