//! The harness of the end-to-end tests: a real token, the real agent, the reference bank and the
//! programs that judge what came out.
//!
//! Everything lives in a temporary folder of its own, so that tests run side by side. Nothing
//! here waits by the clock alone: every wait is for a line, a file or an answer, with a limit.

pub mod agent;
pub mod programs;
pub mod token;

pub use token::Token;
