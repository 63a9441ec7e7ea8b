//! The loopback API, version 1: what a bank's page and the agent say to each other.

mod begin;
mod identifier;
mod message;
mod openapi;
mod problem;
pub mod signed_request;

pub use begin::{BeginRenewal, Target, TargetError};
pub use identifier::{CertificateId, IdentifierError, Nonce};
pub use message::{
    Agent, Capability, Certificate, CertificateAnswer, CertificateList, Challenge, CurrentKey,
    DeliveredCertificate, KeyStatus, Kind, Outcome, PendingAnswer, Progress, RenewalView, State,
    Status, TokenSummary, WaitReason, WrongCodeAnswer,
};
pub use openapi::openapi;
pub use problem::{Problem, ProblemCode};

/// The API's version as it stands in every path and in [`Agent::api`].
pub const API_VERSION: &str = "v1";

/// The first port that an agent tries, and that a page probes.
pub const FIRST_PORT: u16 = 47110;

/// How many ports the range has: one for each of 64 sessions on a terminal server.
pub const PORT_COUNT: u16 = 64;

/// The largest body that the agent reads, in bytes.
pub const MAX_BODY: usize = 64 * 1024;
