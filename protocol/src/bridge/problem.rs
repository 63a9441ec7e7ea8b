//! Errors of the loopback API: RFC 9457 problem documents with stable codes.

use serde::{Deserialize, Serialize};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, Type},
};

/// A problem document (RFC 9457, section 3) with Koshin's members `code`, `remedy` and `reference`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// `urn:koshin:problem:CODE`.
    pub r#type: String,
    /// What went wrong, in the reader's language.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// Why, in the reader's language, where there is more to say than the title does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub detail: Option<String>,
    /// What the person can do about it, in the reader's language.
    pub remedy: String,
    /// The stable code.
    pub code: ProblemCode,
    /// The number that also stands in dialogs and in the log: 8 digits of Crockford's base 32.
    #[schema(pattern = "^[0-9A-HJKMNP-TV-Z]{8}$")]
    pub reference: String,
}

macro_rules! problem_codes {
    ($(#[doc = $doc:literal] $name:ident = $text:literal, $status:literal;)*) => {
        /// The stable codes of problem documents. Their texts are in the agent's catalogue under
        /// `problem-CODE` with the attributes `.cause`, `.remedy` and `.desk`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum ProblemCode {
            $(#[doc = $doc] #[serde(rename = $text)] $name,)*
        }

        impl ProblemCode {
            /// Every code, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The code as it stands in a document.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// What it means, as an English sentence for developers; persons read the catalogue.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$name => $doc.trim_ascii(),)* }
            }

            /// The HTTP status that goes with it.
            #[must_use]
            pub fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }
        }
    };
}

problem_codes! {
    /// The body or a parameter is not what the API defines.
    BadRequest = "bad-request", 400;
    /// No such path.
    NotFound = "not-found", 404;
    /// The path has other methods.
    MethodNotAllowed = "method-not-allowed", 405;
    /// The body is not `application/json`.
    UnsupportedMediaType = "unsupported-media-type", 415;
    /// The body has more than 64 KiB.
    BodyTooLarge = "body-too-large", 413;
    /// Too many requests or renewals at once.
    TooMany = "too-many", 429;
    /// No token holds that certificate, or it is not of the caller's bank.
    CertificateNotFound = "certificate-not-found", 404;
    /// No such renewal, or it belongs to another bank.
    RenewalNotFound = "renewal-not-found", 404;
    /// The renewal's state does not allow that call.
    WrongState = "wrong-state", 409;
    /// The renewal window has not opened.
    TooEarly = "too-early", 409;
    /// The certificate has expired past the bank's grace.
    TooLate = "too-late", 409;
    /// The token does not show the certificate's private key.
    KeyMissing = "key-missing", 409;
    /// The token or the bank has no key type in common.
    KeyTypeUnsupported = "key-type-unsupported", 409;
    /// The bank's signature over the request is missing or wrong.
    RequestSignatureInvalid = "request-signature-invalid", 403;
    /// The person said no to making a key.
    ConsentDeclined = "consent-declined", 403;
    /// The person said no to installing the certificate.
    InstallDeclined = "install-declined", 403;
    /// The person closed the dialog.
    PromptCancelled = "prompt-cancelled", 403;
    /// Nobody answered the dialog in time.
    PromptTimedOut = "prompt-timed-out", 408;
    /// No dialog can be shown: no pinentry, or no display.
    PromptUnavailable = "prompt-unavailable", 503;
    /// The page or another program ended the renewal.
    Cancelled = "cancelled", 409;
    /// The PC or the agent stopped while a key was being made.
    Interrupted = "interrupted", 409;
    /// The renewal's time was up.
    Expired = "expired", 410;
    /// The token refused the PIN.
    PinIncorrect = "pin-incorrect", 403;
    /// The token has locked the PIN.
    PinLocked = "pin-locked", 403;
    /// The PIN has expired, or was never set.
    PinExpired = "pin-expired", 403;
    /// The person does not know the PIN.
    PinUnknown = "pin-unknown", 403;
    /// The bank refused the one-time code; the person is asked for it again.
    CodeRefused = "code-refused", 403;
    /// The token is not there.
    TokenNotFound = "token-not-found", 404;
    /// Two tokens have the same label and serial number.
    TokenAmbiguous = "token-ambiguous", 409;
    /// The token has no room, or refuses to write.
    TokenFull = "token-full", 507;
    /// The token failed to store something; it may be full.
    TokenMaybeFull = "token-maybe-full", 502;
    /// The token's module failed, crashed or did not answer in time.
    ModuleFailed = "module-failed", 502;
    /// No module is configured, or its file cannot be loaded.
    ModuleMissing = "module-missing", 503;
    /// The CA's answer has no certificate in a form that Koshin reads.
    CertificateUnreadable = "certificate-unreadable", 422;
    /// The certificate is for another key.
    CertificateKeyMismatch = "certificate-key-mismatch", 422;
    /// The certificate is for another subject.
    CertificateSubjectMismatch = "certificate-subject-mismatch", 422;
    /// The certificate is not from the bank's CA.
    CertificateUntrusted = "certificate-untrusted", 422;
    /// The certificate has expired already.
    CertificateExpired = "certificate-expired", 422;
    /// The certificate's validity has not begun.
    CertificateNotYetValid = "certificate-not-yet-valid", 422;
    /// The certificate ends no later than the old one.
    CertificateNotLater = "certificate-not-later", 422;
    /// The certificate is not for client authentication.
    CertificateWrongUsage = "certificate-wrong-usage", 422;
    /// The certificate that was written cannot be used.
    ProofFailed = "proof-failed", 502;
    /// The new certificate is not on the token any more, so the old one stays.
    NewCertificateGone = "new-certificate-gone", 409;
    /// The journal was damaged and set aside; a person must look before anything goes on.
    JournalSetAside = "journal-set-aside", 409;
    /// The journal cannot be read or written.
    JournalUnavailable = "journal-unavailable", 503;
    /// A fault of the agent's own.
    Internal = "internal", 500;
}

// By hand, because the derive does not see the texts that a macro fills in.
impl PartialSchema for ProblemCode {
    fn schema() -> RefOr<Schema> {
        let lines: Vec<String> = Self::ALL
            .iter()
            .map(|code| {
                format!(
                    "- `{}` ({}): {}",
                    code.as_str(),
                    code.status(),
                    code.meaning()
                )
            })
            .collect();
        let description = format!(
            "The stable codes of problem documents, each with its HTTP status. Some only stand in \
             a renewal's `problem`.\n\n{}",
            lines.join("\n")
        );
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(Self::ALL.iter().map(|code| code.as_str())))
            .description(Some(description))
            .into()
    }
}

impl ToSchema for ProblemCode {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_reads_back_from_its_text() {
        for &code in ProblemCode::ALL {
            let text = serde_json::to_value(code).unwrap();
            assert_eq!(text, code.as_str());
            assert_eq!(serde_json::from_value::<ProblemCode>(text).unwrap(), code);
            assert!(code.meaning().ends_with('.'), "{}", code.as_str());
            assert!((400..600).contains(&code.status()));
        }
    }
}
