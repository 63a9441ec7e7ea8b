//! Requests and responses of the loopback API.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{CertificateId, Nonce, Problem};

/// Who answers: `GET /v1/agent`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Agent {
    /// Always `koshin`.
    pub product: String,
    /// The program's version, e.g. `0.1.0`.
    pub version: String,
    /// The API versions that it speaks, e.g. `["v1"]`.
    pub api: Vec<String>,
    /// What it can do.
    pub capabilities: Vec<Capability>,
}

/// Something that an agent can do, and an older one may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Capability {
    /// Renew a certificate that the token holds.
    Renew,
    /// Acquire a certificate without an old one, by the bank's one-time code.
    Acquire,
    /// Take requests signed by the bank.
    SignedRequests,
}

/// The certificates of the caller's bank: `GET /v1/certificates`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CertificateList {
    /// Those whose issuer the caller's profile names, nearest expiry first.
    pub certificates: Vec<Certificate>,
}

/// A certificate on a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Certificate {
    /// SHA-256 of the whole DER, 64 lower-case hexadecimal digits.
    #[schema(value_type = CertificateId)]
    pub id: String,
    /// The subject as RFC 4514 text.
    pub subject: String,
    /// The subject's common name, or the whole subject where it has none.
    pub name: String,
    /// The serial number, lower-case hexadecimal without separators.
    #[schema(pattern = "^[0-9a-f]+$")]
    pub serial: String,
    /// The issuer as RFC 4514 text.
    pub issuer: String,
    /// Start of validity, RFC 3339 in UTC.
    #[schema(format = DateTime)]
    pub not_before: String,
    /// End of validity (the last second that is valid), RFC 3339 in UTC.
    #[schema(format = DateTime)]
    pub not_after: String,
    /// Whole days left by the calendar of the bank (Japan): 0 on the last day, negative after it.
    pub days_left: i64,
    /// Where the certificate stands in its life.
    pub status: Status,
    /// The token that holds it.
    pub token: TokenSummary,
    /// Its private key, as far as it can be seen without a login.
    pub key: CurrentKey,
    /// The renewal in progress for it: its id, if any. The certificate that a renewal brought does
    /// not lead to it; the old one does, as long as it is on the token.
    #[schema(required = true, pattern = "^[0-9a-f]{32}$")]
    pub renewal: Option<String>,
}

/// Where a certificate stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Its validity has not begun.
    NotYetValid,
    /// Valid, and the renewal window has not opened.
    Valid,
    /// In the renewal window.
    Due,
    /// In the renewal window, with as few days left as the bank's profile calls urgent.
    Urgent,
    /// Expired, and the bank still renews it.
    Expired,
    /// Expired past the bank's grace: only an acquisition helps.
    PastGrace,
}

/// A token, as a page may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TokenSummary {
    /// The token's label, without padding.
    pub label: String,
    /// The token's serial number, without padding.
    pub serial: String,
    /// The manufacturer, without padding.
    pub manufacturer: String,
}

/// The private key of a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CurrentKey {
    /// E.g. `rsa-2048` or `p-256`; `other` for what Koshin does not renew.
    pub r#type: String,
    /// Whether the token has it.
    pub status: KeyStatus,
}

/// Whether a token has the private key of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum KeyStatus {
    /// The token shows its key.
    Present,
    /// Only a login would tell.
    Unknown,
    /// The token has no key for it.
    Absent,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A successor for a certificate that the token holds.
    Renew,
    /// A certificate for somebody whose token holds none that could be renewed, by the bank's
    /// one-time code.
    Acquire,
}

/// A nonce for a request that the bank signs: `POST /v1/challenges`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Challenge {
    /// 32 bytes, base64url without padding; single use.
    #[schema(value_type = Nonce)]
    pub nonce: String,
    /// When it ends, RFC 3339 in UTC.
    #[schema(format = DateTime)]
    pub expires: String,
}

/// A renewal as a page sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RenewalView {
    /// Its id: 32 lower-case hexadecimal digits.
    #[schema(pattern = "^[0-9a-f]{32}$")]
    pub id: String,
    /// What is asked for.
    pub kind: Kind,
    /// The certificate that is renewed: its id as in [`Certificate::id`]. An acquisition has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = CertificateId)]
    pub certificate: Option<String>,
    /// Whom an acquired certificate will name: the subject's common name, or the whole subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub name: Option<String>,
    /// Where it stands.
    pub state: State,
    /// Counts every change; the number of the newest [`Progress`].
    pub revision: u64,
    /// When it began, RFC 3339 in UTC.
    #[schema(format = DateTime)]
    pub created: String,
    /// What it waits for, in the state [`State::Waiting`].
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub waiting: Option<WaitReason>,
    /// The certification request (RFC 2986): base64 of the DER, once there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub csr: Option<String>,
    /// The old key's proof (CMS SignedData, RFC 5652): base64 of the DER, once there. An
    /// acquisition has none: its request has the value made by the one-time code.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub proof: Option<String>,
    /// The new certificate, once it is verified.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub new_certificate: Option<DeliveredCertificate>,
    /// What the new key signed once it was proven (CMS SignedData): base64 of the DER.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub receipt: Option<String>,
    /// Why it ended without a certificate, why it waits, or why the last answer, or the one-time
    /// code, was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub problem: Option<Problem>,
}

/// The new certificate in a [`RenewalView`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeliveredCertificate {
    /// SHA-256 of the whole DER, 64 lower-case hexadecimal digits.
    #[schema(value_type = CertificateId)]
    pub id: String,
    /// The serial number, lower-case hexadecimal without separators.
    #[schema(pattern = "^[0-9a-f]+$")]
    pub serial: String,
    /// The subject as RFC 4514 text.
    pub subject: String,
    /// Start of validity, RFC 3339 in UTC.
    #[schema(format = DateTime)]
    pub not_before: String,
    /// End of validity, RFC 3339 in UTC.
    #[schema(format = DateTime)]
    pub not_after: String,
}

/// Where a renewal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// The person is asked whether the site may make a key and a request.
    Consent,
    /// The person is asked which token gets the certificate (in an acquisition).
    ChooseToken,
    /// The person is asked for the bank's one-time code (in an acquisition).
    EnterCode,
    /// The person is asked for the PIN.
    Authenticate,
    /// The new key is about to be made.
    KeyIntent,
    /// The new key is on the token.
    KeyReady,
    /// CSR and proof are there for the page to fetch.
    RequestReady,
    /// The page has them; the CA's answer is awaited.
    AwaitingCertificate,
    /// An answer came and is being checked.
    Received,
    /// It is the right certificate.
    Verified,
    /// The person is asked whether it may be installed.
    ConsentToInstall,
    /// It is about to be written.
    InstallIntent,
    /// It is on the token, and its use is not yet proven.
    Unproven,
    /// The new key signed from a fresh process.
    Proven,
    /// Both certificates are on the token; the old one goes by the bank's rule.
    Grace,
    /// The old certificate is gone from the token, or there was none.
    Retired,
    /// Something must come first: see [`RenewalView::waiting`].
    Waiting,
    /// Ended by the person or the page.
    Cancelled,
    /// Ended by a fault: see [`RenewalView::problem`].
    Failed,
    /// Ended because its time was up.
    Expired,
}

/// What a renewal in [`State::Waiting`] waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WaitReason {
    /// The token must be put in.
    Card,
    /// The certificate's validity, by this PC's clock, has not begun.
    Clock,
    /// The CA answers later.
    Bank,
    /// The person must come back to it.
    Person,
}

/// A line of `GET /v1/renewals/{id}/events`: newline-delimited JSON, one object a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Progress {
    /// The revision; pass the last one seen as `after`.
    pub revision: u64,
    /// Where the renewal stood then.
    pub state: State,
    /// When, RFC 3339 in UTC.
    #[schema(format = DateTime)]
    pub at: String,
}

/// The CA's answer: `PUT /v1/renewals/{id}/certificate`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum CertificateAnswer {
    /// PEM, base64 of DER, or base64 of a certs-only CMS (RFC 5652, 8551), chain in any order.
    Certificate(String),
    /// The CA answers later.
    Pending(PendingAnswer),
    /// The one-time code of an acquisition was wrong: the person is asked for it again, and the
    /// same key signs another request.
    #[serde(rename = "wrong_code")]
    WrongCode(WrongCodeAnswer),
}

/// The one-time code of an acquisition was wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WrongCodeAnswer {
    /// How many more wrong codes the bank takes before it locks the code. The person reads it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub tries_left: Option<u32>,
    /// The nonce for the next request, where it is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub nonce: Option<Nonce>,
}

/// The CA answers later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PendingAnswer {
    /// Seconds until the page or the CLI may ask the CA again.
    pub retry_after: u64,
}

/// The bank's word: `POST /v1/renewals/{id}/outcome`, as `{"outcome": "first-login"}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "OutcomeBody", into = "OutcomeBody")]
pub enum Outcome {
    /// A login with the new certificate was seen.
    FirstLogin,
    /// The old certificate is revoked.
    OldRevoked,
}

/// The bank's word about a renewal. An object, so that a later version can say more.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Outcome)]
pub(super) struct OutcomeBody {
    /// What the bank saw or did.
    outcome: OutcomeWord,
}

/// What the bank saw or did.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum OutcomeWord {
    /// A login with the new certificate was seen.
    FirstLogin,
    /// The old certificate is revoked.
    OldRevoked,
}

impl From<OutcomeBody> for Outcome {
    fn from(body: OutcomeBody) -> Self {
        match body.outcome {
            OutcomeWord::FirstLogin => Self::FirstLogin,
            OutcomeWord::OldRevoked => Self::OldRevoked,
        }
    }
}

impl From<Outcome> for OutcomeBody {
    fn from(outcome: Outcome) -> Self {
        Self {
            outcome: match outcome {
                Outcome::FirstLogin => OutcomeWord::FirstLogin,
                Outcome::OldRevoked => OutcomeWord::OldRevoked,
            },
        }
    }
}

#[cfg(test)]
mod tests;
