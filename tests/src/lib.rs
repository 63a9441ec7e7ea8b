//! The harness of the end-to-end tests: a real token, the real agent, the reference bank and the
//! programs that judge what came out.
//!
//! Everything lives in a temporary folder of its own, so that tests run side by side. Nothing
//! here waits by the clock alone: every wait is for a line, a file or an answer, with a limit.

pub mod aftermath;
pub mod agent;
pub mod bank;
pub mod bank_process;
pub mod clock;
pub mod course;
pub mod curl;
pub mod desktop;
pub mod faults;
pub mod loopback;
pub mod mailbox;
pub mod office;
pub mod pinentry;
pub mod programs;
pub mod scene;
pub mod secret;
pub mod smartcard;
pub mod software;
pub mod token;
pub mod visit;
pub mod watching;

pub use agent::{Agent, Home};
pub use bank::OpenBank;
pub use bank_process::BankProcess;
pub use clock::StandingClock;
pub use course::Course;
pub use faults::Faults;
pub use loopback::Loopback;
pub use office::{Member, Office, Sharing};
pub use pinentry::{Answer, Person};
pub use scene::{Customer, Scene};
pub use token::Token;
pub use visit::Visit;
