//! Tokens over PKCS#11, each vendor module in a worker process of its own.
//!
//! This crate never decides (protocol does), never talks to a person or a network, never
//! prints, and never loads a module into the process that called it.

pub mod pin;
pub mod readers;

pub use pin::Pin;
