//! The crate against SoftHSM2, with pkcs11-tool and openssl as judges.
//!
//! Each test has a token folder of its own. The worker is this very program: see
//! [`harness::launcher`].

#![allow(clippy::unwrap_used)]

mod certificate;
mod harness;

mod crashes;
mod keys;
mod leases;
mod leftovers;
mod listing;
mod login;

/// The worker process of the other tests, where they start it as one.
#[test]
fn token_worker() {
    if harness::plays("worker") {
        let _ = pkcs11_bridge::worker::run_inherited();
    }
}
