//! A request that the bank signed: JWS compact serialisation (RFC 7515) with ES256 (RFC 7518,
//! section 3.4) over [`RequestClaims`].
//!
//! The algorithm is not negotiated: a key is a point on P-256 and can be used for nothing else,
//! and a header that says anything but `ES256`, or brings a key or an extension of its own, is
//! refused. The header's `typ` is fixed as well, so that nothing else that the bank signs with
//! the same key can pass for a request (RFC 8725, section 3.11).

use base64ct::{Base64UrlUnpadded, Encoding as _};
use der::{Decode as _, asn1::ObjectIdentifier};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use spki::SubjectPublicKeyInfoRef;

use super::{CertificateId, Kind, Nonce, Target, begin::Members};

/// The header's `typ`.
pub const TYPE: &str = "koshin-request+jws";

/// The longest request that is looked at, in bytes.
pub const MAX_REQUEST: usize = 4096;

/// What the bank signs: the payload of the JWS, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestClaims {
    /// What is asked for.
    pub kind: Kind,
    /// The certificate of this login, in a renewal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<CertificateId>,
    /// The subject, in an acquisition: base64 as in the page's request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Its alternative names, if any: base64 as in the page's request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject_alt_name: Option<String>,
    /// The bank's nonce for the old key's proof, or for the request of an acquisition.
    pub nonce: Nonce,
    /// The agent's nonce, from `POST /v1/challenges`: makes the request single-use.
    pub challenge: Nonce,
    /// The origin whose page may bring the request.
    pub origin: String,
    /// From when on it is refused, in Unix seconds; the challenge ends it in any case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exp: Option<i64>,
}

/// A public key of the bank's for signed requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestKey {
    /// An uncompressed point on P-256 (SEC 1, section 2.3.3).
    point: [u8; POINT],
}

impl RequestKey {
    /// A key as SubjectPublicKeyInfo (RFC 5480).
    ///
    /// # Errors
    ///
    /// [`RequestKeyError`] when it is not a key on P-256.
    pub fn from_spki_der(spki_der: &[u8]) -> Result<Self, RequestKeyError> {
        let spki =
            SubjectPublicKeyInfoRef::from_der(spki_der).map_err(|_| RequestKeyError::Unreadable)?;
        let curve = spki
            .algorithm
            .parameters_oid()
            .map_err(|_| RequestKeyError::NotP256)?;
        if spki.algorithm.oid != EC_PUBLIC_KEY || curve != P256 {
            return Err(RequestKeyError::NotP256);
        }
        let point = spki.subject_public_key.as_bytes();
        let point: [u8; POINT] = point
            .and_then(|bytes| bytes.try_into().ok())
            .filter(|point: &[u8; POINT]| point[0] == UNCOMPRESSED)
            .ok_or(RequestKeyError::Unreadable)?;
        Ok(Self { point })
    }

    fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, self.point)
            .verify(message, signature)
            .is_ok()
    }
}

/// What the page that brings the request asks for, which the bank must have signed.
#[derive(Clone, Copy, Debug)]
pub struct ExpectedRequest<'a> {
    /// What is asked for, and of what.
    pub target: &'a Target,
    /// The bank's nonce for the old key's proof.
    pub nonce: &'a Nonce,
    /// The page's origin, as the browser said it.
    pub origin: &'a str,
    /// The time now, in Unix seconds.
    pub now: i64,
}

/// Checks that one of the bank's keys signed what the page asks for.
///
/// # Errors
///
/// One variant of [`SignedRequestError`] for each check; all of them are the code
/// `request-signature-invalid` for the page.
pub fn verify(
    jws: &str,
    keys: &[RequestKey],
    expected: &ExpectedRequest<'_>,
) -> Result<UnredeemedRequest, SignedRequestError> {
    let claims = authenticate(jws, keys)?;
    let target = Members::from(expected.target);
    if claims.kind != target.kind {
        return Err(SignedRequestError::OtherKind);
    }
    if claims.certificate != target.certificate {
        return Err(SignedRequestError::OtherCertificate);
    }
    if (&claims.subject, &claims.subject_alt_name) != (&target.subject, &target.subject_alt_name) {
        return Err(SignedRequestError::OtherSubject);
    }
    if claims.nonce != *expected.nonce {
        return Err(SignedRequestError::OtherNonce);
    }
    if claims.origin != expected.origin {
        return Err(SignedRequestError::OtherOrigin);
    }
    if claims.exp.is_some_and(|exp| expected.now >= exp) {
        return Err(SignedRequestError::Expired);
    }
    Ok(UnredeemedRequest(claims))
}

/// A request with the bank's signature whose challenge may have been used already.
#[derive(Debug)]
#[must_use = "a request counts only once its challenge was redeemed"]
pub struct UnredeemedRequest(RequestClaims);

impl UnredeemedRequest {
    /// Spends the challenge: `spend` answers whether the agent gave it, and not too long ago, and
    /// strikes it off.
    ///
    /// # Errors
    ///
    /// [`SignedRequestError::ChallengeUnknown`] when `spend` says no.
    pub fn redeem(
        self,
        spend: impl FnOnce(&Nonce) -> bool,
    ) -> Result<SignedRequest, SignedRequestError> {
        if spend(&self.0.challenge) {
            Ok(SignedRequest(self.0))
        } else {
            Err(SignedRequestError::ChallengeUnknown)
        }
    }
}

/// A request that the bank signed for this page, this certificate and this moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedRequest(RequestClaims);

impl SignedRequest {
    /// What was signed.
    #[must_use]
    pub fn claims(&self) -> &RequestClaims {
        &self.0
    }
}

/// Why a request does not count as the bank's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignedRequestError {
    /// Longer than [`MAX_REQUEST`].
    #[error("the signed request is longer than {MAX_REQUEST} bytes")]
    TooLong,
    /// Not three parts of base64url, or a header or payload that is not what it should be.
    #[error("the signed request is not a JWS with a header and claims as defined")]
    Malformed,
    /// The header's `alg` is not ES256.
    #[error("the signed request names another algorithm than ES256")]
    OtherAlgorithm,
    /// The header's `typ` is not [`TYPE`].
    #[error("the signature was made for another purpose")]
    OtherType,
    /// No key of the profile made the signature.
    #[error("no key of the profile made the signature")]
    BadSignature,
    /// Signed for another kind of renewal.
    #[error("the request was signed for another kind of renewal")]
    OtherKind,
    /// Signed for another certificate.
    #[error("the request was signed for another certificate")]
    OtherCertificate,
    /// Signed for another subject.
    #[error("the request was signed for another subject")]
    OtherSubject,
    /// Signed with another nonce of the bank's.
    #[error("the request was signed with another nonce of the bank's")]
    OtherNonce,
    /// Signed for another origin.
    #[error("the request was signed for another origin")]
    OtherOrigin,
    /// Its time is up.
    #[error("the signed request has expired")]
    Expired,
    /// The challenge is not one of the agent's, is used up or too old.
    #[error("the challenge is unknown, used or too old")]
    ChallengeUnknown,
}

/// Why a key cannot be the bank's key for signed requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestKeyError {
    /// Not SubjectPublicKeyInfo, or without an uncompressed point.
    #[error("the key is not SubjectPublicKeyInfo with an uncompressed point")]
    Unreadable,
    /// On another curve, of another type, or for another use.
    #[error("the key is not a P-256 key for ES256 signatures")]
    NotP256,
}

/// Checks header and signature, and only then reads the payload.
fn authenticate(jws: &str, keys: &[RequestKey]) -> Result<RequestClaims, SignedRequestError> {
    if jws.len() > MAX_REQUEST {
        return Err(SignedRequestError::TooLong);
    }
    let (message, signature) = jws.rsplit_once('.').ok_or(SignedRequestError::Malformed)?;
    let (header, payload) = message
        .split_once('.')
        .filter(|(_, payload)| !payload.contains('.'))
        .ok_or(SignedRequestError::Malformed)?;
    let header: Header = read(header)?;
    if header.alg != ALGORITHM {
        return Err(SignedRequestError::OtherAlgorithm);
    }
    if header.typ != TYPE {
        return Err(SignedRequestError::OtherType);
    }
    let signature = decode(signature)?;
    if !keys
        .iter()
        .any(|key| key.verifies(message.as_bytes(), &signature))
    {
        return Err(SignedRequestError::BadSignature);
    }
    read(payload)
}

fn read<T: serde::de::DeserializeOwned>(part: &str) -> Result<T, SignedRequestError> {
    serde_json::from_slice(&decode(part)?).map_err(|_| SignedRequestError::Malformed)
}

fn decode(part: &str) -> Result<Vec<u8>, SignedRequestError> {
    Base64UrlUnpadded::decode_vec(part).map_err(|_| SignedRequestError::Malformed)
}

/// The members that a header may have; `jwk`, `x5c`, `crit` and the like are refused with it. What
/// `kid` says means nothing: a profile lists few keys, and each is tried.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    typ: String,
    #[serde(rename = "kid")]
    _kid: Option<String>,
}

const ALGORITHM: &str = "ES256";
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const COORDINATE: usize = 32;
const POINT: usize = 1 + 2 * COORDINATE;
const UNCOMPRESSED: u8 = 4;

#[cfg(test)]
mod tests;
