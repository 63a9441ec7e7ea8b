//! Descriptors that the event loop waits for.

use std::{io, os::fd::OwnedFd};

use tokio::io::unix::AsyncFd;

/// Has the event loop wait for a descriptor.
///
/// # Errors
/// When the system cannot wait for it.
#[expect(
    deprecated,
    reason = "what replaces it has the caller promise, in an unsafe block, that the descriptor \
              stays the same: an OwnedFd's does"
)]
pub(super) fn wait_for(descriptor: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    AsyncFd::new(descriptor)
}
