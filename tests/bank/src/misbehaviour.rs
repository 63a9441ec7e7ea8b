//! What a CA may get wrong, on demand: so that a test can see the agent refuse it.

/// One wrong answer instead of the right one. It stays until it is taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misbehaviour {
    /// Issues for any well-formed request of the session: proof, key, subject and period are not
    /// checked.
    AcceptAnything,
    /// The certificate is for a key of the CA's own.
    WrongKey,
    /// The certificate is for another person.
    OtherSubject,
    /// The certificate is from a CA with the right names and wrong keys.
    OtherIssuer,
    /// The certificate expired yesterday.
    Expired,
    /// The certificate's validity begins so many seconds from now.
    NotYetValid(i64),
    /// The certificate ends no later than the old one.
    NotLater,
    /// The certificate is for servers.
    WrongUsage,
    /// The answer is so many bytes that are no certificate.
    Rubbish(usize),
    /// So many answers say that the certificate comes later; then it comes.
    Pending {
        /// How often it is not ready.
        answers: u32,
        /// Seconds after which it may be asked for again.
        retry_after: u64,
    },
    /// The CA issues, and the answer is lost: HTTP 500.
    AnswerLost,
    /// The CA issues nothing: HTTP 503.
    OutOfService,
}

/// The form of the CA's answer: each is one that a real CA uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AnswerForm {
    /// PEM: the certificate, then the issuing CA.
    #[default]
    Pem,
    /// PEM: the root, the issuing CA, the certificate.
    PemRootFirst,
    /// Base64 of the certificate's DER, without its chain.
    Base64,
    /// Base64 of a certs-only CMS (RFC 5652), in lines of 64.
    Pkcs7,
}
