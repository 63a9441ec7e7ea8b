//! The calls of the API, as a table.

use utoipa::openapi::HttpMethod;

use crate::bridge::ProblemCode as Code;

/// Stands at the head of the document.
pub(super) const INTRODUCTION: &str = "\
What a bank's page and the Koshin agent on the customer's PC say to each other.

The agent listens on 127.0.0.1 only, on the first free port of a range of 64 that begins at 47110. \
It answers a request only when the other end belongs to the agent's own OS user, `Host` is exactly \
`127.0.0.1:PORT` or `localhost:PORT`, and `Origin` is one that a profile lists. It closes the \
connection of anybody else without a byte: a status would tell a stranger that something listens.

Bodies are JSON. There are no cookies and no tokens. Errors are problem documents (RFC 9457) with \
a stable `code`; a path that is not listed here answers `not-found`, another method \
`method-not-allowed`. A client ignores members and enumeration values that it does not know; the \
agent refuses unknown members in requests.";

/// One call.
pub(super) struct Call {
    pub(super) method: HttpMethod,
    pub(super) path: &'static str,
    pub(super) id: &'static str,
    pub(super) summary: &'static str,
    pub(super) description: &'static str,
    /// Whether it takes `?after=N`.
    pub(super) after: bool,
    /// The schema of the request's body.
    pub(super) body: Option<&'static str>,
    pub(super) answers: &'static [Answer],
    /// What it refuses with, beside [`ALWAYS`] and, where there is a body, [`WITH_BODY`].
    pub(super) problems: &'static [Code],
}

/// A successful answer.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) description: &'static str,
    pub(super) media: &'static str,
    pub(super) schema: &'static str,
}

const JSON: &str = "application/json";

/// Every call can be refused with these.
pub(super) const ALWAYS: &[Code] = &[Code::TooMany, Code::Internal];

/// Every call with a body can be refused with these.
pub(super) const WITH_BODY: &[Code] = &[
    Code::BadRequest,
    Code::UnsupportedMediaType,
    Code::BodyTooLarge,
];

const fn ok(description: &'static str, schema: &'static str) -> Answer {
    Answer {
        status: 200,
        description,
        media: JSON,
        schema,
    }
}

/// All of them, in the order of a renewal.
pub(super) const CALLS: &[Call] = &[
    Call {
        method: HttpMethod::Get,
        path: "/v1/agent",
        id: "agent",
        summary: "Who answers",
        description: "Every later version of the agent keeps this path and these members, so that \
                      a page can tell an agent that is too old or too new from no agent.",
        after: false,
        body: None,
        answers: &[ok("The agent.", "Agent")],
        problems: &[],
    },
    Call {
        method: HttpMethod::Get,
        path: "/v1/certificates",
        id: "certificates",
        summary: "This bank's certificates",
        description: "Those on all tokens whose issuer the caller's profile names. Never asks for \
                      a PIN. A page picks the certificate of its login by `id`, never the first.",
        after: false,
        body: None,
        answers: &[ok("The certificates.", "CertificateList")],
        problems: &[
            Code::ModuleMissing,
            Code::ModuleFailed,
            Code::JournalUnavailable,
        ],
    },
    Call {
        method: HttpMethod::Post,
        path: "/v1/challenges",
        id: "challenge",
        summary: "A nonce of the agent's",
        description: "For a request that the bank signs. Takes no body.",
        after: false,
        body: None,
        answers: &[Answer {
            status: 201,
            description: "The nonce.",
            media: JSON,
            schema: "Challenge",
        }],
        problems: &[],
    },
    Call {
        method: HttpMethod::Post,
        path: "/v1/renewals",
        id: "begin",
        summary: "Begin a renewal or an acquisition, or find it again",
        description: "Answers at once; the person is asked afterwards. Idempotent per certificate, \
                      or per subject: as long as a renewal or acquisition of it has not ended, it \
                      is found again. A renewal that is found with another nonce, or from another \
                      origin, gets a fresh proof over the same request; another origin waits here \
                      until the person agrees. An acquisition keeps its nonce, and one that is \
                      done is found again by it, so that its receipt is not lost.",
        after: false,
        body: Some("BeginRenewal"),
        answers: &[
            ok("The renewal that was begun before.", "RenewalView"),
            Answer {
                status: 201,
                description: "A new renewal.",
                media: JSON,
                schema: "RenewalView",
            },
        ],
        problems: &[
            Code::CertificateNotFound,
            Code::TooEarly,
            Code::TooLate,
            Code::RenewalNotFound,
            Code::WrongState,
            Code::ConsentDeclined,
            Code::PromptCancelled,
            Code::PromptTimedOut,
            Code::PromptUnavailable,
            Code::RequestSignatureInvalid,
            Code::ModuleMissing,
            Code::ModuleFailed,
            Code::JournalUnavailable,
        ],
    },
    Call {
        method: HttpMethod::Get,
        path: "/v1/renewals/{id}",
        id: "renewal",
        summary: "A renewal",
        description: "Where it stands, with the request and the old key's proof once they are \
                      there, the receipt once the new key is proven, and the problem if it ended \
                      without a certificate.",
        after: false,
        body: None,
        answers: &[ok("The renewal.", "RenewalView")],
        problems: &[Code::RenewalNotFound, Code::JournalUnavailable],
    },
    Call {
        method: HttpMethod::Get,
        path: "/v1/renewals/{id}/events",
        id: "events",
        summary: "A renewal's progress",
        description: "A stream, to be read by `fetch`: newline-delimited JSON, one `Progress` a \
                      line, first what came after `after`, then what happens, until the renewal \
                      ends. Empty lines keep the connection alive and mean nothing. The agent may \
                      end the stream at any line: ask again with the last revision seen.",
        after: true,
        body: None,
        answers: &[Answer {
            status: 200,
            description: "Lines of `Progress`.",
            media: "application/x-ndjson",
            schema: "Progress",
        }],
        problems: &[
            Code::BadRequest,
            Code::RenewalNotFound,
            Code::JournalUnavailable,
        ],
    },
    Call {
        method: HttpMethod::Put,
        path: "/v1/renewals/{id}/certificate",
        id: "deliver",
        summary: "The CA's answer",
        description: "The certificate, or that the CA answers later. Answers as soon as the \
                      certificate is checked; a refused one is a problem with status 422, the \
                      renewal goes on waiting, and nothing was written to the token.",
        after: false,
        body: Some("CertificateAnswer"),
        answers: &[ok("The renewal, one step on.", "RenewalView")],
        problems: &[
            Code::RenewalNotFound,
            Code::WrongState,
            Code::CertificateUnreadable,
            Code::CertificateKeyMismatch,
            Code::CertificateSubjectMismatch,
            Code::CertificateUntrusted,
            Code::CertificateExpired,
            Code::CertificateNotYetValid,
            Code::CertificateNotLater,
            Code::CertificateWrongUsage,
            Code::JournalUnavailable,
        ],
    },
    Call {
        method: HttpMethod::Post,
        path: "/v1/renewals/{id}/outcome",
        id: "outcome",
        summary: "The bank's word",
        description: "What the bank saw or did, by which the old certificate is retired.",
        after: false,
        body: Some("Outcome"),
        answers: &[ok("The renewal.", "RenewalView")],
        problems: &[
            Code::RenewalNotFound,
            Code::WrongState,
            Code::JournalUnavailable,
        ],
    },
    Call {
        method: HttpMethod::Delete,
        path: "/v1/renewals/{id}",
        id: "cancel",
        summary: "Cancel a renewal",
        description: "Closes its dialog, removes its new key, keeps the old certificate. Refused \
                      once the new certificate is being installed.",
        after: false,
        body: None,
        answers: &[ok("The renewal, cancelled.", "RenewalView")],
        problems: &[
            Code::RenewalNotFound,
            Code::WrongState,
            Code::JournalUnavailable,
        ],
    },
];
