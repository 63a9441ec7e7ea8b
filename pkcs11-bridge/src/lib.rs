//! Tokens over PKCS#11, each vendor module in a worker process of its own.
//!
//! This crate never decides (protocol does), never talks to a person or a network, never
//! prints, and never loads a module into the process that called it: only [`worker`] does.
//! It never keeps an object handle across operations, never tries a PIN a second time, and
//! never counts a write, a removal or a signature before it has checked it.
//!
//! The caller's side is [`client::list`] for what is on all tokens, without a login, and
//! [`Lease`] for work on one. Behind both stands a worker process ([`worker`]) that serves
//! exactly one listing or one lease and is then gone: a login belongs to a process, so a
//! process per lease is what keeps one renewal's login from another, lets a crash touch one
//! lease only, and makes every lease the "fresh process" that a proof of a new key needs.

pub mod client;
pub mod discovery;
pub mod inventory;
pub mod keys;
pub mod lease;
pub mod pin;
pub mod readers;
pub mod token;
pub mod worker;

mod certs;
mod error;
mod frame;
mod halves;
mod limits;
mod locate;
mod message;
mod module;
mod object;
mod session;
mod sign;
mod spki;

pub use client::{ModuleListing, Spare, TokenListing, WorkerLauncher, list, list_each, tokens};
pub use discovery::discover;
pub use error::TokenError;
pub use halves::{Class, Halves};
pub use inventory::{CertificateEntry, Inventory, KeyEntry, KeyStatus};
pub use keys::{KeyType, KnownAs, NewKey};
pub use lease::Lease;
pub use module::ModuleSpec;
pub use pin::Pin;
pub use token::{PinStatus, TokenInfo, TokenUri};
