//! What Koshin exchanges and decides.
//!
//! This crate never does I/O, never reads a clock, never draws randomness and never names
//! PKCS#11: time, random bytes and signatures come in as arguments, decisions and bytes go out.

pub mod accept;
mod asn1;
pub mod bridge;
pub mod certificate;
pub mod csr;
mod pem;
pub mod proof;
pub mod renewal;
pub mod schedule;
pub mod signature;
mod testing;
