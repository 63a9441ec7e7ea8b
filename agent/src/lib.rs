//! The agent `koshin` as a library: everything but the few lines of `main`.
//!
//! This crate never names PKCS#11 or cryptoki (pkcs11-bridge does), never decides what a
//! renewal does next (protocol does), never listens on anything but loopback and a socket of
//! its own user, and never keeps a PIN outside [`prompt`] and [`driver`].

pub mod bridge;
pub mod cli;
pub mod clock;
pub mod config;
pub mod control;
pub mod daemon;
pub mod dashboard;
pub mod doctor;
pub mod driver;
pub mod failure;
pub mod journal;
pub mod language;
pub mod notify;
pub mod os;
pub mod profile;
pub mod prompt;
pub mod support;
#[cfg(test)]
mod testing;
pub mod tray;
pub mod watch;
